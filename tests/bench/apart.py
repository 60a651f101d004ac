"""Runs a measurement in an interpreter of its own, so that no side inherits the other's heap."""

from collections.abc import Callable, Coroutine
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, ParamSpec, TypeVar

import uvloop

from florin_chassis.logs import configure_logs

P = ParamSpec("P")
T = TypeVar("T")


def apart(work: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the coroutine function returns, run under uvloop in a fresh process.

    `work` is a module's own function; it and its arguments travel pickled.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_run, work, args, kwargs).result()


def _run(
    work: Callable[..., Coroutine[Any, Any, T]], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> T:
    configure_logs("bench", "WARNING")
    return uvloop.run(work(*args, **kwargs))
