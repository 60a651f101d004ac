"""I10, and its other half: what was taken back is believed nowhere, what is good everywhere."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tests.faults.evidence import Evidence
from tests.faults.history import History
from tests.faults.outages import Outage
from tests.faults.trust import Emergency, Revocation, Sighting

REVOKED_S_MAX: Final = 1.0
KEYS_DROPPED_S_MAX: Final = 10.0
"""A replica of identity publishes what it has read for seconds; a verifier asks each two."""

RECOVERY_S_MAX: Final = 10.0
"""After an outage: until connections, leases and groups are what they were."""

REFRESH: Final = "refresh"
CLOCK_OF: Final = "clock of "
"""Before a door's name: it has a clock of its own, by which tokens have ended or live on."""

_HEARD: Final = frozenset({"postgres", "kafka", "identity relay"})
_FROM_PROVIDERS: Final = _HEARD | {"providers relay", "identity consumer"}
ROADS: Final[Mapping[str, frozenset[str]]] = {
    "sign out": _HEARD,
    "suspend": _HEARD,
    "take right": _FROM_PROVIDERS,
    "end employee": _FROM_PROVIDERS,
}
"""The parts that a revocation of each kind passes until every verifier has heard of it."""

_KEYS: Final = frozenset({"postgres", "identity"})
_UNAUTHENTICATED = 401
_NEVER = float("inf")


def believed_no_longer(history: History, evidence: Evidence) -> Iterator[str]:
    """I10: a second after its revocation, or once what was out is back, nothing is accepted."""
    del evidence
    outages = history.outages.all()
    shown = [s for s in history.sightings if s.door != REFRESH and s.believed]
    of_token = defaultdict(list)
    for sighting in shown:
        of_token[sighting.token.name].append(sighting)
        if sighting.started > sighting.token.expires and not _is_off(sighting, outages):
            yield f"{sighting.door} believed {sighting.token.name} longer than it lives"
    for revocation in history.revocations:
        yield from _late(revocation, of_token[revocation.token.name], outages)
    for emergency in history.emergencies:
        old = [sighting for sighting in shown if sighting.token.issued < emergency.asked]
        yield from _of_dropped_keys(emergency, old, outages)


def _late(
    revocation: Revocation, believed: Iterable[Sighting], outages: Iterable[Outage]
) -> Iterator[str]:
    for sighting in believed:
        road = ROADS[revocation.kind] | {sighting.door}
        last = _deadline(revocation.acknowledged, REVOKED_S_MAX, road, outages)
        if sighting.started > last:
            took, might = (at - revocation.acknowledged for at in (sighting.started, last))
            yield (
                f"{sighting.door} believed {sighting.token.name} {took:.1f} s after "
                f"{revocation.kind!r} at {revocation.acknowledged:.1f} s, not {might:.1f}, "
                f"during {sighting.fault}"
            )


def _of_dropped_keys(
    emergency: Emergency, believed: Iterable[Sighting], outages: Iterable[Outage]
) -> Iterator[str]:
    for sighting in believed:
        road = _KEYS | {sighting.door}
        last = _deadline(emergency.acknowledged, KEYS_DROPPED_S_MAX, road, outages)
        if sighting.started > last:
            took = sighting.started - emergency.acknowledged
            yield f"{sighting.door} believed a token {took:.1f} s after its key was dropped"


def believed_throughout(history: History, evidence: Evidence) -> Iterator[str]:
    """Whoever holds a good token or refreshes goes on; only an emergency of keys ends tokens."""
    del evidence
    revoked: dict[str, float] = defaultdict(lambda: _NEVER)
    for revocation in history.revocations:
        session = revocation.token.session
        revoked[session] = min(revocation.asked, revoked[session])
    outages = history.outages.all()
    for sighting in [s for s in history.sightings if not _is_off(s, outages)]:
        token = sighting.token
        if sighting.believed is False and sighting.ended < revoked[token.session]:
            if sighting.door == REFRESH:
                yield f"{token.session} was not let on at {sighting.started:.1f} s"
            elif sighting.ended < token.good_until and not _is_dropped(
                history, token.issued, sighting.ended
            ):
                yield f"{sighting.door} refused {token.name}, a good token, in {sighting.fault}"
    for attempt in history.attempts:
        if attempt.status == _UNAUTHENTICATED and not _is_dropped(
            history, attempt.started, attempt.ended
        ):
            yield f"{attempt.kind} at {attempt.started:.1f} s got 401: {attempt.body}"


def _is_off(sighting: Sighting, outages: Iterable[Outage]) -> bool:
    """Whether the door's clock was not everybody's."""
    return any(
        outage.part == CLOCK_OF + sighting.door
        and outage.since <= sighting.ended
        and sighting.started <= outage.until
        for outage in outages
    )


def _is_dropped(history: History, issued: float, seen: float) -> bool:
    """Whether an emergency may have ended a token by then, or not every part knows the new keys."""
    outages = history.outages.all()
    return any(
        emergency.asked <= seen
        and issued <= _deadline(emergency.acknowledged, KEYS_DROPPED_S_MAX, _KEYS, outages)
        for emergency in history.emergencies
    )


def _deadline(
    acknowledged: float, within_s: float, road: Iterable[str], outages: Iterable[Outage]
) -> float:
    """Until when it may not be known yet, for what was out of order on its way."""
    parts, last = frozenset(road), acknowledged + within_s
    for outage in sorted(outages, key=lambda outage: outage.since):
        met = outage.since <= last and outage.until + RECOVERY_S_MAX >= acknowledged
        if outage.part in parts and met:
            last = max(last, outage.until + RECOVERY_S_MAX + within_s)
    return last
