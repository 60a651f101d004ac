"""Country packs: what they hold, and what the checks that they name say of wrong numbers."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from florin_countries.packs import GENERIC, PACKS, CountryPack, pack_of, read_packs

LATVIA = """
language: lv
name: {en: Latvia, lv: Latvija}
fields:
  tax_number:
    label: {en: VAT number, lv: PVN}
    applies: {legal_entity: required}
    check: stdnum.lv.pvn
bank:
  account: {label: {en: IBAN}, applies: {legal_entity: required}, check: iban}
tax_regimes: {general: {en: General}}
"""


def codes(country: str, status: str = "legal_entity", **numbers: str) -> dict[str, str]:
    return {fault.field: fault.code for fault in pack_of(country).faults(status, numbers)}


def bank_codes(country: str, **details: str) -> dict[str, str]:
    faults = pack_of(country).bank_faults("legal_entity", details)
    return {fault.field: fault.code for fault in faults}


def test_there_is_a_pack_for_each_country_promised_and_one_for_all_others() -> None:
    assert {"RU", "DE", "FR", "GB", "US", "KZ", GENERIC} <= read_packs().keys()
    assert pack_of("NL").country is None


@pytest.mark.parametrize("pack", read_packs().values(), ids=lambda pack: str(pack.country))
def test_everything_is_labelled_in_english_and_in_the_country_s_language(
    pack: CountryPack,
) -> None:
    labels = [f.label for f in (*pack.fields.values(), *pack.bank.values())]
    for words in (pack.name, *labels, *pack.tax_regimes.values()):
        assert {"en", pack.language} <= words.keys()


def test_adding_a_country_is_adding_one_file(tmp_path: Path) -> None:
    (tmp_path / "LV.yaml").write_text(LATVIA, "utf-8")
    (tmp_path / "generic.yaml").write_text((PACKS / "generic.yaml").read_text("utf-8"), "utf-8")
    latvia = pack_of("LV", tmp_path)
    assert (latvia.country, latvia.name["lv"]) == ("LV", "Latvija")
    assert latvia.faults("legal_entity", {"tax_number": "40003521600"}) == []
    (fault,) = latvia.faults("legal_entity", {"tax_number": "40003521601"})
    assert (fault.field, fault.code) == ("tax_number", "checksum")


@pytest.mark.parametrize(
    ("before", "after"),
    [("stdnum.lv.pvn", "stdnum.lv.nothing"), ("stdnum.lv.pvn", "os.system"), ("required", "maybe")],
)
def test_a_pack_that_names_what_is_not_there_is_not_read(
    tmp_path: Path, before: str, after: str
) -> None:
    (tmp_path / "LV.yaml").write_text(LATVIA.replace(before, after), "utf-8")
    with pytest.raises(ValidationError):
        read_packs(tmp_path)


@pytest.mark.parametrize(
    ("country", "status", "numbers"),
    [
        ("RU", "legal_entity", {"tax_number": "7707083893", "kpp": "773601001"}),
        ("RU", "legal_entity", {"tax_number": "7707083893", "ogrn": "1027700132195"}),
        ("RU", "sole_trader", {"tax_number": "500100732259"}),
        ("DE", "legal_entity", {"tax_number": "DE136695976", "register": "HRB 12345"}),
        ("FR", "legal_entity", {"siren": "552008443", "tax_number": "FR40303265045"}),
        ("GB", "legal_entity", {"company_number": "00445790", "tax_number": "GB980780684"}),
        ("US", "legal_entity", {"tax_number": "91-1144442"}),
        ("KZ", "legal_entity", {"tax_number": "940140000385"}),
    ],
)
def test_right_numbers_are_taken(country: str, status: str, numbers: dict[str, str]) -> None:
    assert codes(country, status, **numbers) == {}


@pytest.mark.parametrize(
    ("country", "number", "check"),
    [
        ("RU", "7707083894", "checksum"),
        ("RU", "770708389", "length"),
        ("RU", "77070838X3", "characters"),
        ("DE", "DE136695978", "checksum"),
        ("DE", "DE13669597", "length"),
        ("US", "07-1144442", "component"),
        ("KZ", "940140000386", "checksum"),
        ("KZ", "94014000038", "length"),
        ("KZ", "94014000038x", "characters"),
    ],
)
def test_of_a_wrong_number_it_is_said_which_check_failed(
    country: str, number: str, check: str
) -> None:
    assert codes(country, tax_number=number) == {"tax_number": check}


def test_what_is_required_and_what_there_is_depends_on_the_legal_status() -> None:
    assert codes("RU") == {"tax_number": "missing"}
    assert codes("RU", "sole_trader", tax_number="500100732259", kpp="773601001") == {
        "kpp": "unexpected"
    }
    assert codes("RU", "sole_trader", tax_number="7707083893") == {"tax_number": "length"}


@pytest.mark.parametrize(
    ("account", "bik"),
    [  # as published by the banks, their customers and the treasury
        ("40702810600014307627", "044525545"),
        ("40703810338000004033", "044525225"),
        ("40703810438040104602", "044525225"),
        ("40703810600000011971", "044525659"),
        ("40102810545370000003", "004525988"),
        ("40102810045370000002", "017501500"),
        ("40101810045250010041", "044525000"),
        ("30101810400000000225", "044525225"),
        ("30101810145250000974", "044525974"),
        ("30101810200000000593", "044525593"),
    ],
)
def test_a_russian_account_belongs_to_its_bank(account: str, bik: str) -> None:
    assert bank_codes("RU", account=account, bank_code=bik) == {}
    wrong = bank_codes("RU", account=account[:-1] + str((int(account[-1]) + 1) % 10), bank_code=bik)
    assert wrong == {"account": "checksum"}
    assert bank_codes("RU", account=account[:-1], bank_code=bik) == {"account": "length"}


def test_a_customers_account_at_another_bank_is_refused() -> None:
    assert bank_codes("RU", account="40703810338000004033", bank_code="044525545") == {
        "account": "checksum"
    }


def test_of_an_account_that_the_treasury_keeps_only_the_form_is_checked() -> None:
    account = "03100643000000017300"
    assert bank_codes("RU", account=account, bank_code="004525988") == {}
    assert bank_codes("RU", account=account[1:], bank_code="004525988") == {"account": "length"}


@pytest.mark.parametrize(
    ("account", "check"),
    [
        ("DE89370400440532013000", None),
        ("DE88370400440532013000", "checksum"),
        ("DE8937040044053201300", "length"),
        ("DE89370400440532013OOO", "characters"),
        ("XX89370400440532013000", "component"),
    ],
)
def test_of_a_wrong_iban_it_is_said_which_check_failed(account: str, check: str | None) -> None:
    assert bank_codes("DE", account=account).get("account") == check


@pytest.mark.parametrize(
    ("bic", "check"), [("DEUTDEFF", None), ("DEUTDEF", "length"), ("DEUTXXFF", "component")]
)
def test_of_a_wrong_bic_it_is_said_which_check_failed(bic: str, check: str | None) -> None:
    found = bank_codes("DE", account="DE89370400440532013000", bank_code=bic)
    assert found.get("bank_code") == check
