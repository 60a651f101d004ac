"""The security log: entries are only ever added, each is sealed, and whatever is done shows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from florin_chassis.actor import process_actor
from florin_chassis.testing.harness import Harness
from florin_chassis.transaction import Begin
from florin_identity.models import Checkpoint, SecurityAct, SecuritySeal
from florin_identity.models.notary import Notary
from florin_identity.models.security_chain import ChainBroken
from florin_identity.models.security_log import note
from florin_identity.queries.verify_security_log import Verified, verify_security_log
from florin_identity.settings import Settings
from florin_identity.use_cases.seal_security_log import seal_security_log


def notary_of(identity: Harness) -> Notary:
    return Notary(cast(Settings, identity.runtime.settings).key_encryption_key)


def begin_of(identity: Harness) -> Begin:
    return identity.runtime.begin_as(process_actor("identity"))


async def seal(identity: Harness) -> int:
    return await seal_security_log(begin_of(identity), notary_of(identity))


async def noted(identity: Harness, count: int = 1) -> None:
    async with begin_of(identity)() as transaction:
        for number in range(count):
            note(transaction, SecurityAct.SIGNED_IN, None, number=number, grüße="„ü“")


async def verify(identity: Harness, *kept: str, notary: Notary | None = None) -> Verified:
    async with identity.runtime.database.session(process_actor("identity")) as session:
        return await verify_security_log(session, notary or notary_of(identity), kept)


async def positions(identity: Harness) -> list[tuple[int, int]]:
    async with identity.runtime.database.engine.connect() as connection:
        rows = select(SecuritySeal.position, SecuritySeal.entry_id)
        found = await connection.execute(rows.order_by(SecuritySeal.position))
        return [(row.position, row.entry_id) for row in found]


async def last_checkpoint(identity: Harness) -> str:
    async with identity.runtime.database.engine.connect() as connection:
        last = select(Checkpoint.signed).order_by(Checkpoint.position.desc()).limit(1)
        return str(await connection.scalar(last))


@asynccontextmanager
async def superuser(identity: Harness) -> AsyncIterator[Any]:
    """Somebody who owns the tables, and takes the triggers away before doing harm."""
    tables = ("security_log", "security_seals", "security_checkpoints", "security_archives")
    async with identity.runtime.database.engine.begin() as connection:
        for table in tables:
            await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield lambda statement: connection.execute(text(statement))
        for table, name in (await connection.execute(text(TRIGGERS))).all():
            await connection.execute(text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"))


TRIGGERS = (
    "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
    " WHERE NOT tgisinternal AND tgname IN ('refuse_change', 'refuse_delete', 'await_seal')"
)


@pytest.mark.parametrize("table", ["security_log", "security_seals", "security_checkpoints"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET {} = {}"])
async def test_the_database_refuses_to_change_or_remove_a_line(
    identity: Harness, table: str, statement: str
) -> None:
    await noted(identity)
    await seal(identity)
    column = "act" if table == "security_log" else "position"
    async with identity.runtime.database.engine.connect() as connection:
        with pytest.raises(DBAPIError) as refused:
            await connection.execute(text(statement.format(table, column, column)))
    assert getattr(refused.value.orig, "sqlstate", None) == "42501"
    assert (await verify(identity)).end.position == 1


async def test_lines_are_sealed_in_their_order_and_the_chain_holds(identity: Harness) -> None:
    await noted(identity, 5)
    assert await seal(identity) == 5
    assert await seal(identity) == 0
    await noted(identity, 2)
    assert (await verify(identity)).unsealed == 2
    await seal(identity)
    assert [place for place, _ in await positions(identity)] == [1, 2, 3, 4, 5, 6, 7]
    verified = await verify(identity, await last_checkpoint(identity))
    assert (verified.end.position, verified.unsealed) == (7, 0)


async def test_a_line_that_commits_late_is_sealed_though_later_ones_were_sealed_before(
    identity: Harness,
) -> None:
    begin = begin_of(identity)
    async with begin() as early:
        note(early, SecurityAct.SIGNED_IN, None, which="early")
        await early.relieve()  # it has taken its id, the lowest
        async with asyncio.timeout(5):  # nobody waits for it: neither another line nor the sealer
            await noted(identity, 2)
            assert await seal(identity) == 2
        assert (await verify(identity)).end.position == 2
    assert await seal(identity) == 1
    assert await positions(identity) == [(1, 2), (2, 3), (3, 1)]
    await verify(identity)


async def test_a_line_that_is_rolled_back_leaves_no_gap(identity: Harness) -> None:
    async with identity.runtime.database.session(process_actor("identity")) as session:
        await session.execute(text("SELECT nextval(pg_get_serial_sequence('security_log', 'id'))"))
    await noted(identity)
    await seal(identity)
    assert await positions(identity) == [(1, 2)]
    await verify(identity)


async def test_many_sealers_and_writers_at_once_make_one_chain(identity: Harness) -> None:
    async def write() -> None:
        for _ in range(10):
            await noted(identity, 3)

    async def seal_on() -> None:
        for _ in range(10):
            await seal(identity)

    await asyncio.gather(*(write() for _ in range(3)), *(seal_on() for _ in range(3)))
    await seal(identity)
    assert [place for place, _ in await positions(identity)] == list(range(1, 91))
    assert len({entry for _, entry in await positions(identity)}) == 90
    await verify(identity)


HARM = {
    "changed": (3, ["UPDATE security_log SET actor = 'user/else' WHERE id = 3"]),
    "changed in its details": (
        3,
        ["UPDATE security_log SET details = jsonb_set(details, '{number}', '9') WHERE id = 3"],
    ),
    "deleted in the middle": (3, ["DELETE FROM security_log WHERE id = 3"]),
    "deleted with its seal": (
        3,
        [
            "DELETE FROM security_log WHERE id = 3",
            "DELETE FROM security_seals WHERE entry_id = 3",
        ],
    ),
    "deleted at the end": (
        5,
        [
            "DELETE FROM security_log WHERE id > 4",
            "DELETE FROM security_seals WHERE position > 4",
        ],
    ),
    "reordered": (
        2,
        [
            "UPDATE security_seals SET position = -position WHERE position IN (2, 3)",
            "UPDATE security_seals SET position = position + 5 WHERE position < 0",
        ],
    ),
    "resealed": (6, ["UPDATE security_seals SET digest = sha256('x') WHERE position = 6"]),
    "resigned": (3, ["UPDATE security_checkpoints SET digest = sha256('x')"]),
    "unsigned": (4, ["DELETE FROM security_checkpoints WHERE position = 6"]),
    "archived away": (
        3,
        ["INSERT INTO security_archives SELECT * FROM security_checkpoints WHERE position = 3"],
    ),
}


@pytest.mark.parametrize("harm", HARM)
async def test_whatever_is_done_behind_the_services_back_breaks_the_chain_where_it_was_done(
    identity: Harness, harm: str
) -> None:
    for _ in "12":
        await noted(identity, 3)
        await seal(identity)
    await verify(identity)
    position, statements = HARM[harm]
    async with superuser(identity) as execute:
        for statement in statements:
            await execute(statement)
    with pytest.raises(ChainBroken) as broken:
        await verify(identity)
    assert broken.value.position == position, broken.value


async def test_a_line_put_in_past_the_chain_is_found(identity: Harness) -> None:
    await noted(identity, 3)
    await seal(identity)
    async with superuser(identity) as execute:
        await execute(
            "INSERT INTO security_log (at, act, actor, details)"
            " VALUES ('2020-01-01Z', 'signed_in', 'user/else', '{}')"
        )
    with pytest.raises(ChainBroken, match="entry 4 was put in past the chain"):
        await verify(identity)


async def test_a_line_taken_out_before_it_was_sealed_is_found(identity: Harness) -> None:
    await noted(identity, 2)
    async with superuser(identity) as execute:
        await execute("DELETE FROM security_log WHERE id = 2")
    with pytest.raises(ChainBroken, match="entry 2 went before it was sealed"):
        await verify(identity)


async def test_a_chain_computed_anew_is_found_by_its_checkpoints(identity: Harness) -> None:
    """Whoever may write everything can compute digests, but cannot sign."""
    await noted(identity, 4)
    await seal(identity)
    honest = await last_checkpoint(identity)
    forger = Notary(b"another secret of thirty-two byte")
    async with superuser(identity) as execute:
        await execute("UPDATE security_log SET actor = 'user/else' WHERE id = 2")
        await execute("DELETE FROM security_seals")
        await execute("DELETE FROM security_checkpoints")
        await execute("INSERT INTO security_unsealed SELECT id FROM security_log")
    await seal_security_log(begin_of(identity), forger)
    with pytest.raises(ChainBroken, match="signed by no key that is known here"):
        await verify(identity)
    with pytest.raises(ChainBroken, match="another digest was signed"):
        await verify(identity, honest, notary=Notary(*forged_with(identity, forger)))


def forged_with(identity: Harness, forger: Notary) -> tuple[bytes, dict[str, Any]]:
    """As if somebody had been talked into trusting the forger's key as well."""
    return cast(Settings, identity.runtime.settings).key_encryption_key, forger.public


async def test_a_cut_that_took_the_checkpoints_along_is_found_by_one_kept_elsewhere(
    identity: Harness,
) -> None:
    for _ in "12":
        await noted(identity, 3)
        await seal(identity)
    kept = await last_checkpoint(identity)
    async with superuser(identity) as execute:
        await execute("DELETE FROM security_seals WHERE position > 3")
        await execute("DELETE FROM security_checkpoints WHERE position > 3")
        await execute("DELETE FROM security_log WHERE id > 3")
    assert (await verify(identity)).end.position == 3  # the database alone cannot know
    with pytest.raises(ChainBroken, match="the end was cut off: a checkpoint speaks of 6"):
        await verify(identity, kept)
