"""An amount of money as two columns, where the database has to add amounts up."""

from sqlalchemy.orm import Mapped

from florin_contracts.money import Money


class Amounted:
    """Mixed into a table whose rows are worth an `amount`."""

    amount_minor: Mapped[int]
    currency: Mapped[str]

    @property
    def amount(self) -> Money:
        """What the row is worth."""
        return Money(minor=self.amount_minor, currency=self.currency)

    @amount.setter
    def amount(self, amount: Money) -> None:
        self.amount_minor, self.currency = amount.minor, amount.currency
