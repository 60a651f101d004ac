"""A client that fetches nothing any more is noticed, by reports and not by the clock."""

import pytest

from florin_chassis.road.silence import Silence, Unanswered


def test_so_many_reports_without_an_answer_give_the_client_up() -> None:
    silence = Silence(reports_max=3)
    for _ in range(3):
        silence.note(1_000)
    with pytest.raises(Unanswered):
        silence.note(1_000)


def test_a_client_that_was_never_answered_is_given_up_too() -> None:
    silence = Silence(reports_max=2)
    silence.note(0)
    silence.note(0)
    with pytest.raises(Unanswered):
        silence.note(0)


def test_an_answer_begins_the_count_anew() -> None:
    silence = Silence(reports_max=2)
    for answered_ms in (1, 1, 2, 2, 3, 3):
        silence.note(answered_ms)


def test_where_nothing_is_asked_no_answer_is_missed() -> None:
    silence = Silence(reports_max=1)
    for answered_ms in (None, None, None, 5, None, 5):
        silence.note(answered_ms)
