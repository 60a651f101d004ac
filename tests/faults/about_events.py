"""I1, I2, I3 and I8: events, their way to others, and the rows that they speak of."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from tests.faults.effects import EFFECTS, TOGETHER
from tests.faults.evidence import Evidence, ServiceEvidence, StatedEvent
from tests.faults.history import History
from tests.shared.databases import Stated


def same_everywhere(history: History, evidence: Evidence) -> Iterator[str]:
    """I1: committed, on Kafka and received are the same events, each life without a gap."""
    del history
    stated = _by_topic(evidence.events)
    for topic in sorted(stated.keys() | evidence.kafka.keys()):
        committed = {event.stated.event_id for event in stated.get(topic, [])}
        published = {event.event_id for event in evidence.kafka.get(topic, ())}
        yield from (f"zombie record: {topic} {lost} not on Kafka" for lost in committed - published)
        yield from (f"ghost message: {topic} {ghost} on Kafka" for ghost in published - committed)
        for reader in evidence.readers.get(topic, ()):
            received = evidence.services[reader].received.keys()
            yield from (f"{reader} has not received {topic} {i}" for i in committed - received)
        yield from _stale_states(topic, stated.get(topic, []), evidence.states.get(topic, {}))
    committed_anywhere = {event.stated.event_id for event in evidence.events}
    for name, service in evidence.services.items():
        ghosts = service.received.keys() - committed_anywhere
        yield from (f"{name} received {ghost}, which nobody stated" for ghost in ghosts)
        yield from (f"{name} has parked {parked}" for parked in service.parked)
        for topic, events in _by_topic(service.events).items():
            yield from _gaps(f"{name}'s {topic}", (event.stated for event in events))
    for topic, published_events in evidence.kafka.items():
        yield from _gaps(f"{topic} on Kafka", dict.fromkeys(published_events))


def _stale_states(
    topic: str, events: Iterable[StatedEvent], states: Mapping[UUID, int | None]
) -> Iterator[str]:
    """Aggregates whose last state on Kafka is not that of their last event."""
    for subject, life in _lives(event.stated for event in events).items():
        if (version := states.get(subject, 0)) not in {None, max(life)}:
            yield f"{topic}-state holds {subject} as of {version}, stated last is {max(life)}"


def _by_topic(events: Iterable[StatedEvent]) -> Mapping[str, list[StatedEvent]]:
    found: dict[str, list[StatedEvent]] = defaultdict(list)
    for event in events:
        found[event.topic].append(event)
    return found


def _gaps(where: str, events: Iterable[Stated]) -> Iterator[str]:
    """Lives that are not 1, 2, 3 …, in the order in which their events first appear."""
    for subject, life in _lives(events).items():
        if life != [*range(1, len(life) + 1)]:
            yield f"{where}: the life of {subject} is {life}"


def _lives(events: Iterable[Stated]) -> Mapping[UUID, list[int]]:
    lives: dict[UUID, list[int]] = defaultdict(list)
    for event in events:
        lives[event.subject].append(event.sequence)
    return lives


def one_effect(history: History, evidence: Evidence) -> Iterator[str]:
    """I2: whatever an event causes exists once, and what it must cause exists."""
    del history
    caused = Counter((event.cause, event.type) for event in evidence.events if event.cause)
    for (cause, effect), count in caused.items():
        if count > TOGETHER.get(effect, 1):
            yield f"event {cause} had {count} effects {effect}"
    for event in evidence.events:
        for rule in EFFECTS:
            if event.type == rule.cause and not caused[event.stated.event_id, rule.effect]:
                yield f"{event.type} {event.stated.event_id} had no effect {rule.effect}"


def in_order(history: History, evidence: Evidence) -> Iterator[str]:
    """I3: no consumer handled an aggregate's later event before an earlier one."""
    del history
    newest = {
        (topic, subject): max(life)
        for topic, events in _by_topic(evidence.events).items()
        for subject, life in _lives(event.stated for event in events).items()
    }
    for name, service in evidence.services.items():
        yield from _out_of_order(name, service.received, evidence)
        for topic, subject, sequence in service.projections:
            if sequence != newest.get((topic, subject)):
                last = newest.get((topic, subject))
                yield f"{name} keeps {topic} {subject} as of {sequence}, stated last is {last}"


def _out_of_order(
    name: str, received: Mapping[UUID, datetime], evidence: Evidence
) -> Iterator[str]:
    last: dict[tuple[str, UUID], datetime] = {}
    for event in sorted(evidence.events, key=lambda event: event.stated.sequence):
        moment = received.get(event.stated.event_id)
        aggregate = (event.topic, event.stated.subject)
        if moment is None:
            continue
        if moment < last.get(aggregate, moment):
            yield f"{name} handled {event.stated} before what had come before it"
        last[aggregate] = max(moment, last.get(aggregate, moment))


def together(history: History, evidence: Evidence) -> Iterator[str]:
    """I8: an aggregate's version, its events and the audit's rows tell the same."""
    del history
    for name, service in evidence.services.items():
        yield from _apart(name, service)


def _apart(name: str, service: ServiceEvidence) -> Iterator[str]:
    stated, audited = {event.stated for event in service.events}, set(service.audit)
    yield from (f"{name}: {event} has no row in the audit" for event in stated - audited)
    yield from (f"{name}: the audit tells of {act}, which is no event" for act in audited - stated)
    lives = _lives(stated)
    for subject in lives.keys() | service.versions.keys():
        version, events = service.versions.get(subject, 0), len(lives.get(subject, ()))
        if version != events:
            yield f"{name}: {subject} has version {version} and {events} events"
