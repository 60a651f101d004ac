"""How commands end when they are called wrongly, or when nobody answers."""

import pytest
from deploy.operations.tests.world import florin

LOOKS = (
    ("lag", "--service", "clients"),
    ("verify", "--service", "clients"),
    ("outbox", "status", "--service", "clients"),
    ("dead-letters", "list", "--service", "clients"),
    ("topics", "verify", "--service", "clients"),
)
NOBODY = "postgresql+asyncpg://clients:sesame@127.0.0.1:1/clients"


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA_BOOTSTRAP", "TOPIC_PREFIX", "DATABASE_URL", "CLIENTS_DATABASE_URL"):
        monkeypatch.delenv(f"FLORIN_{name}", raising=False)


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_a_missing_setting_is_named(
    capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    answer = florin(capsys, *command)
    assert answer.code == 2
    assert "FLORIN_CLIENTS_DATABASE_URL is not set" in answer.err or (
        "FLORIN_KAFKA_BOOTSTRAP is not set" in answer.err
    )


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_a_server_that_does_not_answer_is_named_and_no_password_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("FLORIN_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("FLORIN_CLIENTS_DATABASE_URL", NOBODY)
    answer = florin(capsys, *command)
    assert answer.code == 3
    assert "does not answer" in answer.err
    assert "sesame" not in answer.err


def test_in_a_service_s_own_pod_its_own_variable_is_enough(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLORIN_DATABASE_URL", NOBODY)
    assert florin(capsys, "outbox", "status", "--service", "clients").code == 3
    assert florin(capsys, "outbox", "status").code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLORIN_CLIENTS_DATABASE_URL", "sesame"),
        ("FLORIN_CLIENTS_DATABASE_URL", "mysql://clients:sesame@127.0.0.1/clients"),
        ("FLORIN_TOPIC_REPLICAS", "many"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    answer = florin(capsys, "lag")
    assert answer.code == 2
    assert name in answer.err
    assert "sesame" not in answer.err


def test_a_service_that_there_is_none_of_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    answer = florin(capsys, "lag", "--service", "weather")
    assert answer.code == 2
    assert "clients, identity, payers, providers" in answer.err


@pytest.mark.parametrize("wrong", [("nothing",), ("lag", "--nothing"), ("outbox", "rewind")])
def test_words_that_no_command_knows_are_refused(
    capsys: pytest.CaptureFixture[str], wrong: tuple[str, ...]
) -> None:
    assert florin(capsys, *wrong).code == 2


def test_help_helps(capsys: pytest.CaptureFixture[str]) -> None:
    answer = florin(capsys, "--help")
    assert answer.code == 0
    assert "FLORIN_KAFKA_BOOTSTRAP" in answer.out
