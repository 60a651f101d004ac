"""Signatures as the standard's own library reads them, and who may be told what."""

import base64
from datetime import UTC, datetime
from typing import cast

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from florin_chassis.actor import Actor
from florin_chassis.ids import new_id
from florin_contracts.events import published_events
from florin_contracts.permissions import Permission
from florin_providers.delivery.signing import signed_headers
from florin_providers.models import GrantsMoreThanHeld
from florin_providers.models.webhook_rights import READERS, require_readable, unknown_types
from florin_providers.models.webhook_secret import make_secret, open_secret

KEY = bytes(range(32))
BODY = '{"type":"a.b","data":{"name":"Véga"}}'


def headers(*secrets: bytes) -> dict[str, str]:
    signed = signed_headers(new_id(), datetime.now(UTC), BODY.encode(), secrets)
    return cast("dict[str, str]", signed)


def test_the_reference_library_accepts_a_signature_of_each_valid_secret() -> None:
    webhook_id = new_id()
    made = [make_secret(webhook_id, KEY) for _ in "12"]
    opened = [open_secret(row.sealed, webhook_id, KEY) for row, _ in made]
    for _, shown in made:
        assert Webhook(shown).verify(BODY, headers(*opened)) == {
            "type": "a.b",
            "data": {"name": "Véga"},
        }


def test_the_reference_library_refuses_another_secret_or_body() -> None:
    _, shown = make_secret(new_id(), KEY)
    secret = base64.b64decode(shown.removeprefix("whsec_"))
    with pytest.raises(WebhookVerificationError):
        Webhook(shown).verify(BODY, headers(bytes(32)))
    with pytest.raises(WebhookVerificationError):
        Webhook(shown).verify(BODY + " ", headers(secret))


def test_a_secret_is_as_long_as_the_standard_asks_and_never_the_same() -> None:
    shown = {make_secret(new_id(), KEY)[1] for _ in range(10)}
    assert len(shown) == 10
    assert all(24 <= len(base64.b64decode(s.removeprefix("whsec_"))) <= 64 for s in shown)


def test_of_every_topic_it_is_said_who_may_be_told_of_it() -> None:
    assert READERS.keys() == {event.topic for event in published_events().values()}


@pytest.mark.parametrize("type_", published_events())
def test_whoever_may_not_read_an_event_may_not_have_others_told_of_it(type_: str) -> None:
    needed = READERS[published_events()[type_].topic]
    require_readable(Actor(name="user/a", permissions=frozenset({needed})), [type_])
    others = frozenset(Permission) - {needed}
    with pytest.raises(GrantsMoreThanHeld, match=needed):
        require_readable(Actor(name="user/a", permissions=others), [type_])
    with pytest.raises(GrantsMoreThanHeld, match=needed):
        require_readable(Actor(name="user/a", permissions=others), None)


def test_an_unknown_type_is_named() -> None:
    known = next(iter(published_events()))
    assert unknown_types([known, "florin.b", "florin.a"]) == ["florin.a", "florin.b"]
