"""A consumer from outside is complete from the state topic, and then right about every fact."""

import asyncio
import signal
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest
from tests.outsiders.log import TOPIC, Client, Log, Record, header
from tests.outsiders.programs import Program

from florin_local.errors import StartFailed
from florin_local.kafka import Kafka

VEGA, LYRA, ALTAIR, DENEB = "vega", "lyra", "altair", "deneb"


async def holding_one(program: Program, log: Log) -> Client:
    """The program has begun, and holds a client that is not active."""
    vega = Client(VEGA)
    await log.put(vega.registered(), vega.as_state())
    program.start()
    await program.catch_up()
    return vega


def letters_for(*clients: Client) -> list[str]:
    activations = [e.id for c in clients for e in c.facts if e.type.endswith("activated.v1")]
    return sorted(map(str, activations))


async def test_states_make_it_complete_and_facts_before_them_are_history(
    program: Program, log: Log
) -> None:
    vega, lyra = Client(VEGA), Client(LYRA)
    await log.put(vega.registered(), vega.activated(), vega.as_state())
    await log.put(lyra.registered(), lyra.as_state())
    program.start()
    await program.catch_up()
    assert program.clients() == {str(c.id): c.state() for c in (vega, lyra)}
    assert program.letters() == []
    await log.put(lyra.activated())
    await program.catch_up()
    assert program.clients()[str(lyra.id)]["state"] == "active"
    assert program.letters() == letters_for(lyra)
    said = program.said("complete", "letter")
    assert said == ["complete: every client is here", "letter to lyra"]


async def test_facts_whose_states_are_late_are_not_missed(program: Program, log: Log) -> None:
    vega, lyra, altair = Client(VEGA), Client(LYRA), Client(ALTAIR)
    await log.put(vega.registered(), vega.as_state(), lyra.registered(), lyra.as_state())
    await log.put(vega.activated(), altair.registered(), altair.activated())
    program.start()
    await program.catch_up()
    assert program.clients() == {str(c.id): c.state() for c in (vega, lyra, altair)}
    assert program.letters() == letters_for(vega, altair)


async def test_a_state_that_overtakes_its_fact_does_not_hide_it(program: Program, log: Log) -> None:
    vega = await holding_one(program, log)
    activated = vega.activated()
    await log.put(vega.as_state())
    await program.catch_up()
    assert (program.letters(), program.clients()) == ([], {str(vega.id): vega.state()})
    await log.put(activated)
    await program.catch_up()
    assert program.letters() == letters_for(vega)


async def test_what_is_sent_twice_or_late_has_one_effect(program: Program, log: Log) -> None:
    vega = Client(VEGA)
    registered = vega.registered()
    early = vega.as_state()
    await log.put(registered, early)
    program.start()
    await program.catch_up()
    activated = vega.activated()
    latest = vega.as_state()
    await log.put(activated, latest, activated, registered, early, activated, latest)
    await program.catch_up()
    assert program.clients() == {str(vega.id): vega.state()}
    assert program.letters() == letters_for(vega)
    assert program.said("letter") == ["letter to vega"]


async def test_an_erased_client_is_forgotten_and_no_old_record_brings_it_back(
    program: Program, log: Log
) -> None:
    vega, lyra = Client(VEGA), Client(LYRA)
    registered, old = vega.registered(), vega.as_state()
    await log.put(registered, old, lyra.registered(), lyra.as_state(), lyra.as_tombstone())
    program.start()
    await program.catch_up()
    assert program.clients() == {str(vega.id): vega.state(), str(lyra.id): None}
    await log.put(vega.as_tombstone(), registered, old)
    await program.catch_up()
    assert program.clients() == {str(vega.id): None, str(lyra.id): None}


def malformed(good: Record) -> list[Record]:
    keyless = [good.but(key=None)] if good.topic == TOPIC else []  # Kafka compacts no such record
    return [
        *keyless,
        good.but(value=b"{"),
        good.but(value=b""),
        good.but(value=b"\xff"),
        good.but(value=b"[" * 100_000),
        good.but(value=b"null"),
        good.but(value=b"{}"),
        good.but(value=(good.value or b"").replace(b'"RU"', b'"Russia"')),
        good.but(key=b"\xff"),
        good.but(headers=[]),
        header(good, specversion=b"0.3"),
        header(good, id=b"7"),
        header(good, subject=None),
        header(good, type=b"\xff"),
        header(good, time=b"yesterday"),
        header(good, time=b"2026-03-03T09:00:00"),
        header(good, time=b"2026-12-31T23:59:60Z"),
        header(good, sequence=b"0"),
        header(good, sequence=b"one"),
        header(good, sequence=b"9223372036854775808"),
        header(good, sequence=b"9" * 30),
    ]


