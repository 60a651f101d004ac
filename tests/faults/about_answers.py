"""I5, I6, I7 and I12: what callers were told, and whether it was true."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.faults.effects import CREATED_BY
from tests.faults.evidence import Evidence, KeptAnswer
from tests.faults.history import History, Operation, Outcome

UNNOTICED: Final = frozenset({"rolling-restart", "two-versions", "key-rotation"})
_CREATED, _FIRST_ERROR = 201, 400
_NOT_FOUND, _INTERNAL = 404, 500


def one_answer(history: History, evidence: Evidence) -> Iterator[str]:
    """I5: the same key and body get one answer however often, and have one effect."""
    kept = _kept(evidence)
    for operation in history.operations:
        bodies = {repr(attempt.body) for attempt in operation.acknowledged}
        if len(bodies) > 1:
            yield f"{_named(operation)} got {len(bodies)} different answers"
        answers = kept.get(operation.digest, [])
        if len(answers) > 1:
            yield f"{_named(operation)} is kept {len(answers)} times"
        if bodies and answers and repr(answers[0].body) not in bodies:
            yield f"{_named(operation)} is kept with another answer than was given"
    claims = Counter(_made(answer.body) for answer in _created(evidence))
    for event in evidence.events:
        if event.type not in CREATED_BY.values() or event.stated.sequence > 1 or event.cause:
            continue  # what an event caused is nobody's request: I2 counts it
        count = claims[str(event.stated.subject)]
        if count != 1:
            yield f"{event.type} {event.stated.subject} is the effect of {count} keys"


def kept_promises(history: History, evidence: Evidence) -> Iterator[str]:
    """I6: what was acknowledged is there; what was refused, or broke a rule, left nothing."""
    made = {(event.type, str(event.stated.subject)) for event in evidence.events}
    kept = _kept(evidence)
    for operation in history.operations:
        effect = CREATED_BY.get(operation.kind)
        for attempt in operation.acknowledged[:1] if effect else ():
            if (effect, _made(attempt.body)) not in made:
                yield f"{_named(operation)} was acknowledged and is lost"
            if operation.digest not in kept:
                yield f"{_named(operation)} was acknowledged and its answer is not kept"
        if operation.outcome in {Outcome.REFUSED, Outcome.NOT_NOW}:
            for answer in kept.get(operation.digest, ()):
                if answer.status < _FIRST_ERROR:
                    yield f"{_named(operation)} was refused and has happened"


def own_writes(history: History, evidence: Evidence) -> Iterator[str]:
    """I7: a read that follows a write knows of it, or says that it may be stale."""
    del evidence
    for read in history.reads:
        answered = read.outcome is Outcome.OK or read.status == _NOT_FOUND
        if read.holds is False and answered and not read.stale:
            yield f"{read.kind} at {read.started:.3f} s did not know of the write before it"


def own_tenant(history: History, evidence: Evidence) -> Iterator[str]:
    """I12: no answer to a client names another client."""
    del evidence
    for attempt in history.attempts:
        if attempt.client and (foreign := set(_clients(attempt.body)) - {attempt.client}):
            yield f"{attempt.kind} of client {attempt.client} was told of {sorted(foreign)}"


def no_internal_errors(history: History, evidence: Evidence) -> Iterator[str]:
    """No answer is a 500: whatever is done to the system, a fault is named."""
    del evidence
    for attempt in history.attempts:
        if attempt.status == _INTERNAL:
            yield f"{attempt.kind} was answered 500 during {attempt.fault}: {attempt.body}"


def no_interruption(history: History, evidence: Evidence) -> Iterator[str]:
    """Replicas and keys that are replaced in order are not noticed: each answer comes, no 5xx."""
    del evidence
    for attempt in history.attempts:
        failed = attempt.status is None or attempt.status >= _INTERNAL
        if attempt.fault in UNNOTICED and failed:
            yield f"{attempt.kind} at {attempt.started:.3f} s got {attempt.status}: {attempt.body}"


def _kept(evidence: Evidence) -> Mapping[str, list[KeptAnswer]]:
    found: dict[str, list[KeptAnswer]] = defaultdict(list)
    for service in evidence.services.values():
        for answer in service.answers:
            found[answer.digest].append(answer)
    return found


def _created(evidence: Evidence) -> list[KeptAnswer]:
    """The answers that tell of something new; others may tell of what had been there."""
    return [
        answer
        for service in evidence.services.values()
        for answer in service.answers
        if answer.status == _CREATED
    ]


def _made(body: Any) -> str:
    """The id of the aggregate that an answer tells of; a registration's is its user."""
    if not isinstance(body, dict):
        return ""
    return str(body.get("user", body).get("id", ""))


def _named(operation: Operation) -> str:
    return f"{operation.kind} {operation.key}"


def _clients(body: Any) -> Iterator[str]:
    """Every client that an answer names, at any depth."""
    if isinstance(body, list):
        for item in body:
            yield from _clients(item)
    elif isinstance(body, dict):
        for name, value in body.items():
            if name == "client_id" and isinstance(value, str):
                yield value
            else:
                yield from _clients(value)
