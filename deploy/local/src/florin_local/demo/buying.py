"""The steps of the client: it registers, makes payers, orders, pays, and is active."""

from florin_local.demo.api import Json, Person
from florin_local.demo.checks import expect, expect_one, until
from florin_local.demo.tale import Tale, in_words, new_password


def a_client_registers_itself(tale: Tale) -> list[str]:
    """A client registers itself at N-1; a user of the same name exists at once; not active yet."""
    tale.client = Person(tale.gateway, tale.email("vega"), new_password())
    registration = {
        "name": "Vega",
        "email": tale.client.email,
        "password": tale.client.password,
        "provider_id": tale.providers["N-1"]["id"],
        "country": "RU",
    }
    answer = tale.gateway.ask("POST", "/registrations", body=registration)
    expect("the status of the registration", answer.status, 201)
    expect("the user's name", answer.body["user"]["name"], "Vega")
    tale.client_id = answer.body["client_id"]
    tale.client.sign_in()
    client: Json = until(lambda: tale.client.get(f"/clients/{tale.client_id}"))
    expect("the client's name", client["name"], "Vega")
    expect("the client's state", client["state"], "not_active")
    user = expect_one("its users", tale.client.list(f"/clients/{tale.client_id}/users"))
    expect("the user of the client", user["id"], answer.body["user"]["id"])
    return [
        f"user {answer.body['user']['name']} <{tale.client.email}>, {user['role']}",
        f"client {client['name']}, state {client['state']}",
    ]


def the_client_gets_a_personal_account(tale: Tale) -> list[str]:
    """The client has a personal account with N-1, in roubles, and owes nothing."""
    return accounts(tale, {"N-1": "0.00"})


def the_client_makes_two_payers(tale: Tale) -> list[str]:
    """The client makes two payers: an individual of Russia, a legal entity of the Netherlands."""
    payers = (
        ("individual", "Anna Vega", "RU", None),
        ("legal_entity", "Vega B.V.", "NL", "NL123456789B01"),
    )
    for payer_type, name, country, tax_number in payers:
        body = {
            "client_id": tale.client_id,
            "payer_type": payer_type,
            "name": name,
            "country": country,
            "email": tale.client.email,
            "tax_number": tax_number,
        }
        tale.payers[payer_type] = tale.client.post("/payers", body)
    found = tale.client.list("/payers", client_id=tale.client_id)
    expect("the client's payers", len(found), 2)
    return [f"{p['name']}, {p['payer_type']}, {p['country']}" for p in tale.payers.values()]


def the_client_orders_hosting(tale: Tale) -> list[str]:
    """The client orders shared hosting for its individual payer."""
    return _order(tale, "N-1", "individual")


def an_invoice_comes_from_the_russian_company(tale: Tale) -> list[str]:
    """The invoice comes from the right company to the chosen payer, in roubles and kopecks."""
    return _expect_invoice(tale, company="RU", payer="individual")


def the_payment_is_recorded(tale: Tale) -> list[str]:
    """The administrator records the payment of the invoice."""
    return _pay(tale)


def the_service_is_activated(tale: Tale) -> list[str]:
    """The service is activated, and its order fulfilled."""
    return _expect_active_service(tale)


def the_client_becomes_active(tale: Tale) -> list[str]:
    """The client has paid and its service is active, so its state is active."""
    path = f"/clients/{tale.client_id}"
    until(lambda: expect("the client's state", tale.client.get(path)["state"], "active"))
    return ["state active"]


def the_client_buys_a_domain_in_euros(tale: Tale) -> list[str]:
    """The same client buys at N-2, in euros, for its legal entity; the other company serves it."""
    return [
        *_order(tale, "N-2", "legal_entity"),
        *_expect_invoice(tale, company="NL", payer="legal_entity"),
        *_pay(tale),
        *_expect_active_service(tale),
    ]


