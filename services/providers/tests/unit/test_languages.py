"""Which of several languages a reader is answered in."""

import pytest

from florin_providers.api.languages import accepted, chosen

THERE = ("ru", "de-AT", "zh-Hant-TW", "pt", "pt-BR")


@pytest.mark.parametrize(
    ("header", "languages"),
    [
        ("ru", ("ru",)),
        ("de;q=0.5, ru, en;q=0.9", ("ru", "en", "de")),
        ("en, ru", ("en", "ru")),
        ("en;q=0, ru;q=0.1", ("ru",)),
        ("en;q=much, ru;q=7, , ;q=1, de;q=nan, fr;q=-1", ()),
        ("", ()),
    ],
)
def test_languages_come_in_the_order_of_their_weight(
    header: str, languages: tuple[str, ...]
) -> None:
    assert accepted(header) == languages


def test_a_header_of_a_thousand_languages_is_read_as_far_as_twenty() -> None:
    assert len(accepted(",".join(["ru"] * 1_000))) == 20


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (("ru-RU",), "ru"),
        (("RU",), "ru"),
        (("de",), "de-AT"),
        (("en", "pt-BR"), "pt-BR"),
        (("pt-PT",), "pt"),
        (("zh-Hant-TW-x-private",), "zh-Hant-TW"),
        (("en",), None),
        (("fr", "*", "ru"), None),
        ((), None),
    ],
)
def test_the_nearest_language_is_taken_and_else_the_default(
    wanted: tuple[str, ...], found: str | None
) -> None:
    assert chosen(wanted, THERE) == found
