"""What was issued, what was taken back, and where it was still believed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, by a name of ours; `session` is what it was issued in.

    It was surely there from `issued` on, is surely good until `good_until`, and has surely ended by
    `expires`: what clocks and roundings leave open lies between.
    """

    name: str
    session: str
    issued: float
    good_until: float
    expires: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """A token shown at a door: the gateway, one API process of a service, or a refresh of it.

    `believed` is `None` where the door did not answer, or could not say.
    """

    token: Token
    door: str
    started: float
    ended: float
    believed: bool | None
    fault: str


@dataclass(frozen=True, slots=True)
class Revocation:
    """A token that was taken back: when that was first asked, and when it was acknowledged."""

    token: Token
    kind: str
    asked: float
    acknowledged: float
    fault: str


@dataclass(frozen=True, slots=True)
class Emergency:
    """All signing keys were dropped, and with them every token that was issued before."""

    asked: float
    acknowledged: float
