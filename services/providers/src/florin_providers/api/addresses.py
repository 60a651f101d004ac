"""Addresses on the web, and the languages that are spoken there."""

from typing import Annotated

from babel import Locale, UnknownLocaleError
from pydantic import (
    AfterValidator,
    StringConstraints,
    TypeAdapter,
    UrlConstraints,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import Url

_URL = TypeAdapter[Url](Annotated[Url, UrlConstraints(allowed_schemes=["https"])])


def _https(text: str) -> str:
    try:
        url = _URL.validate_python(text)
    except ValidationError as error:
        raise ValueError("is no address such as https://example.com/help") from error
    if not url.host or url.username or url.password or not text.isprintable() or " " in text:
        raise ValueError("is no address such as https://example.com/help")
    return str(url)


HttpsUrl = Annotated[
    str,
    StringConstraints(max_length=500),
    AfterValidator(_https),
    WithJsonSchema({"type": "string", "format": "uri", "maxLength": 500}),
]
"""An address that is asked over TLS, and holds no password."""


def _locale(text: str) -> str:
    try:
        known = Locale.parse(text, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"{text!r} is no locale, such as ru-RU") from error
    written = str(known).replace("_", "-")
    if written != text:
        raise ValueError(f"{text!r} is written {written}")
    return text


LocaleTag = Annotated[
    str,
    StringConstraints(min_length=2, max_length=35),
    AfterValidator(_locale),
    WithJsonSchema({"type": "string", "maxLength": 35, "examples": ["en", "ru-RU"]}),
]
"""A language and what of a region belongs to it, as BCP 47 writes it: one that CLDR knows."""
