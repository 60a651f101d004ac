"""What a step of the story expects, and the error that says what came instead."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from florin_local.errors import LocalStackError

T = TypeVar("T")

_POLL_S = 0.1


class DoesNotHold(LocalStackError):
    """A step of the story that does not hold: what was expected, and what came."""

    def __init__(self, what: str, *, expected: Any, came: Any) -> None:
        super().__init__(f"{what}: expected {expected}; came {came}")


def expect(what: str, came: Any, expected: Any) -> None:
    """Raise `DoesNotHold` unless the two are equal."""
    if came != expected:
        raise DoesNotHold(what, expected=repr(expected), came=repr(came))


def expect_one(what: str, found: list[T]) -> T:
    """The only one of a list; raises `DoesNotHold` when there is none, or more."""
    if len(found) != 1:
        raise DoesNotHold(what, expected="exactly one", came=f"{len(found)}: {found}")
    return found[0]


def until(look: Callable[[], T], *, patience_s: float = 45) -> T:
    """Look again and again until what is expected holds; raises the last `DoesNotHold`.

    For effects that reach other services through Kafka, a moment after the answer.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return look()
        except DoesNotHold as not_yet:
            if time.monotonic() > deadline:
                raise DoesNotHold(
                    f"after {patience_s:.0f} s", expected="what follows to hold", came=not_yet
                ) from not_yet
        time.sleep(_POLL_S)
