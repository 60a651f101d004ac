"""`florin outbox`: what is relayed and by whom, and relaying it again."""

from deploy.operations.tests.conftest import Florin
from deploy.operations.tests.world import World

IDENTITY = ("--service", "identity", "--json")


def test_what_is_not_published_is_counted_and_has_an_age(world: World, run: Florin) -> None:
    world.commit(*world.make(2))
    world.confirm()
    world.commit(*world.make(3))
    (found,) = run("outbox", "status", *IDENTITY).json["services"]
    facts, states = found["readers"]
    assert (facts["reader"], facts["position"], facts["unpublished"]) == ("facts", 2, 3)
    assert (states["reader"], states["position"], states["unpublished"]) == ("states", 0, 5)
    assert facts["oldest"] >= 0


def test_a_service_without_a_relay_is_a_finding(world: World, run: Florin) -> None:
    assert world.topic
    answer = run("outbox", "status", "--service", "identity")
    assert answer.code == 1
    assert "identity: facts: no relay leads" in answer.err
    assert "identity: states: no relay leads" in answer.err


def test_who_holds_the_lease_is_named(world: World, run: Florin) -> None:
    with world.connected("identity") as connection:
        for reader in ("facts", "states"):
            lease = f"florin.relay.{reader}"
            connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [lease])
        answer = run("outbox", "status", *IDENTITY)
        (found,) = answer.json["services"]
        leaders = {one["reader"]: one["leader_pid"] for one in found["readers"]}
        assert leaders == dict.fromkeys(("facts", "states"), connection.info.backend_pid)
        assert found["mode"] == "poll"
        assert answer.code == 0


def test_a_slot_that_nobody_reads_is_a_finding(world: World, run: Florin) -> None:
    slot = "florin_operations_test"
    with world.connected("identity") as connection:
        connection.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", [slot])
        try:
            answer = run("outbox", "status", *IDENTITY)
        finally:
            connection.execute("SELECT pg_drop_replication_slot(%s)", [slot])
    (found,) = answer.json["services"]
    (shown,) = found["slots"]
    assert (shown["name"], shown["active"], shown["wal_status"]) == (slot, False, "reserved")
    assert f"nobody reads slot {slot}" in answer.err


def test_a_row_that_waits_for_longer_than_allowed_is_a_finding(world: World, run: Florin) -> None:
    world.commit(*world.make(1))
    answer = run("outbox", "status", *IDENTITY, "--max-age-s", "0")
    assert "facts: the oldest row has waited" in answer.err


def test_partitions_are_shown_with_their_sizes(world: World, run: Florin) -> None:
    world.commit(*world.make(1))
    (found,) = run("outbox", "status", *IDENTITY).json["services"]
    sizes = {one["name"]: one["bytes"] for one in found["partitions"]}
    assert max(sizes.values()) > 0


def test_the_relay_is_set_back_once_somebody_says_yes(world: World, run: Florin) -> None:
    world.commit(*world.make(4))
    world.confirm()
    rewind = ("outbox", "rewind", "identity", "--position", "1")
    assert run(*rewind).code == 2
    assert position(world) == 4
    assert run(*rewind, "--yes").code == 0
    assert position(world) == 1
    assert run(*rewind, "--yes").code == 1  # it stands there already


def test_the_relay_is_set_back_to_a_time(world: World, run: Florin) -> None:
    world.commit(*world.make(2))
    world.confirm()
    rewind = ("outbox", "rewind", "identity", "--yes", "--json", "--since")
    assert run(*rewind, "2100-01-01T00:00:00").json["rewound"] is False
    assert run(*rewind, "2020-01-01T00:00:00").json["rewound"] is True
    assert position(world) == 0


def test_one_place_to_go_back_to_is_asked_for(world: World, run: Florin) -> None:
    assert world.topic
    assert run("outbox", "rewind", "identity", "--yes").code == 2
    both = ("--position", "1", "--since", "2020-01-01T00:00:00")
    assert run("outbox", "rewind", "identity", "--yes", *both).code == 2
    assert run("outbox", "rewind", "identity", "--position", "0", "--reader", "x").code == 2


def position(world: World) -> int:
    with world.connected("identity") as connection:
        row = connection.execute("SELECT position FROM relay_cursors").fetchone()
    assert row
    return int(row[0])
