"""`/registrations`: a client registers itself."""

from fastapi import Response

from florin_chassis.http.endpoint import PUBLIC, BeginTransaction, Router
from florin_chassis.http.etags import tag
from florin_chassis.ids import new_id
from florin_contracts.identity import ClientRegistration
from florin_identity.api.schemas import NewRegistration, RegistrationAnswer
from florin_identity.api.tools import CurrentHasher
from florin_identity.use_cases.register_client import register_client

router = Router(tags=["registrations"])


@router.post("/registrations", permission=PUBLIC, response_model=RegistrationAnswer)
async def post_registration(
    body: NewRegistration, hasher: CurrentHasher, begin: BeginTransaction, response: Response
) -> dict[str, object]:
    registration = ClientRegistration(
        client_id=new_id(),
        provider_id=body.provider_id,
        name=body.name,
        country=body.country,
    )
    password = body.password.get_secret_value()
    user = await register_client(
        registration, body.email, password, hasher, begin, body.accepted_terms
    )
    return {"user": tag(response, user), "client_id": registration.client_id}
