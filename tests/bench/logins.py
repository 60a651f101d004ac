"""Signs in as often as can be, and reads beside it: what logins cost, and what they cost others."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from statistics import quantiles

import asyncpg
import orjson
from nacl.pwhash import argon2id
from tests.bench import signing
from tests.bench.apart import apart
from tests.bench.backlog import NO_KAFKA, plain_url, settings_of
from tests.bench.load import Connection
from tests.bench.programs import SECRETS, program
from tests.bench.servers import Servers

from florin_chassis.ids import new_id
from florin_chassis.migrations import migrate
from florin_identity.models.passwords import ARGON2ID
from florin_identity.service import service
from florin_local import programs
from florin_local.settings import Ports

Login = dict[str, str]

_PASSWORD = "correct horse battery staple"
_PROVIDER = (
    "INSERT INTO projected_states (topic, id, sequence, state) VALUES ('providers-provider', $1, 1,"
    " $2)"
)


@contextmanager
def signed_up(servers: Servers, users: int) -> Iterator[tuple[int, list[Login]]]:
    """Identity's `api` process: its port, and the logins of so many users."""
    url = servers.database(service.name)
    migrate(service, settings_of(url, NO_KAFKA))
    provider_id = str(new_id())
    asyncio.run(_project_provider(plain_url(url), provider_id))
    ports = Ports.free()
    environment = programs.service_environment(
        service.name,
        ports,
        database_url=url,
        kafka_bootstrap=NO_KAFKA,
        own=SECRETS | signing.LONG_LIVED,
    )
    command = programs.command(service.name, "api")
    with program(service.name, command, environment, servers.folder, ports.identity):
        yield ports.identity, apart(_register, ports.identity, provider_id, users)


async def sign_in_often(port: int, people: list[Login], seconds: float) -> float:
    """Logins a second, a connection for each of the people."""
    opened = [await Connection.open(port) for _ in people]
    started = time.perf_counter()

    async def keep_signing_in(connection: Connection, login: Login) -> int:
        count = 0
        while time.perf_counter() - started < seconds:
            await connection.create("/sessions", login, {})
            count += 1
        return count

    counts = await asyncio.gather(*map(keep_signing_in, opened, people))
    rate = sum(counts) / (time.perf_counter() - started)
    for connection in opened:
        connection.close()
    return rate


async def verify_often(seconds: float) -> float:
    """Verifications a second, a thread for each core."""
    kept, threads = ARGON2ID.hash(_PASSWORD).encode(), os.cpu_count() or 1
    started = time.perf_counter()

    def keep_verifying(_: int) -> int:
        count = 0
        while time.perf_counter() - started < seconds:
            argon2id.verify(kept, _PASSWORD.encode())
            count += 1
        return count

    with ThreadPoolExecutor(threads) as pool:
        counts = list(pool.map(keep_verifying, range(threads)))
    return sum(counts) / (time.perf_counter() - started)


async def read_steadily(port: int, login: Login, reads_s: int, seconds: float) -> float:
    """The p99 in seconds of reads at a steady pace, by one who signed in before."""
    connection = await Connection.open(port)
    session = orjson.loads(await connection.create("/sessions", login, {}))
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    taken: list[float] = []
    loop = asyncio.get_running_loop()
    due = loop.time()
    for _ in range(int(reads_s * seconds)):
        await asyncio.sleep(max(0.0, due - loop.time()))
        started = time.perf_counter()
        await connection.read("/me", headers)
        taken.append(time.perf_counter() - started)
        due += 1 / reads_s
    connection.close()
    return quantiles(taken, n=100)[98]


def read_in_storm(port: int, people: list[Login], reads_s: int, seconds: float) -> float:
    """The same while the people sign in, from a process of their own that begins before it."""
    context = get_context("spawn")
    stop, going = context.Event(), context.Event()
    storm = context.Process(target=_storm, args=(port, people, going, stop))
    storm.start()
    try:
        going.wait()
        return apart(read_steadily, port, people[0], reads_s, seconds)
    finally:
        stop.set()
        storm.join()


def _storm(port: int, people: list[Login], going: threading.Event, stop: threading.Event) -> None:
    async def rage() -> None:
        while not stop.is_set():
            await sign_in_often(port, people, 0.5)
            going.set()

    asyncio.run(rage())


async def _register(port: int, provider_id: str, users: int) -> list[Login]:
    connection = await Connection.open(port)
    people = [{"email": f"user{n}@example.com", "password": _PASSWORD} for n in range(users)]
    for login in people:
        client = {"name": "Client", "country": "EE", "provider_id": provider_id}
        await connection.create("/registrations", login | client, {})
    connection.close()
    return people


async def _project_provider(url: str, provider_id: str) -> None:
    state = {
        "id": provider_id,
        "name": "N-1",
        "slug": "n-1",
        "currency": "EUR",
        "time_zone": "Europe/Tallinn",
        "registration_open": True,
        "conditions": [],
    }
    connection = await asyncpg.connect(url)
    await connection.execute(_PROVIDER, provider_id, orjson.dumps(state).decode())
    await connection.close()
