"""What the routes of service conditions take and answer."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from florin_chassis.http.bodies import Body
from florin_contracts.party import CountryInBody, PayerType
from florin_contracts.providers import ServiceCondition
from florin_providers.api.provider_schemas import ProviderAnswer
from florin_providers.models import ConditionWarnings, Provider, warnings_of


class NewCondition(Body):
    """One rule; a field that is left out matches any payer."""

    company_id: UUID
    country: CountryInBody | None = None
    except_country: CountryInBody | None = None
    payer_type: PayerType | None = None

    @model_validator(mode="after")
    def _can_match(self) -> Self:
        if self.country is not None and self.country == self.except_country:
            raise ValueError("the rule excepts its only country, so it matches no payer")
        return self


class NewConditions(Body):
    """All the rules of a provider, in the order in which they are tried."""

    conditions: Annotated[tuple[NewCondition, ...], Field(max_length=100)]

    def to_contract(self) -> tuple[ServiceCondition, ...]:
        """The rules as they are kept and stated."""
        return tuple(ServiceCondition.model_validate(c.model_dump()) for c in self.conditions)


class ConditionsAnswer(ProviderAnswer):
    """A provider, and what is odd about its conditions."""

    warnings: ConditionWarnings

    @classmethod
    def of(cls, provider: Provider) -> Self:
        """With the warnings of its conditions."""
        answer = ProviderAnswer.model_validate(provider)
        return cls(**dict(answer), warnings=warnings_of(provider.conditions))
