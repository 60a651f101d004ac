"""How documents are numbered: a template for each type of document, and the period it counts in."""

import re
from datetime import date
from enum import StrEnum
from typing import Final

from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class DocumentType(StrEnum):
    """What is numbered."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    ACT = "act"
    RECEIPT = "receipt"
    RECONCILIATION = "reconciliation"


class NumberingPeriod(StrEnum):
    """How long one count goes on before it begins again with 1."""

    YEAR = "year"
    MONTH = "month"
    NONE = "none"


PLACEHOLDER: Final = re.compile(r"\{(number|year|month|prefix)(?::([1-9]))?\}")


class NumberingTemplate(Value):
    """The numbers of one type of document, for example `INV-{year}-{number:6}`.

    `{number:6}` is padded with zeros to six digits; `{year}` has four, `{month}` two; `{prefix}` is
    the company's own.
    """

    document_type: Open[DocumentType]
    period: Open[NumberingPeriod]
    template: str
    """Text with the placeholders number, year, month and prefix."""

    def series(self, day: date) -> str:
        """The count that a day belongs to: `2026`, `2026-03`, or the one that never ends."""
        by_period = {NumberingPeriod.YEAR: f"{day:%Y}", NumberingPeriod.MONTH: f"{day:%Y-%m}"}
        return by_period.get(NumberingPeriod(self.period), "")

    def render(self, number: int, day: date, prefix: str = "") -> str:
        """The number as documents show it."""
        values = {"year": f"{day:%Y}", "month": f"{day:%m}", "prefix": prefix}

        def filled(found: re.Match[str]) -> str:
            name, width = found.groups()
            return f"{number:0{width or 1}}" if name == "number" else values[name]

        return PLACEHOLDER.sub(filled, self.template)


DEFAULT_TEMPLATES: Final = {
    kind: NumberingTemplate(
        document_type=kind,
        period=NumberingPeriod.YEAR,
        template=f"{letters}-{{year}}-{{number:6}}",
    )
    for kind, letters in (
        (DocumentType.INVOICE, "INV"),
        (DocumentType.CREDIT_NOTE, "CN"),
        (DocumentType.ACT, "ACT"),
        (DocumentType.RECEIPT, "RCP"),
        (DocumentType.RECONCILIATION, "REC"),
    )
}
"""What a company counts by until it says otherwise."""
