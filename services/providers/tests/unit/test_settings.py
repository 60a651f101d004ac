"""What providers are told about webhooks, as it stands in an environment."""

import base64
from ipaddress import ip_network

import pytest
from pydantic import ValidationError

from florin_chassis.outside.addresses import AddressRules
from florin_providers.settings import Settings

OTHERS = {
    "FLORIN_DATABASE_URL": "x",
    "FLORIN_KAFKA_BOOTSTRAP": "x",
    "FLORIN_JWKS_URL": "x",
    "FLORIN_TOKEN_ISSUER": "x",
    "FLORIN_KEY_ENCRYPTION_SECRET": base64.b64encode(bytes(32)).decode(),
}


def told(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in (OTHERS | variables).items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_untold_only_https_outside_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = told(monkeypatch).webhook_addresses
    assert (rules.http_allowed, rules.networks) == (False, ())
    assert not rules.allows("127.0.0.1")


def test_a_laptop_may_allow_http_any_port_and_its_own_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rules = told(
        monkeypatch,
        FLORIN_WEBHOOK_HTTP_ALLOWED="true",
        FLORIN_WEBHOOK_PORTS="[]",
        FLORIN_WEBHOOK_NETWORKS_ALLOWED='["127.0.0.0/8"]',
    ).webhook_addresses
    assert rules == AddressRules(True, frozenset(), (ip_network("127.0.0.0/8"),))
    assert rules.require_url("http://127.0.0.1:9000/") == "http://127.0.0.1:9000/"


def test_another_schedule_and_other_ports_are_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = told(monkeypatch, FLORIN_WEBHOOK_RETRY_S="[1, 2]", FLORIN_WEBHOOK_PORTS="[8443]")
    assert (settings.webhook_retry_s, settings.webhook_ports) == ((1, 2), frozenset({8443}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLORIN_WEBHOOK_PORTS", "[0]"),
        ("FLORIN_WEBHOOK_PORTS", "[65536]"),
        ("FLORIN_WEBHOOK_NETWORKS_ALLOWED", '["127.0.0.1/8"]'),
        ("FLORIN_WEBHOOK_NETWORKS_ALLOWED", '["localhost"]'),
        ("FLORIN_WEBHOOK_RETRY_S", "[0]"),
        ("FLORIN_WEBHOOK_ANSWER_MS_MAX", "60001"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ValidationError):
        told(monkeypatch, **{name: value})
