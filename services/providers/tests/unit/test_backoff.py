"""When a delivery is tried again, and when no more."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_providers.delivery.backoff import ASKED_S_MAX, JITTER, asked_delay_s, delay_s
from florin_providers.settings import Settings

SCHEDULE = Settings.model_fields["webhook_retry_s"].default
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@given(st.integers(1, len(SCHEDULE)))
def test_a_delay_is_the_schedule_s_and_a_little_longer(tries: int) -> None:
    planned = SCHEDULE[tries - 1]
    found = delay_s(tries, SCHEDULE, None)
    assert found is not None
    assert planned <= found <= planned * (1 + JITTER)


@given(st.integers(1, 20))
def test_a_delivery_is_tried_once_more_than_there_are_delays(tries: int) -> None:
    assert (delay_s(tries, SCHEDULE, None) is None) == (tries > len(SCHEDULE))


@given(st.integers(1, len(SCHEDULE)), st.integers(0, 10 * ASKED_S_MAX))
def test_a_receiver_may_ask_for_more_time_up_to_a_day_but_not_for_less(
    tries: int, asked: int
) -> None:
    found = delay_s(tries, SCHEDULE, asked)
    assert found is not None
    assert found >= max(SCHEDULE[tries - 1], min(asked, ASKED_S_MAX))
    assert found <= max(SCHEDULE[tries - 1] * (1 + JITTER), ASKED_S_MAX)


def test_nothing_that_is_asked_for_makes_more_tries() -> None:
    assert delay_s(len(SCHEDULE) + 1, SCHEDULE, 60) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        (" 120 ", 120),
        ("9" * 5_000, ASKED_S_MAX),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("Mon, 02 Mar 2026 12:01:00 GMT", 60),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0),
        ("Mon, 02 Mar 2026 12:01:00 -0000", 60),
        ("Wed, 02 Mar 9999 12:00:00 GMT", ASKED_S_MAX),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: int | None) -> None:
    assert asked_delay_s(header, NOW) == seconds


@given(st.text())
def test_no_header_of_a_receiver_is_a_fault_of_ours(header: str) -> None:
    found = asked_delay_s(header, NOW)
    assert found is None or 0 <= found <= ASKED_S_MAX
