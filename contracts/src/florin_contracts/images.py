"""A picture that a service keeps, as others are told of it."""

from florin_contracts.values import Value


class Image(Value):
    """A picture by its digest and place; whoever shows it asks there, and may keep it as such."""

    sha256: str
    """The SHA-256 of its bytes, in hexadecimal; the same picture has the same."""
    path: str
    """Where the gateway answers it."""
