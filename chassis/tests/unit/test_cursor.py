"""What a consumer makes of the next record of a log."""

import pytest

from florin_chassis.road.cursor import Cursor, Verdict


def test_a_log_that_was_never_read_is_read_from_its_start() -> None:
    assert Cursor().seek_to == 0
    assert Cursor().judge(0, 5) is Verdict.FOLLOWS


def test_the_last_handled_record_is_read_again_to_recognise_the_log() -> None:
    cursor = Cursor().past(offset=9, timestamp=500)
    assert cursor == Cursor(10, 500)
    assert cursor.seek_to == 9
    assert cursor.judge(9, 500) is Verdict.KNOWN
    assert cursor.judge(10, 501) is Verdict.FOLLOWS


@pytest.mark.parametrize(("offset", "timestamp"), [(9, 501), (0, 500), (8, 500)])
def test_another_record_where_the_last_one_was_is_of_another_log(
    offset: int, timestamp: int
) -> None:
    assert Cursor(10, 500).judge(offset, timestamp) is Verdict.REPLACED


def test_a_position_that_was_set_back_by_hand_is_read_from_there() -> None:
    assert Cursor(10).seek_to == 10
    assert Cursor(10).judge(10, 1) is Verdict.FOLLOWS


def test_records_that_are_missing_are_noticed() -> None:
    assert Cursor(10, 500).judge(12, 700) is Verdict.JUMPS
