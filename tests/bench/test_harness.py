"""The harness itself: turns, medians, targets, and the shape of what it leaves behind."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.bench import cli, report
from tests.bench.harness import (
    Benchmark,
    Family,
    Figure,
    Pair,
    Reading,
    Result,
    Sides,
    alternate,
    at_least,
    at_most,
)
from tests.bench.latency import p99_ms
from tests.bench.servers import Servers

RATIO = Figure("part.speed", at_least(0.9), "events/s", "ours", "theirs")
ALONE = Figure("part.up_s", at_most(30), "s", "ours")


def result(*pairs: tuple[float, float], figure: Figure = RATIO) -> Result:
    return Result(figure, tuple(Pair([subject], [baseline]) for subject, baseline in pairs))


def nothing() -> None:
    """No progress to show."""


def test_subject_and_baseline_take_turns_after_a_pair_that_does_not_count() -> None:
    order: list[str] = []

    def side(name: str) -> Reading:
        order.append(name)
        return [float(len(order))]

    pairs = alternate(Sides(lambda: side("A"), lambda: side("B")), 2, nothing)
    assert order == ["A", "B"] * 3
    assert [(pair.subject, pair.baseline) for pair in pairs] == [([3], [4]), ([5], [6])]


def test_the_value_is_the_median_of_the_ratios_and_not_the_ratio_of_the_medians() -> None:
    drifting = result((10, 10), (40, 80), (300, 400))
    assert drifting.ratios == [1, 0.5, 0.75]
    assert drifting.value == 0.75
    assert (drifting.subject, drifting.baseline) == (40, 80)


def test_without_a_baseline_the_value_is_the_reading_itself() -> None:
    pairs = alternate(Sides(lambda: [20.0]), 3, nothing)
    alone = Result(ALONE, tuple(pairs))
    assert (alone.value, alone.baseline, alone.figure.unit) == (20, None, "s")


@pytest.mark.parametrize(
    ("target", "met", "missed", "words"),
    [(at_least(0.9), 0.9, 0.89, "≥ 0.9"), (at_most(2), 2.0, 2.01, "≤ 2")],
    ids=str,
)
def test_a_target_is_met_up_to_its_bound(
    target: object, met: float, missed: float, words: str
) -> None:
    figure = Figure("x", target, "s", "")  # type: ignore[arg-type]
    assert (figure.target.is_met(met), figure.target.is_met(missed)) == (True, False)
    assert str(target) == words


def test_one_benchmark_yields_a_result_for_each_of_its_figures() -> None:
    family = Family("part")
    second = Figure("part.cpu", at_most(2), "CPU s", "ours", "theirs")

    @family.compares(RATIO, second, rounds=5)
    @contextmanager
    def prepare(servers: Servers) -> Iterator[Sides]:
        del servers
        yield Sides(lambda: (9.0, 4.0), lambda: (10.0, 2.0))

    (benchmark,) = family.benchmarks
    turns: list[int] = []
    with Servers() as servers:
        speed, cpu = benchmark.run(servers, lambda: turns.append(1))
    assert (speed.value, cpu.value) == (0.9, 2)
    assert len(turns) == benchmark.turns == 6


def test_the_file_holds_what_the_benchmarks_promise(tmp_path: Path) -> None:
    path = tmp_path / "bench" / "results.json"
    alone = Result(ALONE, (Pair([21.0], None), Pair([19.0], None), Pair([20.0], None)))
    report.write([result((900, 1_000), (800, 1_000), (1_500, 1_000)), alone], path)
    today = datetime.now(UTC).date().isoformat()
    assert json.loads(path.read_text()) == [
        {
            "name": "part.speed",
            "value": 0.9,
            "unit": "ratio",
            "subject": "ours: 900 events/s",
            "baseline": "theirs: 1,000 events/s",
            "rounds": 3,
            "min": 0.8,
            "max": 1.5,
            "measured_on": today,
        },
        {
            "name": "part.up_s",
            "value": 20.0,
            "unit": "s",
            "subject": "ours: 20 s",
            "baseline": None,
            "rounds": 3,
            "min": 19.0,
            "max": 21.0,
            "measured_on": today,
        },
    ]


def test_a_run_of_one_figure_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    alone = Result(ALONE, (Pair([20.0], None),))
    report.write([result((900, 1_000)), alone], path)
    before = json.loads(path.read_text())
    before[1]["measured_on"] = "2001-01-01"
    path.write_text(json.dumps(before))
    report.write([result((700, 1_000))], path)
    speed, up = json.loads(path.read_text())
    assert (speed["value"], up) == (0.7, before[1])


def test_the_table_for_the_readme_is_what_was_measured(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    report.write([result((900, 1_000), (800, 1_000)), result((20, 1), figure=ALONE)], path)
    table = report.markdown(path, [RATIO, Figure("part.never", at_most(1), "s", "", "")])
    assert table.splitlines()[2:] == [
        "| `part.speed` | 850 events/s | 1,000 events/s | 0.85 (0.8 to 0.9) | ≥ 0.9 |"
    ]


def test_every_figure_has_its_own_name_within_its_family_and_five_rounds() -> None:
    names = [
        (family.name, figure.name, benchmark.rounds)
        for family in cli.FAMILIES
        for benchmark in family.benchmarks
        for figure in benchmark.figures
    ]
    assert len({name for _, name, _ in names}) == len(names)
    assert [row for row in names if not row[1].startswith(f"{row[0]}.") or row[2] < 5] == []


def test_a_benchmark_that_cannot_run_is_told_and_the_others_still_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> Reading:
        raise RuntimeError("no disk")

    @contextmanager
    def broken(servers: Servers) -> Iterator[Sides]:
        del servers
        yield Sides(fail)

    @contextmanager
    def working(servers: Servers) -> Iterator[Sides]:
        del servers
        yield Sides(lambda: [40.0])

    benchmarks = [Benchmark((RATIO,), broken), Benchmark((ALONE,), working)]
    monkeypatch.setattr(cli, "FAMILIES", (Family("part", benchmarks),))
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results.json")
    assert cli.main([]) == 1
    told = capsys.readouterr().out
    assert "could not run: part.speed" in told
    assert "no disk" in told
    assert "not met" in told
    benchmarks.pop(0)
    assert cli.main(["--only", "part"]) == 0  # a target that is missed is reported, no fault


def test_a_name_that_nothing_has_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["--only", "nothing"])
    assert stop.value.code == 2
    assert "outbox" in capsys.readouterr().err


def test_p99_of_a_hundred_and_one_times_is_the_second_longest() -> None:
    assert p99_ms([number / 1_000 for number in range(101)]) == pytest.approx(99)
