"""The kinds of text that the catalogue is made of."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters are not allowed")
    return text


Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    AfterValidator(_printable),
]
Description = Annotated[
    str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(_printable)
]
"""One paragraph."""
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]
