"""The relay's bookkeeping: nothing that commits is forgotten, whatever the order it shows up in."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from florin_chassis.road.gaps import Window


def test_ids_without_gaps_move_the_position() -> None:
    window = Window(10)
    window.see([11, 12, 13])
    assert window.position == 13


def test_a_missing_id_holds_the_position_but_not_the_ids_above_it() -> None:
    window = Window(0)
    window.see([1, 3, 4])
    assert (window.position, window.highest) == (1, 4)


def test_a_late_id_fills_its_gap() -> None:
    window = Window(0)
    window.see([1, 5])
    window.see([3])
    assert window.position == 1
    window.see([2, 4])
    assert window.position == 5


def test_a_gap_is_not_dead_while_a_holder_of_then_is_open() -> None:
    window = Window(0)
    window.see([2])
    window.suspect(frozenset({"a", "b"}))
    assert window.resolvable(frozenset({"b", "c"})) == []
    assert len(window.resolvable(frozenset({"c"}))) == 1


def test_a_gap_that_nobody_was_noted_for_is_not_dead() -> None:
    window = Window(0)
    window.see([2])
    assert window.resolvable(frozenset()) == []


@dataclass
class Writer:
    """A transaction that has taken ids and holds the table's lock."""

    ids: list[int] = field(default_factory=list)


class OutboxAndRelay(RuleBasedStateMachine):
    """Writers take ids in order and end in any order; the relay passes as `Relay._pass` does."""

    def __init__(self) -> None:
        super().__init__()
        self.next_id, self.started = 1, 0
        self.writers: dict[str, Writer] = {}
        self.visible: set[int] = set()
        self.committed: set[int] = set()
        self.published: list[int] = []
        self.window = Window(0)
        self.confirmed = 0

    @rule()
    def begin(self) -> None:
        self.started += 1
        self.writers[f"tx{self.started}"] = Writer()

    @precondition(lambda self: self.writers)
    @rule(data=st.data())
    def insert(self, data: st.DataObject) -> None:
        writer = self.writers[data.draw(st.sampled_from(sorted(self.writers)))]
        writer.ids.append(self.next_id)
        self.next_id += 1

    @precondition(lambda self: self.writers)
    @rule(data=st.data(), commits=st.booleans())
    def end(self, data: st.DataObject, commits: bool) -> None:
        ended = self.writers.pop(data.draw(st.sampled_from(sorted(self.writers))))
        if commits:
            self.committed.update(ended.ids)

    @rule(limit=st.integers(1, 5))
    def relay_passes(self, limit: int) -> None:
        new = sorted(i for i in self.committed if i > self.window.highest)[:limit]
        gaps = list(self.window.gaps)
        holders = frozenset(name for name, writer in self.writers.items() if writer.ids)
        dead = self.window.resolvable(holders)
        self.window.suspect(holders)
        late = sorted(i for i in self.committed if any(g.first <= i <= g.last for g in gaps))
        self.published += [*late, *new]
        self.window.see(late)
        self.window.bury(dead)
        self.window.see(new)
        self.confirmed = max(self.confirmed, self.window.position)

    @rule()
    def relay_is_killed_and_starts_again(self) -> None:
        self.window = Window(self.confirmed)

    @invariant()
    def nothing_committed_is_below_the_confirmed_position_unpublished(self) -> None:
        below = {i for i in self.committed if i <= self.confirmed}
        assert below <= set(self.published)

    @invariant()
    def nothing_open_is_below_the_confirmed_position(self) -> None:
        open_ids = [i for writer in self.writers.values() for i in writer.ids]
        assert all(i > self.confirmed for i in open_ids)

    def teardown(self) -> None:
        for name in list(self.writers):
            self.committed.update(self.writers.pop(name).ids)
        for _ in range(self.next_id + 3):
            self.relay_passes(5)
        assert set(self.published) == self.committed
        assert self.window.position == self.window.highest


TestOutboxAndRelay = OutboxAndRelay.TestCase
TestOutboxAndRelay.settings = settings(max_examples=2_000, stateful_step_count=40, deadline=None)


@given(st.lists(st.integers(1, 60), unique=True))
def test_the_gaps_are_exactly_the_ids_not_seen(seen: list[int]) -> None:
    window = Window(0)
    for batch in (sorted(seen[: len(seen) // 2]), sorted(seen[len(seen) // 2 :])):
        window.see(batch)
    missing = {i for gap in window.gaps for i in range(gap.first, gap.last + 1)}
    assert missing == set(range(1, max(seen, default=0) + 1)) - set(seen)
