"""What the routes of numbering take and answer."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from florin_chassis.http.bodies import Body
from florin_contracts.numbering import (
    PLACEHOLDER,
    DocumentType,
    NumberingPeriod,
    NumberingTemplate,
)


def _readable(template: str) -> str:
    rest = PLACEHOLDER.sub("", template)
    if "{" in rest or "}" in rest:
        raise ValueError("placeholders are {number}, {number:6}, {year}, {month} and {prefix}")
    return template


TemplateText = Annotated[
    str,
    StringConstraints(pattern=r"^[^\s\x00-\x20\x7f-\x9f]{1,60}$"),
    AfterValidator(_readable),
]
Prefix = Annotated[str, StringConstraints(pattern=r"^[^\s{}\x00-\x20\x7f-\x9f]{0,10}$")]


class NewTemplate(Body):
    """How one type of document is numbered."""

    document_type: DocumentType
    period: NumberingPeriod
    template: TemplateText


def _one_each(templates: tuple[NewTemplate, ...]) -> tuple[NewTemplate, ...]:
    if len({template.document_type for template in templates}) < len(templates):
        raise ValueError("a type of document has one template")
    return templates


class NewNumbering(Body):
    """All of a company's templates; types that are left out are numbered by default."""

    prefix: Prefix = ""
    templates: Annotated[tuple[NewTemplate, ...], Field(max_length=20), AfterValidator(_one_each)]

    def to_contract(self) -> tuple[NumberingTemplate, ...]:
        """The templates as they are kept and stated."""
        return tuple(NumberingTemplate.model_validate(t.model_dump()) for t in self.templates)


class Previewed(BaseModel):
    """What documents of a day would be numbered, were there none before the first day."""

    date: date
    numbers: tuple[str, ...]


class NumberingPreview(BaseModel):
    """The numbers of some days, in their order."""

    data: tuple[Previewed, ...]
