"""Reads the security log in the chain's order, a batch at a time, however long it is."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_identity.models.notary import Mark, Notary, NotOurs
from florin_identity.models.security_chain import (
    Chain,
    ChainBroken,
    SecuritySeal,
    canonical,
    document_of,
)
from florin_identity.models.security_log import SecurityEntry

BATCH: Final = 1_000
Sealed = tuple[SecuritySeal, SecurityEntry | None]


async def sealed_after(
    session: AsyncSession, position: int, until: int | None = None
) -> AsyncIterator[list[Sealed]]:
    """Seals with their entries, in order; no entry where there is none any more."""
    rows = select(SecuritySeal, SecurityEntry).outerjoin(
        SecurityEntry, SecurityEntry.id == SecuritySeal.entry_id
    )
    if until is not None:
        rows = rows.where(SecuritySeal.position <= until)
    rows = rows.order_by(SecuritySeal.position).limit(BATCH)
    while True:
        found = await session.execute(rows.where(SecuritySeal.position > position))
        batch: list[Sealed] = [(seal, entry) for seal, entry in found]
        if not batch:
            return
        position = batch[-1][0].position
        yield batch


def line_of(seal: SecuritySeal, entry: SecurityEntry) -> bytes:
    """A line of an export: the document that was sealed, and its digest."""
    return canonical({**document_of(entry, seal.position), "digest": seal.digest.hex()}) + b"\n"


def follow_lines(lines: Iterable[bytes], notary: Notary) -> Iterator[Mark]:
    """Follow the chain through the lines of an archived segment; raises `ChainBroken`.

    The first line says what it follows on, the last is a signed mark of its end. Where it has come
    to is told now and then, and in the end.
    """
    chain, signed = Chain(), False
    for number, line in enumerate(lines):
        parsed = _parsed(line, chain)
        if number == 0:
            begun = parsed.get("follows", {})
            chain = Chain(int(begun["position"]), bytes.fromhex(begun["digest"]))
        elif "archived" in parsed:
            signed = _is_end(str(parsed["archived"]), chain, notary)
        else:
            digest = bytes.fromhex(str(parsed.pop("digest", "")))
            chain.follow(int(parsed.get("position", 0)), parsed, digest)
            signed = False
        if number % BATCH == 0:
            yield Mark(chain.position, chain.digest)
    if not signed:
        raise ChainBroken(chain.position + 1, "the end was cut off: nothing is signed behind it")
    yield Mark(chain.position, chain.digest)


def _parsed(line: bytes, chain: Chain) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except ValueError as error:
        raise ChainBroken(chain.position + 1, "its line is no JSON") from error
    if not isinstance(parsed, dict):
        raise ChainBroken(chain.position + 1, "its line is no entry")
    return parsed


def _is_end(signed: str, chain: Chain, notary: Notary) -> bool:
    try:
        mark = notary.read(signed)
    except NotOurs as error:
        raise ChainBroken(chain.position, str(error)) from error
    if mark != Mark(chain.position, chain.digest, archived=True):
        raise ChainBroken(chain.position, "another end was signed")
    return True
