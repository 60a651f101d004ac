"""The security chapter names requirements once, judges each, and names only tests that exist."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHAPTER = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (.+) \| (.+) \| (.*) \| (.+) \|$", CHAPTER, re.M)
NAMED = re.findall(r"`([\w/]+\.py)::(test_\w+)`", CHAPTER)
LEVELS_1_AND_2 = 253
"""Requirements of ASVS 5.0.0 at these levels."""


def test_every_requirement_is_judged_once() -> None:
    assert len(ROWS) == LEVELS_1_AND_2
    assert [id_ for id_, times in Counter(row[0] for row in ROWS).items() if times > 1] == []
    verdicts = {"met", "not met", "not applicable", "deployment's"}
    assert {row[2] for row in ROWS} == verdicts


def test_the_chapter_counts_its_verdicts_truly() -> None:
    counted = Counter(row[2] for row in ROWS)
    told = f"{counted['met']} are met, {counted['not met']} are not"
    assert told in CHAPTER


def test_what_is_said_not_to_be_met_says_why() -> None:
    assert [row[0] for row in ROWS if row[2] in {"not met", "not applicable"} and not row[3]] == []


def test_every_test_that_is_named_exists() -> None:
    assert NAMED
    missing = [
        f"{path}::{name}"
        for path, name in NAMED
        if not (ROOT / path).exists()
        or not re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.M)
    ]
    assert missing == []
