"""The bodies and answers of proving who one is: second factors, passkeys, recovery codes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, field_validator
from webauthn import base64url_to_bytes

from florin_chassis.http.bodies import Body, Line
from florin_identity.api.schemas import Answer, GivenPassword
from florin_identity.models.allowed_addresses import COUNT_MAX, network_of
from florin_identity.models.proofs import Password
from florin_identity.models.second_factors import Assertion, Code, Recovery

Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Network = Annotated[str, StringConstraints(max_length=60), AfterValidator(network_of)]


def _decodable(text: str) -> str:
    base64url_to_bytes(text)  # raises a ValueError
    return text


def _base64url(length_max: int) -> tuple[Any, Any]:
    bounds = StringConstraints(pattern=r"^[A-Za-z0-9_-]+=*$", max_length=length_max)
    return bounds, AfterValidator(_decodable)


class _FromBrowser(Body):
    """As `PublicKeyCredential.toJSON()` gives it, which may say more from one year to the next."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class AttestationResponse(_FromBrowser):
    """What a new passkey's authenticator says."""

    clientDataJSON: Annotated[str, *_base64url(5_000)]  # noqa: N815
    attestationObject: Annotated[str, *_base64url(20_000)]  # noqa: N815
    transports: list[Annotated[str, StringConstraints(max_length=20)]] = Field(
        default=[], max_length=10
    )


class AssertionResponse(_FromBrowser):
    """What a passkey's authenticator signed."""

    clientDataJSON: Annotated[str, *_base64url(5_000)]  # noqa: N815
    authenticatorData: Annotated[str, *_base64url(5_000)]  # noqa: N815
    signature: Annotated[str, *_base64url(5_000)]
    userHandle: Annotated[str, *_base64url(200)] | None = None  # noqa: N815


class _Credential(_FromBrowser):
    id: Annotated[str, *_base64url(1_400)]
    rawId: Annotated[str, *_base64url(1_400)]  # noqa: N815
    type: Literal["public-key"]


class NewCredential(_Credential):
    """What `navigator.credentials.create()` gave."""

    response: AttestationResponse


class SignedCredential(_Credential):
    """What `navigator.credentials.get()` gave."""

    response: AssertionResponse


class GivenCode(Body):
    """What an authenticator app shows."""

    factor: Literal["totp"]
    code: Digits

    def answer(self) -> Code:
        """As the rules take it."""
        return Code(self.code)


class GivenRecoveryCode(Body):
    """An unused recovery code; hyphens, spaces and capitals do not matter."""

    factor: Literal["recovery_code"]
    code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z2-7 -]{16,40}$")]

    def answer(self) -> Recovery:
        """As the rules take it."""
        return Recovery(self.code)


class GivenPasskey(Body):
    """The challenge, signed by a passkey."""

    factor: Literal["passkey"]
    credential: SignedCredential

    def answer(self) -> Assertion:
        """As the rules take it."""
        return Assertion(self.credential.model_dump(exclude_none=True))


class GivenPasswordAgain(Body):
    """The user's password."""

    factor: Literal["password"]
    password: GivenPassword

    def answer(self) -> Password:
        """As the rules take it."""
        return Password(self.password.get_secret_value())


GivenFactor = Annotated[GivenCode | GivenRecoveryCode | GivenPasskey, Field(discriminator="factor")]
GivenProof = Annotated[
    GivenCode | GivenRecoveryCode | GivenPasskey | GivenPasswordAgain,
    Field(discriminator="factor"),
]


class AnsweredChallenge(Body):
    """The challenge of a sign-in that is half done, and a second factor."""

    challenge: Token
    proof: GivenFactor


class PasskeySignIn(Body):
    """A challenge, and the passkey that signed it."""

    challenge: Token
    credential: SignedCredential


class NewProof(Body):
    """Who one is, once more. A passkey has signed the challenge, which nothing else needs."""

    challenge: Token | None = None
    proof: GivenProof


class NewAuthenticator(Body):
    """What the user calls its authenticator app."""

    name: Line


class FirstCode(Body):
    """What the new authenticator app shows."""

    code: Digits


class NewPasskeyBody(Body):
    """What the user calls the passkey, the challenge, and what the authenticator made of it."""

    name: Line
    challenge: Token
    credential: NewCredential


class NewAllowedAddresses(Body):
    """Networks in CIDR, or single addresses; none means from anywhere."""

    networks: Annotated[list[Network], Field(max_length=COUNT_MAX)]

    @field_validator("networks")
    @classmethod
    def _once_each(cls, networks: list[str]) -> list[str]:
        return list(dict.fromkeys(networks))


class OwnAllowedAddresses(NewAllowedAddresses):
    """Without the present address it is refused, unless that is said to be meant."""

    without_present_address: bool = False


class ChallengeAnswer(Answer):
    """What is still to be answered, and by which kinds of factor.

    `passkey` has the options of `navigator.credentials.get()`, if there are passkeys.
    """

    challenge: str
    factors: list[str]
    expires_in: int
    passkey: Mapping[str, Any] | None


class PasskeyOptionsAnswer(Answer):
    """A challenge, and the options to call the browser's `navigator.credentials` with."""

    challenge: str
    expires_in: int
    options: Mapping[str, Any]


class ProofAnswer(Answer):
    """How (RFC 8176) and when the user of the session proved itself, and a token that says so."""

    methods: list[str]
    proved_at: datetime
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int


class AuthenticatorAnswer(Answer):
    """A new authenticator's secret, told only here. It counts once a code has confirmed it."""

    id: UUID
    secret: str
    otpauth_uri: str


class FactorAnswer(Answer):
    """A second factor: `totp` or `passkey`."""

    id: UUID
    kind: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class FactorsAnswer(Answer):
    """The second factors of a user."""

    factors: list[FactorAnswer]
    recovery_codes_left: int
    demanded: bool


class RecoveryCodesAnswer(Answer):
    """Ten codes, told only here."""

    codes: list[str]


class AllowedAddressesAnswer(Answer):
    """From where a user may sign in; no networks mean from anywhere."""

    networks: list[str]