async def test_what_cannot_be_read_is_reported_and_holds_up_nothing(
    program: Program, log: Log
) -> None:
    vega, lyra = Client(VEGA), Client(LYRA)
    good, good_state = vega.registered(), vega.as_state()
    bad_at_start = await log.put(*malformed(good_state), *malformed(good), good.but(value=None))
    await log.put(good_state, lyra.registered(), lyra.as_state())
    program.start()
    await program.catch_up()
    bad_later = await log.put(*malformed(vega.activated()), *malformed(vega.as_state()))
    await log.put(lyra.activated())
    await program.catch_up()
    assert program.rejected() == bad_at_start | bad_later
    reports = program.said("skipped ")
    assert len(reports) == len(bad_at_start | bad_later)
    assert "Russia" not in "".join(reports)
    vega.active = False
    assert program.clients() == {str(c.id): c.state() for c in (vega, lyra)}
    assert program.letters() == letters_for(lyra)


async def test_types_fields_and_words_of_a_newer_release_are_no_error(
    program: Program, log: Log
) -> None:
    vega, newer = Client(VEGA), Client(LYRA)
    registered = vega.registered()
    state = vega.as_state()
    word = (state.value or b"").replace(b'"not_active"', b'"dormant","loyalty":7')
    unknown = [
        header(newer.registered(), type=b"florin.clients.client.registered.v2"),
        header(newer.as_state(), type=b"florin.clients.client.state.v2").but(value=b"not json"),
        header(newer.as_state(), type=b"florin.weather.cloud.gathered.v1").but(value=None),
    ]
    await log.put(registered, *unknown, state.but(value=word))
    program.start()
    await program.catch_up()
    await log.put(*unknown)
    await program.catch_up()
    assert program.clients() == {str(vega.id): vega.state() | {"state": "dormant"}}
    assert program.rejected() == set()


async def test_killed_again_and_again_it_misses_nothing_and_does_nothing_twice(
    program: Program, log: Log
) -> None:
    clients = [Client(f"client {number}") for number in range(200)]
    begun = [(client.registered(), client.as_state()) for client in clients]
    await log.put(*chain.from_iterable(begun))
    program.start()
    program.process.wait_until(lambda: bool(program.clients()), timeout_s=60)
    program.process.kill()
    program.start()
    await program.catch_up()
    for quarter in range(4):
        changes = [(client.activated(), client.as_state()) for client in clients[quarter::4]]
        sending = asyncio.create_task(log.put(*chain.from_iterable(changes)))
        await asyncio.to_thread(program.write_more_than, len(program.letters()))
        program.process.kill()
        program.start()
        await sending
    await program.catch_up()
    assert program.clients() == {str(client.id): client.state() for client in clients}
    assert program.letters() == letters_for(*clients)


async def test_a_fault_in_the_middle_of_a_batch_leaves_nothing_of_it(
    program: Program, log: Log
) -> None:
    vega = await holding_one(program, log)
    program.process.stop(signal.SIGTERM, grace_s=30)
    before = program.positions()
    await log.put(vega.activated())
    with program.no_letters_possible():
        program.start()
        with pytest.raises(StartFailed, match="no letters today"):
            program.process.wait_until(lambda: False, timeout_s=60)
        assert program.positions() == before
        assert program.clients()[str(vega.id)]["state"] == "not_active"
    program.start()
    await program.catch_up()
    assert program.clients() == {str(vega.id): vega.state()}
    assert program.letters() == letters_for(vega)


async def test_told_to_stop_it_ends_in_order_and_goes_on_where_it_was(
    program: Program, log: Log
) -> None:
    vega = await holding_one(program, log)
    program.process.stop(signal.SIGTERM, grace_s=30)
    assert program.said("stopped") == ["stopped"]
    await log.put(vega.activated())
    program.start()
    await program.catch_up()
    assert program.said("complete", "letter") == ["letter to vega"]
    assert program.letters() == letters_for(vega)


async def test_away_for_longer_than_facts_are_kept_it_says_so_and_ends(
    program: Program, log: Log
) -> None:
    vega = await holding_one(program, log)
    program.process.stop(signal.SIGTERM, grace_s=30)
    await log.put(vega.activated())
    await log.forget_facts()
    program.start()
    with pytest.raises(StartFailed, match="Kafka no longer holds what comes next"):
        program.process.wait_until(lambda: False, timeout_s=30)
    assert program.clients()[str(vega.id)]["state"] == "not_active"


async def test_without_the_topics_it_says_so_and_ends(
    command: Sequence[str], kafka: Kafka, tmp_path: Path
) -> None:
    lost = Program(command, kafka.bootstrap, "nowhere.", tmp_path)
    lost.start()
    with pytest.raises(StartFailed, match=f"has no topic nowhere.{TOPIC}"):
        lost.process.wait_until(lambda: False, timeout_s=60)
    assert lost.positions() == {}
