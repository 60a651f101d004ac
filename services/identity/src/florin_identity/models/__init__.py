"""Tables, rules and refusals of the identity service."""

from florin_identity.models.access import Access
from florin_identity.models.access_rules import AccessRules
from florin_identity.models.allowed_addresses import AllowedAddresses
from florin_identity.models.api_key import ApiKey, TooManyKeys
from florin_identity.models.api_key_use import ApiKeyUse
from florin_identity.models.application import Application, NotForEveryProvider
from florin_identity.models.application_secret import (
    ApplicationSecret,
    KeepsNoSecret,
    TooManySecrets,
)
from florin_identity.models.attempts import Attempt, TooManyAttempts
from florin_identity.models.authenticator import Authenticator
from florin_identity.models.base import Base
from florin_identity.models.challenge import Challenge
from florin_identity.models.client_secret import ClientSecret
from florin_identity.models.credential import Credential, WrongCredentials
from florin_identity.models.due_reckoning import DueReckoning
from florin_identity.models.email_change import EmailChange
from florin_identity.models.impersonation import ImpersonatingAlready, Impersonation
from florin_identity.models.invitation import GrantsMoreThanHeld, InvitationNotValid
from florin_identity.models.known_address import KnownAddress
from florin_identity.models.letter import Letter, LetterKind, LetterStatus
from florin_identity.models.one_time_link import LinkNotValid, LinkPurpose, OneTimeLink
from florin_identity.models.passkey import Passkey
from florin_identity.models.proof import SessionProof
from florin_identity.models.recovery_code import RecoveryCode
from florin_identity.models.refresh_family import RefreshFamily
from florin_identity.models.security_chain import (
    ArchivedSegment,
    Checkpoint,
    SecuritySeal,
    UnsealedEntry,
)
from florin_identity.models.security_log import SecurityAct, SecurityEntry
from florin_identity.models.service_account import AccountDisabled, ServiceAccount
from florin_identity.models.session import Session
from florin_identity.models.signing_key import SigningKey
from florin_identity.models.user import EmailTaken, User, UserNotInvited

__all__ = [
    "Access",
    "AccessRules",
    "AccountDisabled",
    "AllowedAddresses",
    "ApiKey",
    "ApiKeyUse",
    "Application",
    "ApplicationSecret",
    "ArchivedSegment",
    "Attempt",
    "Authenticator",
    "Base",
    "Challenge",
    "Checkpoint",
    "ClientSecret",
    "Credential",
    "DueReckoning",
    "EmailChange",
    "EmailTaken",
    "GrantsMoreThanHeld",
    "ImpersonatingAlready",
    "Impersonation",
    "InvitationNotValid",
    "KeepsNoSecret",
    "KnownAddress",
    "Letter",
    "LetterKind",
    "LetterStatus",
    "LinkNotValid",
    "LinkPurpose",
    "NotForEveryProvider",
    "OneTimeLink",
    "Passkey",
    "RecoveryCode",
    "RefreshFamily",
    "SecurityAct",
    "SecurityEntry",
    "SecuritySeal",
    "ServiceAccount",
    "Session",
    "SessionProof",
    "SigningKey",
    "TooManyAttempts",
    "TooManyKeys",
    "TooManySecrets",
    "UnsealedEntry",
    "User",
    "UserNotInvited",
    "WrongCredentials",
]
