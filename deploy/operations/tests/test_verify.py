"""`florin verify` on a sound system says so, and finds each kind of breach, made by hand."""

import pytest
from deploy.operations.tests.conftest import Florin
from deploy.operations.tests.world import World, caused_by

BOTH = ("--service", "identity", "--service", "clients", "--json")


def breaches(run: Florin) -> dict[str, int]:
    answer = run("verify", *BOTH)
    found = {breach["name"]: breach["count"] for breach in answer.json["breaches"]}
    assert answer.code == (1 if found else 0)
    assert answer.json["sound"] is not bool(found)
    return found


def test_a_sound_system_is_found_sound(world: World, run: Florin) -> None:
    world.settle(*world.make(3), *world.make(2))
    answer = run("verify", *BOTH)
    assert answer.json["breaches"] == []
    assert answer.code == 0
    checked = answer.json["checked"]
    assert (checked["events committed"], checked["records on Kafka"]) == (5, 5)
    assert (checked["events in inboxes"], checked["acts in the audit"]) == (5, 5)


def test_a_system_in_which_nothing_has_happened_is_sound(world: World, run: Florin) -> None:
    assert world.topic
    assert breaches(run) == {}


def test_what_is_under_way_is_no_breach(world: World, run: Florin) -> None:
    """Committed and not sent, sent and not confirmed, sent and not handled."""
    settled, sent, committed = world.make(2), world.make(1), world.make(1)
    world.settle(*settled)
    world.commit(*sent, *committed)
    world.send(*sent)
    assert breaches(run) == {}


def test_an_event_that_was_sent_twice_and_handled_once_is_no_breach(
    world: World, run: Florin
) -> None:
    events = world.make(3)
    world.settle(*events)
    world.send(*events)
    world.move_to({events[0].partition: 6})
    answer = run("verify", *BOTH)
    assert answer.json["breaches"] == []
    assert answer.json["checked"]["records sent again"] == 3


def test_an_event_below_the_relay_s_position_that_never_reached_kafka_is_found(
    world: World, run: Florin
) -> None:
    lost = world.make(1)
    world.settle(*world.make(2))
    world.commit(*lost)
    world.confirm()
    answer = run("verify", *BOTH)
    (breach,) = answer.json["breaches"]
    assert (breach["invariant"], breach["name"]) == ("I1", "committed, not on Kafka")
    assert str(lost[0].subject) in breach["examples"][0]
    assert answer.code == 1


def test_an_event_on_kafka_that_nobody_committed_is_found(world: World, run: Florin) -> None:
    world.settle(*world.make(2))
    world.send(*world.make(1))
    assert breaches(run) == {"ghost message: on Kafka, never committed": 1}


def test_an_old_event_that_only_the_audit_remembers_is_no_ghost(world: World, run: Florin) -> None:
    events = world.make(2)
    world.settle(*events)
    world.commit(*world.make(1))  # the outbox remembers from here on
    with world.connected("identity") as connection:
        connection.execute("DELETE FROM outbox WHERE subject = %s", [events[0].subject])
    assert breaches(run) == {}


def test_a_record_that_is_no_event_is_found(world: World, run: Florin) -> None:
    world.settle(*world.make(1))
    world.send_raw(b"a key", b"noise", [("ce_id", b"no uuid")])
    assert breaches(run) == {"no event of ours on Kafka": 1}


def test_an_event_sent_under_another_key_is_found(world: World, run: Florin) -> None:
    (event,) = events = world.make(1)
    world.commit(event)
    world.send_raw(b"another key", b"{}", event.envelope.to_headers())
    world.confirm()
    assert events
    assert breaches(run) == {"no event of ours on Kafka": 1}


def test_an_event_that_its_reader_passed_by_is_found(world: World, run: Florin) -> None:
    events = world.make(3)
    world.settle(*events)
    with world.connected("clients") as connection:
        connection.execute("DELETE FROM inbox WHERE event_id = %s", [events[1].id])
    assert breaches(run) == {"passed by: neither in the inbox nor parked": 1}


def test_an_event_that_its_reader_parked_or_discarded_was_not_passed_by(
    world: World, run: Florin
) -> None:
    events = world.make(3)
    world.commit(*events)
    world.send(*events)
    world.confirm()
    world.park(events[0], offset=0)
    world.dead_letter(events[1], offset=1)  # discarded since: only its dead letter is left
    world.handle(events[2])
    world.move_to({events[0].partition: 3})
    assert breaches(run) == {}


