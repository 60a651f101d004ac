"""Who may do what: how soon it is refused what somebody may not do any more."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from tests.bench.apart import apart
from tests.bench.departments import change_and_hear, fill_department
from tests.bench.harness import Family, Figure, Reading, Sides, at_least, at_most
from tests.bench.logins import (
    read_in_storm,
    read_steadily,
    sign_in_often,
    signed_up,
    verify_often,
)
from tests.bench.revoking import sign_out_and_watch, take_right_and_watch
from tests.bench.servers import Servers

from florin_local.demo.api import Gateway, Json, Person
from florin_local.demo.checks import expect, until
from florin_local.demo.selling import the_administrator_signs_in
from florin_local.demo.tale import Tale, new_password
from florin_local.folders import temporary_folder
from florin_local.ports import HOST
from florin_local.settings import Ports
from florin_local.stack import Stack

identity = Family("identity")

SIGN_OUTS, RIGHTS = 100, 30
LOGINS_AT_ONCE, READS_S, SECONDS = 16, 100, 4.0
MEMBERS = 10_000
_MANY = f"a department of {MEMBERS:,}"
_UNTIL = "from its event in Kafka to the last member's on `identity-access`; whole stack up"
_PATHS = {
    "gateway": "/me",
    "identity": "/me",
    "providers": "/departments",
    "clients": "/clients",
    "payers": "/accounts",
}


@identity.compares(
    Figure(
        "identity.revocation_s",
        at_most(1),
        "s p99",
        f"{SIGN_OUTS} sign-outs a round, and {RIGHTS} rights that a department loses: from the "
        "answer to the refusal by the last of four services and the gateway; the worse of the two; "
        "whole stack up",
    ),
)
@contextmanager
def revocation(servers: Servers) -> Iterator[Sides]:
    """Everybody is watched itself: the services on their own ports, and the gateway."""
    del servers
    with (
        temporary_folder("florin-bench-") as folder,
        Stack(folder, Ports.free()) as stack,
        Gateway(stack.gateway_url) as gateway,
    ):
        tale = Tale(gateway, stack.administrator_file, stack.kafka_bootstrap)
        the_administrator_signs_in(tale)
        department, employee = _employee(tale)
        administrator, login = _login(tale.administrator), _login(employee)
        urls = {n: f"http://{HOST}:{stack.ports.of(n)}{path}" for n, path in _PATHS.items()}
        urls["sessions"] = f"{stack.gateway_url}/sessions"
        url = f"{stack.gateway_url}/departments/{department['id']}"

        def watched() -> Reading:
            out = apart(sign_out_and_watch, urls, login, SIGN_OUTS)
            lost = apart(take_right_and_watch, urls, url, administrator, login, RIGHTS)
            return [max(out, lost)]

        yield Sides(watched)


@identity.compares(
    Figure(
        "identity.logins",
        at_least(0.85),
        "logins/s",
        f"POST /sessions, one `api` process, {LOGINS_AT_ONCE} connections, each another user's;"
        " PostgreSQL and the load generator (0.2 ms of CPU a login) have the same two cores",
        "raw argon2id verifications/s by the same library (19 MiB, two passes, one lane), a thread"
        " for each core, which nothing else has",
    ),
)
@contextmanager
def logins(servers: Servers) -> Iterator[Sides]:
    """Passwords are all right; no second factor."""
    with signed_up(servers, LOGINS_AT_ONCE) as (port, people):
        yield Sides(
            lambda: [apart(sign_in_often, port, people, SECONDS)],
            lambda: [apart(verify_often, SECONDS)],
        )


@identity.compares(
    Figure(
        "identity.login_storm",
        at_most(2),
        "s p99",
        f"GET /me, {READS_S} a second, while {LOGINS_AT_ONCE} connections sign in as fast as they"
        " can, at the same `api` process",
        "the same without any sign-in",
    ),
)
@contextmanager
def login_storm(servers: Servers) -> Iterator[Sides]:
    """Both sides ask the same process."""
    with signed_up(servers, LOGINS_AT_ONCE) as (port, people):
        yield Sides(
            lambda: [read_in_storm(port, people, READS_S, SECONDS)],
            lambda: [apart(read_steadily, port, people[0], READS_S, SECONDS)],
        )


@identity.compares(
    Figure("identity.department_loses", at_most(30), "s", f"{_MANY} loses a right; {_UNTIL}"),
    Figure("identity.department_gains", at_most(30), "s", f"{_MANY} gains a right; {_UNTIL}"),
)
@contextmanager
def department(servers: Servers) -> Iterator[Sides]:
    """Providers' facts are told in its name; a token is refused as soon as its event is heard."""
    del servers
    with temporary_folder("florin-bench-") as folder, Stack(folder, Ports.free()) as stack:
        bootstrap, url = stack.kafka_bootstrap, stack.database_url("identity")
        crowd, sequences = apart(fill_department, bootstrap, url, MEMBERS), count(2, 2)
        yield Sides(lambda: apart(change_and_hear, bootstrap, crowd, next(sequences), MEMBERS))


def _login(person: Person) -> dict[str, str]:
    return {"email": person.email, "password": person.password}


def _employee(tale: Tale) -> tuple[Json, Person]:
    """A department, and somebody in it whose rights are the department's."""
    body = {"name": "readers", "sections": [], "permissions": ["clients:read"]}
    department = tale.administrator.post("/departments", body)
    employee = {"name": "Rhea Reader", "email": tale.email("rhea"), "permissions": []}
    places = {"provider_ids": [], "department_ids": [department["id"]]}
    invited = tale.administrator.post("/employees", employee | places)
    path = f"/users/{invited['id']}/invitation"
    link = until(lambda: tale.administrator.post(path, {}))
    person = Person(tale.gateway, invited["email"], new_password())
    accepted = {"token": link["invitation_token"], "password": person.password}
    answer = tale.gateway.ask("POST", "/invitations/accept", body=accepted)
    expect("the invitation is accepted with status", answer.status, 200)
    return department, person
