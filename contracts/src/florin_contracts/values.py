"""The frozen base of every value that crosses a service's border."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value.

    Unknown fields are ignored, so that an older reader accepts a newer writer. Attributes of rows
    are read as they are, so that an aggregate can state itself.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)
