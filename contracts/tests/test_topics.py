"""The registry of topics and the code say the same."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from florin_contracts.events import published_events

SERVICES = {"identity", "providers", "clients", "payers"}
WEBHOOKS = "providers"
"""The service that tells webhooks, of its own events too."""
FIELDS = ["topic", "owner", "readers", "key", "partitions", "retention_ms", "state", "events"]
DAY_MS = 24 * 60 * 60 * 1000


def registry(kind: str) -> dict[str, dict[str, Any]]:
    """What each file of this kind says, by the file's name."""
    return {
        Path(entry.name).stem: yaml.safe_load(entry.read_text("utf-8"))
        for entry in files("florin_contracts").joinpath(kind).iterdir()
    }


TOPICS = registry("topics")
DEAD_LETTERS = registry("dead_letters")


def test_every_topic_of_the_code_has_a_file_and_every_file_its_topic() -> None:
    assert TOPICS.keys() == {event.topic for event in published_events().values()}


@pytest.mark.parametrize("name", TOPICS)
def test_a_file_is_named_after_its_topic_and_has_all_fields(name: str) -> None:
    assert TOPICS[name]["topic"] == name
    assert list(TOPICS[name]) == FIELDS


@pytest.mark.parametrize("name", TOPICS)
def test_each_event_is_listed_once_and_in_the_order_of_the_code(name: str) -> None:
    listed = [event["type"] for event in TOPICS[name]["events"]]
    assert listed == [type for type, event in published_events().items() if event.topic == name]


@pytest.mark.parametrize("name", TOPICS)
def test_each_event_says_since_which_release_it_is_stated(name: str) -> None:
    assert all(set(event) == {"type", "since"} for event in TOPICS[name]["events"])
    assert all(event["since"].count(".") == 2 for event in TOPICS[name]["events"])


@pytest.mark.parametrize("name", TOPICS)
def test_the_owner_is_the_service_that_the_topic_is_named_after(name: str) -> None:
    assert TOPICS[name]["owner"] == name.partition("-")[0]
    assert TOPICS[name]["owner"] in SERVICES


@pytest.mark.parametrize("name", TOPICS)
def test_readers_are_other_services_each_once(name: str) -> None:
    readers = TOPICS[name]["readers"]
    assert len(readers) == len(set(readers))
    assert set(readers) - {WEBHOOKS} <= SERVICES - {TOPICS[name]["owner"]}


@pytest.mark.parametrize("name", TOPICS)
def test_webhooks_may_be_told_of_every_event(name: str) -> None:
    assert WEBHOOKS in TOPICS[name]["readers"]


@pytest.mark.parametrize("name", TOPICS)
def test_messages_are_kept_in_the_order_of_their_aggregate_for_a_week_at_least(name: str) -> None:
    assert TOPICS[name]["key"] == "aggregate id"
    assert TOPICS[name]["partitions"] >= 3
    assert TOPICS[name]["retention_ms"] >= 7 * DAY_MS


@pytest.mark.parametrize("name", TOPICS)
def test_what_is_erased_is_gone_in_days_and_a_slow_reader_still_hears_of_it(name: str) -> None:
    state = TOPICS[name]["state"]
    assert list(state) == ["max_compaction_lag_ms", "delete_retention_ms"]
    assert 0 < state["max_compaction_lag_ms"] <= 2 * DAY_MS
    assert state["delete_retention_ms"] > TOPICS[name]["retention_ms"], "no sooner than the facts"


def test_every_service_has_a_topic_for_what_it_could_not_handle() -> None:
    assert DEAD_LETTERS.keys() == {f"{service}-dead-letters" for service in SERVICES}


@pytest.mark.parametrize("name", DEAD_LETTERS)
def test_dead_letters_are_kept_by_key_and_no_longer_than_facts(name: str) -> None:
    letters = DEAD_LETTERS[name]
    assert list(letters) == ["topic", "owner", "key", "partitions", "retention_ms"]
    assert letters["topic"] == name == f"{letters['owner']}-dead-letters"
    assert letters["key"] == "aggregate id"
    assert letters["retention_ms"] <= min(topic["retention_ms"] for topic in TOPICS.values())


def test_the_folder_that_people_look_in_is_the_one_that_is_shipped(contracts_folder: Path) -> None:
    shipped = contracts_folder / "src/florin_contracts/topics"
    assert (contracts_folder / "topics").resolve() == shipped.resolve()
