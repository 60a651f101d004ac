"""Ports are free or configured, and a secret stays what it was."""

import socket
from pathlib import Path

import pytest

from florin_local.errors import LocalStackError, PortTaken
from florin_local.ports import free_port, is_free, require_free
from florin_local.secrets import Secrets
from florin_local.settings import Ports


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_port())):
        pass


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104  the stranger's choice
def test_a_port_with_a_listener_is_refused_and_the_remedy_named(host: str) -> None:
    with socket.create_server((host, 0)) as stranger:
        port = stranger.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(PortTaken, match=f"port {port} .* set FLORIN_PORT_KAFKA") as refusal:
            require_free(port, "FLORIN_PORT_KAFKA")
    assert refusal.value.exit_code == 3


def test_ports_are_moved_by_variables() -> None:
    ports = Ports.configured({"FLORIN_PORT_GATEWAY": "9000"})
    assert ports == Ports(gateway=9000)


@pytest.mark.parametrize("text", ["", "x", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(LocalStackError, match="FLORIN_PORT_KAFKA"):
        Ports.configured({"FLORIN_PORT_KAFKA": text})


def test_free_ports_differ() -> None:
    ports = Ports.free().as_dict().values()
    assert len(set(ports)) == len(ports)


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    password, key = Secrets(path).password("database"), Secrets(path).key("signing")
    assert Secrets(path).password("database") == password
    assert Secrets(path).key("signing") == key
    assert password != key
    assert path.stat().st_mode & 0o777 == 0o600
