"""Where a browser may be sent back to."""

import pytest

from florin_identity.models.redirect_uris import (
    is_registered,
    origin_of,
    require_registrable,
    with_parameters,
)

HOME = "https://app.example.com/signed-in"


@pytest.mark.parametrize(
    "uri",
    [
        HOME,
        "https://app.example.com",
        "https://app.example.com:8443/a/b?tenant=1",
        "http://127.0.0.1/done",
        "http://127.0.0.1:49152/done",
        "http://[::1]:8000/",
    ],
)
def test_https_and_loopback_by_number_can_be_registered(uri: str) -> None:
    assert require_registrable(uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example.com/signed-in",
        "http://localhost/done",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "https://user@app.example.com/",
        "https://app.example.com/#fragment",
        "https://app.example.com\\@evil.example/",
        "https://*.example.com/",
        "https://App.example.com/",
        "https:///nowhere",
        "https://app.example.com/ x",
        "https://app.example.com/\n",
        "//app.example.com/",
        "javascript:alert(1)",
        "data:text/html,hello",
        "com.example.app:/done",
        "",
        "https://app.example.com/?state=mine",
        "https://app.example.com/?a=1&code=2",
    ],
)
def test_nothing_else_can_be_registered(uri: str) -> None:
    with pytest.raises(ValueError, match="must"):
        require_registrable(uri)


@pytest.mark.parametrize(
    "uri",
    [
        HOME + "/",
        HOME + "?x=1",
        HOME + "/../signed-in",
        HOME.upper(),
        HOME.replace("https", "http"),
        HOME.replace(".com", ".com:443"),
        HOME.replace("app.example.com", "app.example.com.evil.example"),
        HOME.replace("https://", "https://evil.example@"),
        HOME + "#",
        HOME + "%00",
        " " + HOME,
        "",
    ],
)
def test_an_address_that_differs_in_anything_is_another(uri: str) -> None:
    assert not is_registered(uri, (HOME,))
    assert is_registered(HOME, ("https://other.example/", HOME))


def test_a_program_on_the_users_machine_may_listen_on_any_port() -> None:
    registered = ("http://127.0.0.1/done",)
    assert is_registered("http://127.0.0.1:49152/done", registered)
    for other in (
        "http://127.0.0.1:49152/other",
        "http://[::1]:49152/done",
        "http://127.0.0.2:49152/done",
        "http://127.0.0.1:49152@evil.example/done",
        "http://127.0.0.1:1234567/done",
        "https://127.0.0.1:49152/done",
    ):
        assert not is_registered(other, registered)


def test_an_answer_keeps_the_query_that_was_registered() -> None:
    parameters = {"code": "a b&c", "state": None, "iss": "https://florin.test"}
    assert with_parameters(HOME, parameters) == HOME + "?code=a+b%26c&iss=https%3A%2F%2Fflorin.test"
    assert with_parameters(HOME + "?x=1", {"code": "1"}) == HOME + "?x=1&code=1"
    assert with_parameters(HOME, {"state": None}) == HOME


def test_the_origin_of_an_address_is_its_beginning() -> None:
    assert origin_of("https://app.example.com:8443/a?b=//c") == "https://app.example.com:8443"
    assert origin_of("https://app.example.com?b=//c") == "https://app.example.com"