def test_an_inbox_row_of_an_event_that_nobody_stated_is_found(world: World, run: Florin) -> None:
    """Whoever might have stated it has to be asked: all whose topics clients reads."""
    world.settle(*world.make(1))
    world.handle(*world.make(1))
    name = "effect of an event that was never committed"
    found = {one["name"]: one["count"] for one in run("verify", "--json").json["breaches"]}
    assert found[name] == 1
    assert name not in breaches(run)


def test_a_sequence_that_is_missing_is_found_in_outbox_and_log(world: World, run: Florin) -> None:
    first, second, third = world.make(3)
    world.settle(first, third)
    with world.connected("identity") as connection:
        world.row(connection, second)
    found = breaches(run)
    assert found["sequence broken in the outbox"] == 1
    assert found["sequence broken on Kafka"] == 1


def test_events_sent_in_another_order_than_stated_are_found(world: World, run: Florin) -> None:
    first, second, third = events = world.make(3)
    world.commit(*events)
    world.send(first, third, second)
    world.confirm()
    assert breaches(run) == {"sequence broken on Kafka": 2}


def test_an_aggregate_on_two_partitions_is_found(world: World, run: Florin) -> None:
    first, second = world.make(2)
    world.commit(first, second)
    world.send(first, partition=0)
    world.send(second, partition=1)
    world.confirm()
    assert breaches(run) == {"one aggregate on two partitions": 1}


def test_an_event_that_took_effect_twice_is_found(world: World, run: Florin) -> None:
    (cause,) = world.make(1)
    world.settle(cause)
    world.handle(cause, service="identity")
    effects = caused_by(cause, *world.make(2))
    world.commit(effects[0])
    world.commit(effects[1])
    assert breaches(run) == {"effect in two transactions": 1}


def test_two_effects_of_one_transaction_are_one_effect(world: World, run: Florin) -> None:
    (cause,) = world.make(1)
    world.settle(cause)
    world.handle(cause, service="identity")
    world.commit(*caused_by(cause, *world.make(2)))
    assert breaches(run) == {}


def test_an_effect_that_left_no_inbox_row_is_found(world: World, run: Florin) -> None:
    (cause,) = world.make(1)
    world.settle(cause)
    world.commit(*(effects := caused_by(cause, *world.make(1))))
    world.send(*effects)
    world.confirm()
    assert breaches(run) == {"effect without its inbox row": 1}


def test_a_row_that_changed_without_its_event_is_found(world: World, run: Florin) -> None:
    events = world.make(2)
    world.settle(*events)
    with world.connected("identity") as connection:
        connection.execute("UPDATE things SET version = 3")
    assert breaches(run) == {"row and audit differ (zombie record)": 1}


def test_an_act_of_no_row_is_found(world: World, run: Florin) -> None:
    world.settle(*world.make(1))
    with world.connected("identity") as connection:
        connection.execute("DELETE FROM things")
    assert breaches(run) == {"acts of no row": 1}


def test_an_event_without_its_audit_row_is_found(world: World, run: Florin) -> None:
    world.settle(*world.make(2))
    with world.connected("identity") as connection:
        connection.execute("DELETE FROM audit WHERE sequence = 2")
        connection.execute("UPDATE things SET version = 1")
    assert breaches(run) == {"event without its audit row": 1}


def test_an_audit_row_without_its_event_is_found(world: World, run: Florin) -> None:
    (event,) = world.make(1)
    world.settle(*world.make(1))
    with world.connected("identity") as connection:
        world.audit(connection, event)
        world.row(connection, event)
    assert breaches(run) == {"audit row without its event": 1}


def test_a_wiped_log_is_found(world: World, run: Florin) -> None:
    events = world.make(1)
    world.settle(*events)
    world.move_to({events[0].partition: 7})
    assert breaches(run) == {"the log lacks what it held": 1}


def test_a_missing_topic_is_found(
    world: World, run: Florin, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.topic
    monkeypatch.setenv("FLORIN_TOPIC_PREFIX", "nowhere-")
    answer = run("verify", "--service", "identity", "--json")
    assert [breach["name"] for breach in answer.json["breaches"]] == ["the log lacks what it held"]


def test_examples_are_few_and_the_count_is_whole(world: World, run: Florin) -> None:
    world.settle(*world.make(1))
    world.commit(*world.make(3))
    world.confirm()
    answer = run("verify", *BOTH, "--examples", "2")
    (breach,) = answer.json["breaches"]
    assert (breach["count"], len(breach["examples"])) == (3, 2)


def test_a_person_reads_what_is_wrong(world: World, run: Florin) -> None:
    (event,) = world.make(1)
    world.commit(event)
    world.confirm()
    answer = run("verify", *BOTH[:-1])
    assert "I1, committed, not on Kafka: 1" in answer.out
    assert str(event.subject) in answer.out
    assert answer.err == "florin: 1 breaches of 1 rules\n"
