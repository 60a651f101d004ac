"""The steps of those who sell: the administrator, the providers and the people at work there."""

import json
import os

import httpx

from florin_local.administrator import EMAIL
from florin_local.demo.api import Json, Person
from florin_local.demo.checks import DoesNotHold, expect, until
from florin_local.demo.tale import Tale, in_words, money, new_password
from florin_local.secrets import write_privately

PASSWORD_VARIABLE = "FLORIN_ADMIN_PASSWORD"  # noqa: S105


def the_administrator_signs_in(tale: Tale) -> list[str]:
    """The installation made the administrator, who sets a password once and signs in."""
    file = tale.administrator_file
    kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    given = os.environ.get(PASSWORD_VARIABLE)
    if "invitation_token" in kept:
        # Kept before it is sent: an answer that is lost must not lock the administrator out.
        kept.setdefault("password", given or new_password())
        write_privately(file, kept)
        body = {"token": kept["invitation_token"], "password": kept["password"]}
        tale.installed_now = (
            tale.gateway.ask("POST", "/invitations/accept", body=body).status == httpx.codes.OK
        )
        write_privately(file, {k: v for k, v in kept.items() if k != "invitation_token"})
    password = given or kept.get("password")
    if not password:
        raise DoesNotHold(
            "the administrator's password",
            expected=f"{PASSWORD_VARIABLE} in the environment",
            came=f"none, and none in {file}",
        )
    tale.administrator = Person(tale.gateway, kept.get("email", EMAIL), password)
    tale.administrator.sign_in()
    me = tale.administrator.get("/me")
    expect("the administrator reaches everything", me["everywhere"], True)
    return [f"{me['name']} <{me['email']}>, {len(me['permissions'])} permissions, everywhere"]


def the_administrator_makes_two_providers(tale: Tale) -> list[str]:
    """The administrator makes provider N-1, hosting in roubles, and N-2, domains in euros."""
    for name, currency, zone in (("N-1", "RUB", "Europe/Moscow"), ("N-2", "EUR", "Europe/Paris")):
        body = {
            "name": name,
            "slug": f"{name.lower()}-{tale.suffix}",
            "currency": currency,
            "time_zone": zone,
        }
        made = tale.administrator.post("/providers", body)
        expect(f"the currency of {name}", made["currency"], currency)
        tale.providers[name] = made
    return [f"{p['name']}: {p['slug']}, {p['currency']}" for p in tale.providers.values()]


def the_administrator_sets_service_conditions(tale: Tale) -> list[str]:
    """Two companies serve both providers: one the payers of Russia, one all others."""
    both = [provider["id"] for provider in tale.providers.values()]
    companies = (("Florin Rus", "RU", "7707083893"), ("Florin Europe", "NL", "NL004495445B01"))
    for name, country, tax_number in companies:
        body = {
            "name": f"{name} {tale.suffix}",
            "country": country,
            "legal_status": "legal_entity",
            "tax_number": tax_number,
            "provider_ids": both,
        }
        tale.companies[country] = tale.administrator.post("/companies", body)
    russian, dutch = tale.companies["RU"]["id"], tale.companies["NL"]["id"]
    conditions = [
        {"company_id": russian, "country": "RU"},
        {"company_id": dutch, "except_country": "RU"},
    ]
    for provider_id in both:
        path = f"/providers/{provider_id}/service-conditions"
        tale.administrator.put(path, {"conditions": conditions})
    return [
        _explained(tale, both[0], "RU", russian),
        _explained(tale, both[0], "DE", dutch),
    ]


def _explained(tale: Tale, provider_id: str, country: str, company_id: str) -> str:
    """The dry run: which company would serve a payer of this country, and why."""
    choice = tale.administrator.get(
        f"/providers/{provider_id}/company-choice", country=country, payer_type="individual"
    )
    expect(f"the company for a payer of {country}", choice["company_id"], company_id)
    names = {company["id"]: company["name"] for company in tale.companies.values()}
    rules = "; ".join(
        f"rule {rule['rule']} {'matches' if rule['matched'] else 'does not: ' + rule['reason']}"
        for rule in choice["rules"]
    )
    return f"a payer of {country} → {names[company_id]} ({rules})"


def the_administrator_staffs_technical_support(tale: Tale) -> list[str]:
    """The administrator makes the department "technical support" and an employee in it."""
    department = tale.administrator.post(
        "/departments", {"name": "technical support", "sections": ["support"], "permissions": []}
    )
    invited = tale.administrator.post(
        "/employees",
        {
            "name": "Ivan Support",
            "email": tale.email("ivan"),
            "provider_ids": [provider["id"] for provider in tale.providers.values()],
            "department_ids": [department["id"]],
            "permissions": [],
        },
    )
    expect("the employee's status", invited["status"], "invited")
    link: Json = until(lambda: tale.administrator.post(f"/users/{invited['id']}/invitation", {}))
    tale.employee = Person(tale.gateway, invited["email"], new_password())
    body = {"token": link["invitation_token"], "password": tale.employee.password}
    accepted = tale.gateway.ask("POST", "/invitations/accept", body=body)
    expect("the invitation is accepted with status", accepted.status, 200)
    path = f"/employees/{invited['id']}"
    until(lambda: expect("status", tale.administrator.get(path)["status"], "active"))
    return [
        f"{department['name']}: sections {', '.join(department['sections'])}",
        f"{invited['name']} <{invited['email']}>: invited, then active",
    ]


def the_employee_is_refused_outside_support(tale: Tale) -> list[str]:
    """The employee signs in, reads support requests, and is refused everything else."""

    def has_support_only() -> Json:
        tale.employee.sign_in()
        me: Json = tale.employee.get("/me")
        expect("permissions", sorted(me["permissions"]), ["support:handle", "support:read"])
        return me

    me = until(has_support_only)
    tale.employee.get("/requests")
    lines = [f"may: {', '.join(sorted(me['permissions']))}"]
    for path in ("/clients", "/payments", "/providers", "/employees"):
        refusal = tale.employee.get(path, 403)
        expect(f"the code of the refusal of {path}", refusal["code"], "forbidden")
        lines.append(f"GET {path}: 403 {refusal['detail']}")
    return lines


def the_administrator_makes_a_plan_for_each_provider(tale: Tale) -> list[str]:
    """The catalogue gets shared hosting by the month at N-1, and a domain by the year at N-2."""
    catalogue = (
        ("N-1", "Shared hosting", "month", money("299.90", "RUB")),
        ("N-2", "Domain name", "year", money("12.50", "EUR")),
    )
    for provider, name, period, price in catalogue:
        plan = {"name": f"{name}, a {period}", "period": period, "price": price}
        body = {"provider_id": tale.providers[provider]["id"], "name": name, "plans": [plan]}
        tale.products[provider] = tale.administrator.post("/products", body)
        expect("the plan's price", tale.products[provider]["plans"][0]["price"], price)
    return [
        f"{provider}: {plan['name']} for {in_words(plan['price'])}"
        for provider, product in tale.products.items()
        for plan in product["plans"]
    ]
