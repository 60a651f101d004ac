"""`/country-packs`: which numbers a party has in a country, for whoever draws a form."""

from pydantic import BaseModel

from florin_chassis.http.endpoint import SIGNED_IN, Router
from florin_contracts.party import CountryInBody
from florin_countries.packs import CountryPack, pack_of, read_packs

router = Router(tags=["companies"])


class CountryPacks(BaseModel):
    """Every pack; a country that is not among them has the one without a country."""

    packs: list[CountryPack]


@router.get("/country-packs", permission=SIGNED_IN, response_model=CountryPacks)
async def get_country_packs() -> CountryPacks:
    return CountryPacks(packs=list(read_packs().values()))


@router.get("/country-packs/{country}", permission=SIGNED_IN, response_model=CountryPack)
async def get_country_pack(country: CountryInBody) -> CountryPack:
    return pack_of(country)
