"""Measures two things side by side: by turns, in one run, and the median of the ratios counts.

A machine is faster at one minute than at the next, for everything that runs on it. So a figure
here is never a time alone but a ratio of two readings that follow each other: subject, baseline,
subject, baseline, after one pair that only warms up.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from statistics import median

from tests.bench.servers import Servers

ROUNDS = 5

Reading = Sequence[float]
"""One number for each figure of a benchmark, in the order in which the figures are declared."""

Measure = Callable[[], Reading]


@dataclass(frozen=True)
class Target:
    """What a figure must reach; it is reported, and never ends a run."""

    bound: float
    is_floor: bool

    def is_met(self, value: float) -> bool:
        """Whether the value is on the right side of the bound."""
        return value >= self.bound if self.is_floor else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.is_floor else '≤'} {self.bound:g}"


def at_least(bound: float) -> Target:
    """More is better."""
    return Target(bound, is_floor=True)


def at_most(bound: float) -> Target:
    """Less is better."""
    return Target(bound, is_floor=False)


@dataclass(frozen=True)
class Figure:
    """A line of the table: what is compared with what; `reads` is the unit of both sides.

    Without a baseline the figure is the subject's own reading.
    """

    name: str
    target: Target
    reads: str
    subject: str
    baseline: str | None = None

    @property
    def unit(self) -> str:
        """Of the figure's value."""
        return "ratio" if self.baseline else self.reads


@dataclass(frozen=True)
class Sides:
    """What takes one reading of the subject and one of the baseline."""

    subject: Measure
    baseline: Measure | None = None


@dataclass(frozen=True)
class Pair:
    """The readings of one round."""

    subject: Reading
    baseline: Reading | None

    def ratio(self, figure: int) -> float:
        """Subject over baseline; the subject's reading itself where there is no baseline."""
        return self.subject[figure] / (self.baseline[figure] if self.baseline else 1)


@dataclass(frozen=True)
class Result:
    """The median of a figure's rounds, with the lowest and the highest beside it."""

    figure: Figure
    pairs: tuple[Pair, ...]
    place: int = 0

    @property
    def ratios(self) -> list[float]:
        """One a round."""
        return [pair.ratio(self.place) for pair in self.pairs]

    @property
    def value(self) -> float:
        """What is reported."""
        return median(self.ratios)

    @property
    def subject(self) -> float:
        """The subject's median reading, for the reader's orientation."""
        return median(pair.subject[self.place] for pair in self.pairs)

    @property
    def baseline(self) -> float | None:
        """The baseline's median reading, if there is one."""
        readings = [pair.baseline[self.place] for pair in self.pairs if pair.baseline]
        return median(readings) if readings else None


Prepare = Callable[[Servers], AbstractContextManager[Sides]]
"""Brings up what a benchmark needs, gives its two sides, and clears up."""


@dataclass(frozen=True)
class Benchmark:
    """One comparison, which may yield several figures from the same rounds."""

    figures: tuple[Figure, ...]
    prepare: Prepare
    rounds: int = ROUNDS

    @property
    def turns(self) -> int:
        """How many pairs are read, the warm-up among them."""
        return self.rounds + 1

    def run(self, servers: Servers, on_turn: Callable[[], None]) -> list[Result]:
        """The result of each figure; raises whatever keeps the benchmark from running."""
        with self.prepare(servers) as sides:
            pairs = tuple(alternate(sides, self.rounds, on_turn))
        return [Result(figure, pairs, place) for place, figure in enumerate(self.figures)]


def alternate(sides: Sides, rounds: int, on_turn: Callable[[], None]) -> list[Pair]:
    """The pairs of all rounds, subject first in each; the warm-up's pair is thrown away."""
    pairs = []
    for _ in range(rounds + 1):
        pairs.append(Pair(sides.subject(), sides.baseline() if sides.baseline else None))
        on_turn()
    return pairs[1:]


@dataclass(frozen=True)
class Family:
    """Benchmarks of one part of the system; each is a function under `compares`."""

    name: str
    benchmarks: list[Benchmark] = field(default_factory=list)

    def compares(self, *figures: Figure, rounds: int = ROUNDS) -> Callable[[Prepare], Prepare]:
        """Declare that a function prepares the comparison behind these figures."""

        def declare(prepare: Prepare) -> Prepare:
            self.benchmarks.append(Benchmark(figures, prepare, rounds))
            return prepare

        return declare
