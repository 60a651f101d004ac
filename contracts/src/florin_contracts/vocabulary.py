"""Vocabularies that may grow: an older reader keeps a word that it does not know."""

from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue

E = TypeVar("E", bound=StrEnum)


class _KnownSoFar:
    """Says in the JSON Schema which words there are today, and that there may be others."""

    def __get_pydantic_json_schema__(
        self, core_schema: Any, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        choices = handler(core_schema)["anyOf"]
        known = next(handler.resolve_ref_schema(choice) for choice in choices if "$ref" in choice)
        return {"type": "string", "examples": known["enum"], "description": known["description"]}


Open = Annotated[E | str, Field(union_mode="left_to_right"), _KnownSoFar()]
"""`Open[InvoiceStatus]` in an event: a member where the word is known, the plain string where not.

A closed enum in an event could never get another member without a new version of the event, since
readers of the last release would refuse it. Request bodies name the enum itself, and are closed.
"""