def the_client_has_two_personal_accounts(tale: Tale) -> list[str]:
    """The client has two personal accounts, one a currency; each service was paid and charged."""
    lines = accounts(tale, {"N-1": "0.00", "N-2": "0.00"})
    charged = [
        in_words(e["amount"]) for e in tale.client.list("/expenses", client_id=tale.client_id)
    ]
    expect("the client's expenses", charged, ["299.90 RUB", "12.50 EUR"])
    return lines


def the_client_asks_support(tale: Tale) -> list[str]:
    """The client asks support for help, and the employee of technical support answers."""
    opened = tale.client.post(
        "/requests",
        {
            "client_id": tale.client_id,
            "provider_id": tale.providers["N-1"]["id"],
            "subject": "Where do I upload my site?",
            "text": "I have found the control panel, but no folder.",
        },
    )
    path = f"/requests/{opened['id']}"
    tale.employee.post(f"{path}/answers", {"text": "In the folder www."})
    request = tale.client.get(path)
    expect("the request's status", request["status"], "answered")
    expect("the request's messages", len(request["messages"]), 2)
    return [f"{request['subject']} → {request['messages'][-1]['text']}"]


def accounts(tale: Tale, balances: dict[str, str]) -> list[str]:
    """The client's personal accounts, which must be these, by provider, with these balances."""
    wanted = sorted(
        (tale.providers[name]["id"], balance, tale.providers[name]["currency"])
        for name, balance in balances.items()
    )

    def look() -> list[str]:
        found = tale.client.list("/accounts", client_id=tale.client_id)
        came = sorted(
            (a["provider_id"], a["balance"]["amount"], a["balance"]["currency"]) for a in found
        )
        expect("the personal accounts", came, wanted)
        return [f"account …{a['id'][-6:]}: {in_words(a['balance'])}" for a in found]

    return until(look)


def _order(tale: Tale, provider: str, payer: str) -> list[str]:
    product = tale.products[provider]
    plan = product["plans"][0]
    body = {
        "client_id": tale.client_id,
        "product_id": product["id"],
        "plan_id": plan["id"],
        "payer_id": tale.payers[payer]["id"],
    }
    tale.order = tale.client.post("/orders", body)
    expect("the order's price", tale.order["price"], plan["price"])
    return [
        f"{tale.order['plan_name']} for {in_words(tale.order['price'])}, {tale.order['status']}"
    ]


def _expect_invoice(tale: Tale, *, company: str, payer: str) -> list[str]:
    def look() -> Json:
        found = tale.client.list("/invoices", client_id=tale.client_id, order_id=tale.order["id"])
        return expect_one("the order's invoices", found)

    tale.invoice = invoice = until(look)
    expect("the invoice's company", invoice["company_id"], tale.companies[company]["id"])
    expect("the invoice's payer", invoice["payer_id"], tale.payers[payer]["id"])
    expect("the invoice's total", invoice["total"], tale.order["price"])
    total = in_words(invoice["total"])
    return [f"{invoice['number']}: {invoice['company_name']} → {invoice['payer_name']}, {total}"]


def _pay(tale: Tale) -> list[str]:
    body = {"invoice_id": tale.invoice["id"], "amount": tale.invoice["total"], "method": "manual"}
    payment = tale.administrator.post("/payments", body)
    expect("the payment's amount", payment["amount"], tale.invoice["total"])
    paid = tale.client.get(f"/invoices/{tale.invoice['id']}")
    expect("the invoice's status", paid["status"], "paid")
    return [f"{in_words(payment['amount'])} received, invoice {paid['number']} {paid['status']}"]


def _expect_active_service(tale: Tale) -> list[str]:
    path = f"/services/{tale.order['service_id']}"

    def look() -> Json:
        service: Json = tale.client.get(path)
        expect("the service's status", service["status"], "active")
        return service

    service = until(look)
    order = tale.client.get(f"/orders/{tale.order['id']}")
    expect("the order's status", order["status"], "fulfilled")
    expect("the order's invoice", order["invoice_id"], tale.invoice["id"])
    return [f"{service['plan_name']}: {service['status']}, paid until {service['paid_until']}"]
