"""One run over a live system: take the cut, read up to it, hold it against the rules."""

from dataclasses import dataclass
from typing import Final

from florin_operations.log import log_of
from florin_operations.options import Scope
from florin_operations.verifying import rules
from florin_operations.verifying.cut import Cut, take_cut
from florin_operations.verifying.evidence import Evidence, evidence
from florin_operations.verifying.reading import Progress, Reader
from florin_operations.verifying.rows import check_rows
from florin_operations.verifying.rules import Breach
from florin_operations.verifying.suspects import Suspects

_COUNTS: Final = {
    "events committed": "SELECT 1 FROM stated WHERE settled",
    "events committed, not yet confirmed by the relay": "SELECT 1 FROM stated WHERE NOT settled",
    "records on Kafka": "SELECT 1 FROM logged",
    "records sent again": "SELECT 1 FROM logged GROUP BY event, topic HAVING count(*) > 1",
    "events in inboxes": "SELECT 1 FROM handled",
    "events parked": "SELECT 1 FROM parked",
    "acts in the audit": "SELECT 1 FROM audited",
}


@dataclass(frozen=True)
class Verification:
    """What was looked at, and every rule that did not hold."""

    checked: dict[str, int]
    breaches: list[Breach]


async def verify_system(scope: Scope, progress: Progress, most: int) -> Verification:
    """Hold I1, I2, I3 and I8 against the services in scope. How it is fair under load: `cut`."""
    with evidence() as found:
        async with log_of(scope.installation) as log:
            cut = await take_cut(scope, log)
            reader = Reader(scope, cut, found, progress)
            await reader.read_log(log)
        for service in scope.services:
            await reader.read_outbox(service)
        for service in scope.services:
            await reader.read_inbox(service)
        for service in scope.services:
            await reader.read_audit(service)
        for service in scope.services:
            await reader.read_rest_of_outbox(service)
        found.index()
        breaches = [_out_of_reach(cut), *_broken(found, most)]
        suspects = Suspects(scope, found, most)
        breaches += [await suspects.ghosts(), await suspects.unhandled()]
        breaches.append(await suspects.unknown_effects())
        for service in scope.services:
            breaches += await check_rows(scope, service, progress, most)
        checked = {name: found.count(query) for name, query in _COUNTS.items()}
    return Verification(checked, [breach for breach in breaches if breach.count])


def _broken(found: Evidence, most: int) -> list[Breach]:
    breaches = []
    for rule in rules.RULES:
        breach = Breach(rule.invariant, rule.name)
        for answer in found.ask(rule.question):
            breach.count += 1
            if len(breach.examples) < most:
                breach.examples.append(rule.told.format(*answer))
        breaches.append(breach)
    return breaches


def _out_of_reach(cut: Cut) -> Breach:
    """Topics that are not there, and positions past the end of a log that was wiped."""
    examples = [f"there is no topic {topic}" for topic in sorted(cut.missing_topics)]
    ends = {(p.topic, p.partition): bound.end for p, bound in cut.log.items()}
    examples += [
        f"{service}: {topic}, partition {partition}: position {next_} is past the end {end}"
        for service, positions in cut.consumed.items()
        for (topic, partition), next_ in positions.items()
        if (end := ends.get((topic, partition))) is not None and next_ > end
    ]
    return Breach("I1", "the log lacks what it held", len(examples), examples)
