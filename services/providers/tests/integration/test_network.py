"""Where deliveries go, whatever a name says: outside, by TLS, and nowhere else."""

import ssl
from collections.abc import AsyncIterator

import pytest
import trustme
from services.providers.tests.receiver import Receiver, receiving
from services.providers.tests.telling import LOCAL
from tests.plugins.servers import SettingsFor

from florin_chassis.ids import new_id
from florin_chassis.settings import ServiceSettings
from florin_providers.delivery.sending import Attempt, Parcel, Sender
from florin_providers.models import AttemptOutcome
from florin_providers.service import service
from florin_providers.settings import Settings

AUTHORITY = trustme.CA()


@pytest.fixture
def settings(settings_for: SettingsFor) -> ServiceSettings:
    return settings_for(service)


@pytest.fixture
async def secure() -> AsyncIterator[Receiver]:
    """A receiver with a certificate for `localhost`, and for no address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("localhost").configure_cert(context)
    async with receiving(context) as receiver:
        yield receiver


async def sent(settings: ServiceSettings, url: str, **changes: object) -> Attempt:
    assert isinstance(settings, Settings)
    trusting = ssl.create_default_context()
    AUTHORITY.configure_trust(trusting)
    async with Sender(settings.model_copy(update=changes), trusting) as sender:
        return await sender.send(Parcel(url, new_id(), b"{}", (bytes(32),)))


def named(receiver: Receiver, name: str) -> str:
    return receiver.url.replace("127.0.0.1", name)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.1", "2130706433", "[::1]"])
async def test_nothing_goes_to_this_machine_by_whatever_name(
    settings: ServiceSettings, receiver: Receiver, name: str
) -> None:
    url = named(receiver, name)
    attempt = await sent(settings, url, webhook_http_allowed=True, webhook_ports=frozenset())
    assert attempt.outcome is AttemptOutcome.FORBIDDEN_ADDRESS
    assert attempt.status_code is None
    assert receiver.connections == 0


async def test_a_name_may_go_to_a_network_that_is_allowed(
    settings: ServiceSettings, receiver: Receiver
) -> None:
    """`localhost` may be `::1` too, where nobody listens: the next address is tried."""
    attempt = await sent(settings, named(receiver, "localhost"), **LOCAL)
    assert attempt.outcome is AttemptOutcome.DELIVERED


async def test_tls_is_of_the_name_though_the_connection_is_to_the_address(
    settings: ServiceSettings, secure: Receiver
) -> None:
    attempt = await sent(settings, named(secure, "localhost"), **LOCAL)
    assert attempt.outcome is AttemptOutcome.DELIVERED
    assert secure.received[0].headers["host"].startswith("localhost:")


async def test_a_certificate_of_another_name_is_refused(
    settings: ServiceSettings, secure: Receiver
) -> None:
    attempt = await sent(settings, secure.url, **LOCAL)
    assert attempt.outcome is AttemptOutcome.UNREACHABLE
    assert secure.received == []


async def test_plain_http_is_refused_even_if_it_was_allowed_once(
    settings: ServiceSettings, receiver: Receiver
) -> None:
    attempt = await sent(settings, receiver.url, **LOCAL | {"webhook_http_allowed": False})
    assert attempt.outcome is AttemptOutcome.FORBIDDEN_ADDRESS
    assert receiver.connections == 0


async def test_proxies_of_the_environment_are_not_used(
    settings: ServiceSettings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        attempt = await sent(settings, receiver.url, **LOCAL)
        assert attempt.outcome is AttemptOutcome.DELIVERED
        assert proxy.connections == 0


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1/", "http://no-such-name.invalid/", "http://" + "a" * 70 + ".example/"],
)
async def test_who_is_not_there_is_unreachable(settings: ServiceSettings, url: str) -> None:
    attempt = await sent(settings, url, **LOCAL)
    assert attempt.outcome is AttemptOutcome.UNREACHABLE
    assert attempt.error
