"""The catalogue: its last pages and its last prices, among very many, beside its first."""

import asyncio
import base64
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
import orjson
from tests.bench import signing
from tests.bench.apart import apart
from tests.bench.backlog import NO_KAFKA, plain_url, settings_of
from tests.bench.harness import Family, Figure, Reading, Sides, at_least
from tests.bench.load import Connection, new_provider
from tests.bench.programs import SECRETS, program
from tests.bench.servers import Servers

from florin_chassis.migrations import migrate
from florin_chassis.testing.tokens import Issuer
from florin_local import programs
from florin_local.settings import Ports
from florin_providers.service import service

catalogue = Family("catalogue")

PLANS: Final = 100_000
COMPANIES: Final = 1_000
CONNECTIONS: Final = 4
SECONDS: Final = 3.0
_SEED: Final = 1

_COMPANIES: Final = """
INSERT INTO companies
    (id, version, name, country, legal_status, provider_ids, suspended_provider_ids, registration,
    contacts, bank_accounts, document_language, rounding, document_prefix, numbering,
    past_templates, archived)
SELECT ('01900000-0000-7003-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, 'Company ' || n, 'NL',
    'legal_entity', ARRAY[$1::uuid], '{}', '{}', '[]', '[]', 'en', 'line', '', '[]', '[]', false
FROM generate_series(0, $2::int) n
"""

# Ids that ascend, as those of UUIDv7 do; the trigger makes plans and prices of it.
_FILL: Final = """
INSERT INTO products
    (id, version, provider_id, code, name, translations, status, plans)
SELECT ('01900000-0000-7001-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, $1::uuid,
    'product-' || n, 'Product ' || n, '{}', 'on_offer',
    (SELECT jsonb_agg(jsonb_build_object(
        'id', '01900000-0000-7002-8000-' || lpad(to_hex(n * 100 + m), 12, '0'),
        'code', 'plan-' || (n * 100 + m), 'name', 'Plan ' || m, 'description', NULL,
        'translations', '{}'::jsonb, 'status', 'on_offer', 'trial', NULL,
        'discounts', '[]'::jsonb, 'availability', NULL, 'period', 'month',
        'price', '{"amount": "100.00", "currency": "EUR"}'::jsonb,
        'prices', jsonb_build_array(jsonb_build_object(
            'id', gen_random_uuid(), 'period', 'month', 'length', NULL,
            'price', '{"amount": "100.00", "currency": "EUR"}'::jsonb, 'setup_fee', NULL,
            'valid_from', '2026-01-01T00:00:00Z', 'valid_until', NULL,
            'applies_to_running', false))))
     FROM generate_series(0, 99) m)
FROM generate_series(0, $2::int) n
"""


@catalogue.compares(
    Figure(
        "catalogue.deep_page",
        at_least(0.90),
        "pages/s",
        f"GET /plans, the page at row {PLANS:,}: listed whole, by provider, by text; and"
        f" GET /companies, the page at row {COMPANIES:,}; by turns",
        "the first page of the same lists",
    ),
)
@contextmanager
def deep_page(servers: Servers) -> Iterator[Sides]:
    """The same service on the same database, asked for its last pages and its first."""
    with _filled(servers) as (port, headers, seller):
        lists: list[dict[str, str]] = [{}, {"provider_id": seller}, {"text": "plan"}]
        last = _cursor(_plan(PLANS - 60))
        first = ["/plans?" + urlencode(query) for query in lists]
        deep = ["/plans?" + urlencode({**query, "cursor": last}) for query in lists]
        company = "/companies?" + urlencode({"cursor": _cursor(_company(COMPANIES - 60))})
        yield _sides(port, headers, [*deep, company], [*first, "/companies"])


@catalogue.compares(
    Figure(
        "catalogue.price_lookup",
        at_least(0.90),
        "prices/s",
        f"GET /plans/{{id}}/price at random among {PLANS:,} plans",
        "the same among the first 100",
    ),
)
@contextmanager
def price_lookup(servers: Servers) -> Iterator[Sides]:
    """The same service on the same database, asked all over and in one corner."""
    with _filled(servers) as (port, headers, _):
        chance = random.Random(_SEED)  # noqa: S311 - which plans are asked for is no secret
        everywhere = [_price(n) for n in chance.sample(range(PLANS), 5_000)]
        yield _sides(port, headers, everywhere, [_price(n) for n in range(100)])


def _sides(
    port: int, headers: Mapping[str, str], subject: Sequence[str], baseline: Sequence[str]
) -> Sides:
    def rate(paths: Sequence[str]) -> Reading:
        return [apart(read_by_turns, port, headers, paths)]

    return Sides(lambda: rate(subject), lambda: rate(baseline))


async def read_by_turns(port: int, headers: Mapping[str, str], paths: Sequence[str]) -> float:
    """Answers a second, of these paths one after the other, by some connections at once."""
    opened = [await Connection.open(port) for _ in range(CONNECTIONS)]
    started = time.perf_counter()

    async def keep_reading(connection: Connection, place: int) -> int:
        answered = 0
        while time.perf_counter() - started < SECONDS:
            await connection.read(paths[(place + answered) % len(paths)], headers)
            answered += 1
        return answered

    counts = await asyncio.gather(*(keep_reading(c, i) for i, c in enumerate(opened)))
    rate = sum(counts) / (time.perf_counter() - started)
    for connection in opened:
        connection.close()
    return rate


@contextmanager
def _filled(servers: Servers) -> Iterator[tuple[int, dict[str, str], str]]:
    """The service's `api` process over such a catalogue: port, a reader's headers, the provider."""
    url, ports, issuer = servers.database(service.name), Ports.free(), Issuer()
    migrate(service, settings_of(url, NO_KAFKA))
    environment = programs.service_environment(
        service.name,
        ports,
        database_url=url,
        kafka_bootstrap=NO_KAFKA,
        own=SECRETS | signing.LONG_LIVED,
    )
    with ExitStack() as running:
        running.enter_context(signing.published(issuer, ports.identity))
        command = programs.command(service.name, "api")
        running.enter_context(
            program(service.name, command, environment, servers.folder, ports.providers)
        )
        token_issuer = environment["FLORIN_TOKEN_ISSUER"]
        seller = signing.seller(issuer, token_issuer)
        provider_id = asyncio.run(_fill(plain_url(url), ports.providers, seller))
        yield ports.providers, signing.reader(issuer, token_issuer), provider_id


async def _fill(url: str, port: int, seller: Mapping[str, str]) -> str:
    """One provider with all the plans and companies; its id."""
    asking = await Connection.open(port)
    provider = orjson.loads(await asking.create("/providers", new_provider(), seller))
    asking.close()
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_FILL, provider["id"], PLANS // 100 - 1)
        await connection.execute(_COMPANIES, provider["id"], COMPANIES - 1)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
    return str(provider["id"])


def _plan(number: int) -> UUID:
    return UUID(f"01900000-0000-7002-8000-{number:012x}")


def _price(number: int) -> str:
    return f"/plans/{_plan(number)}/price"


def _company(number: int) -> UUID:
    return UUID(f"01900000-0000-7003-8000-{number:012x}")


def _cursor(last: UUID) -> str:
    return base64.urlsafe_b64encode(last.bytes).rstrip(b"=").decode()
