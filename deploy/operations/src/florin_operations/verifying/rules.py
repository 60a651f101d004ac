"""The rules that the evidence must keep, each a question whose every answer is a breach.

`I1`, `I2` and `I3` are the invariants of the same names: committed, Kafka and inbox hold the same
events; one effect per event; sequences of an aggregate go up by one. `I8`: row, event and audit
exist together.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rule:
    """A name that people use for the breach, and how to find those that break it."""

    invariant: str
    name: str
    question: str
    told: str
    """How an answer reads, its columns by number."""


@dataclass
class Breach:
    """A rule that is broken: how often, and some of those that break it."""

    invariant: str
    name: str
    count: int = 0
    examples: list[str] = field(default_factory=list)


FIRST_RECORDS = """
    SELECT event, topic, partition, subject, sequence, min(record) AS record FROM logged
    WHERE event IS NOT NULL GROUP BY event, topic
"""
"""Where each event stands first: a relay that was killed may have sent it again since."""

RULES = (
    Rule(
        "I1",
        "committed, not on Kafka",
        """SELECT service, topic, subject, sequence, position FROM stated s WHERE settled AND kept
        AND NOT EXISTS (SELECT 1 FROM logged l WHERE l.event = s.event AND l.topic = s.topic)
        ORDER BY position""",
        "{0}: {1}, sequence {3} of {2}, outbox position {4}",
    ),
    Rule(
        "I1",
        "no event of ours on Kafka",
        "SELECT topic, partition, record, fault FROM logged WHERE fault IS NOT NULL",
        "{0}, partition {1}, offset {2}: {3}",
    ),
    Rule(
        "I1",
        "committed and sent differ",
        """SELECT DISTINCT s.service, s.topic, s.subject, s.sequence, l.subject, l.sequence
        FROM stated s JOIN logged l ON l.event = s.event AND l.topic = s.topic
        WHERE l.subject <> s.subject OR l.sequence <> s.sequence""",
        "{0}: {1}, sequence {3} of {2} was sent as {5} of {4}",
    ),
    Rule(
        "I3",
        "sequence broken in the outbox",
        """SELECT service, topic, subject, earlier, sequence FROM (
            SELECT service, topic, subject, sequence,
            lag(sequence) OVER (PARTITION BY topic, subject ORDER BY position) AS earlier
            FROM stated WHERE settled) WHERE sequence <> earlier + 1""",
        "{0}: {1}, {2}: sequence {4} follows {3}",
    ),
    Rule(
        "I3",
        "sequence broken on Kafka",
        f"""SELECT topic, partition, record, subject, earlier, sequence FROM (
            SELECT *, lag(sequence) OVER (PARTITION BY topic, subject ORDER BY partition, record)
            AS earlier FROM ({FIRST_RECORDS})) WHERE sequence <> earlier + 1""",  # noqa: S608
        "{0}, partition {1}, offset {2}, {3}: sequence {5} follows {4}",
    ),
    Rule(
        "I3",
        "one aggregate on two partitions",
        """SELECT topic, subject, count(DISTINCT partition) AS partitions FROM logged
        WHERE event IS NOT NULL GROUP BY topic, subject HAVING partitions > 1""",
        "{0}: {1} stands on {2} partitions",
    ),
    Rule(
        "I2",
        "effect in two transactions",
        """SELECT service, cause, count(DISTINCT stated_us) AS times FROM stated
        WHERE cause IS NOT NULL GROUP BY service, cause HAVING times > 1""",
        "{0}: event {1} had effects in {2} transactions",
    ),
    Rule(
        "I2",
        "effect without its inbox row",
        """SELECT service, topic, subject, sequence, cause FROM stated s
        WHERE settled AND cause IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM handled h WHERE h.reader = s.service AND h.event = s.cause)""",
        "{0}: {1}, sequence {3} of {2} was caused by event {4}, of which the inbox does not know",
    ),
    Rule(
        "I8",
        "event without its audit row",
        """SELECT service, topic, subject, sequence FROM stated s WHERE settled
        AND NOT EXISTS (
            SELECT 1 FROM audited a WHERE a.event = s.event AND a.service = s.service)""",
        "{0}: {1}, sequence {3} of {2}",
    ),
    Rule(
        "I8",
        "audit row without its event",
        """SELECT service, subject, sequence, event FROM audited a
        WHERE judged AND NOT EXISTS (SELECT 1 FROM stated s WHERE s.event = a.event)
        AND a.event NOT IN (SELECT event FROM erased)""",
        "{0}: sequence {2} of {1}, event {3}",
    ),
)

GHOSTS = """
    SELECT DISTINCT event, topic FROM logged l WHERE event IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM stated s WHERE s.event = l.event AND s.topic = l.topic)
"""
"""Events on Kafka that no outbox remembers: ghosts, unless the audit does."""

UNHANDLED = """
    SELECT p.reader, l.event, l.topic, l.partition, l.record FROM positions p
    JOIN logged l ON l.topic = p.topic AND l.partition = p.partition AND l.record < p.next
    WHERE l.event IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM handled h WHERE h.reader = p.reader AND h.event = l.event)
    AND NOT EXISTS (SELECT 1 FROM parked k WHERE k.reader = p.reader AND k.topic = l.topic
        AND k.partition = l.partition AND k.record = l.record)
"""
"""Records before a consumer's position that neither its inbox nor its parked events hold."""

UNKNOWN_EFFECTS = """
    SELECT h.reader, h.event FROM handled h
    WHERE NOT EXISTS (SELECT 1 FROM logged l WHERE l.event = h.event)
    AND NOT EXISTS (SELECT 1 FROM stated s WHERE s.event = h.event)
"""
"""Inbox rows of events that neither log nor outbox remembers: ghosts, unless the audit does."""
