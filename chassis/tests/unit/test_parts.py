"""A service's own parts are processes beside the chassis', and run with `all`."""

import asyncio
from dataclasses import replace

import pytest
from chassis.tests.weather.models import StationOpened
from chassis.tests.weather.service import service

from florin_chassis.cli import main
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.runtime import Runtime
from florin_chassis.service import Background
from florin_chassis.transaction import Transaction


def forecast(_: Runtime) -> Background:
    async def run(stopping: asyncio.Event) -> None:
        await stopping.wait()

    return run


def test_a_part_has_a_process_of_its_own_that_the_help_names(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(replace(service, parts={"forecast": forecast}), ["--help"])
    assert ended.value.code == 0
    assert "  forecast\n" in capsys.readouterr().out


def test_a_process_that_no_part_is_named_after_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(service, ["forecast"])
    assert ended.value.code == 2
    assert "invalid choice: 'forecast'" in capsys.readouterr().err


def test_no_read_waits_for_what_is_handled_without_being_awaited() -> None:
    subscriptions = Subscriptions()

    @subscriptions.on(StationOpened, awaited=False)
    async def forward(_: StationOpened, __: Transaction) -> None: ...

    assert subscriptions.topics == {StationOpened.topic}
    assert subscriptions.awaited == set()
    assert subscriptions.handlers(StationOpened.type) == [forward]
