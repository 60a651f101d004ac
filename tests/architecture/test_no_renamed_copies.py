"""No service holds a renamed copy of another's code, and the search for one works."""

import ast
from textwrap import dedent

from tests.architecture.shapes import WINDOW, copies, shape, statements
from tests.architecture.sources import DEPLOYABLES, Module, modules

ORIGINAL = '''
    """Renames a client."""

    from florin_clients.models import Client

    LIMIT = 100

    async def rename_client(client_id, name, begin):
        """Raises `NotFound`."""
        async with begin() as transaction:
            client = await transaction.get(Client, client_id)
            if client.closed:
                raise ClientClosed(f"client {client_id} is closed")
            if len(name) > LIMIT:
                raise NameTooLong("at most 100 letters", limit=100)
            before = client.name
            client.name = name.strip()
            for user in client.users:
                user.name = f"{name} ({user.role})"
                transaction.emit(user.renamed(before))
            transaction.emit(client.renamed(before))
        return client
'''
RENAMED = (
    ORIGINAL.replace("client", "payer")
    .replace("Client", "Payer")
    .replace("user", "account")
    .replace("100", "64")
    .replace('"""Raises `NotFound`."""', '"""Other words: {}."""')
    .replace("LIMIT = 64", "MOST = 64\n\n    OTHER: int = 7")
)
REORDERED = ORIGINAL.replace(
    "            before = client.name\n            client.name = name.strip()\n",
    "            client.name, before = name.strip(), client.name\n",
)


def module(package: str, source: str) -> Module:
    text = dedent(source)
    return Module(package, f"{package}/rename.py", text, ast.parse(text))


def test_no_two_deployables_share_the_shape_of_their_code() -> None:
    assert [str(copy) for copy in copies(modules(*DEPLOYABLES))] == []


def test_there_is_code_to_compare() -> None:
    assert {m.package for m in modules(*DEPLOYABLES)} == {
        "florin_clients",
        "florin_gateway",
        "florin_identity",
        "florin_payers",
        "florin_providers",
    }


def test_a_renamed_copy_in_another_package_is_found() -> None:
    (copy,) = copies([module("clients", ORIGINAL), module("payers", RENAMED)])
    assert str(copy) == "clients/rename.py:8 and payers/rename.py:10 have the same shape"


def test_a_copy_in_the_middle_of_other_code_is_found() -> None:
    around = f"{ORIGINAL}\n\n    def other(x):\n        return [y + 1 for y in x]\n"
    before = f"\n    def first():\n        del x\n{RENAMED}"
    assert copies([module("clients", around), module("payers", before)])


def test_a_copy_within_one_package_is_its_own_affair() -> None:
    assert copies([module("clients", ORIGINAL), module("clients", RENAMED)]) == []


def test_code_of_another_shape_passes() -> None:
    assert copies([module("clients", ORIGINAL), module("payers", REORDERED)]) == []


def test_fewer_statements_than_the_window_pass() -> None:
    short = "\n".join(ORIGINAL.splitlines()[:15])
    assert 0 < len(list(statements(module("a", short).tree))) < WINDOW
    assert copies([module("clients", short), module("payers", short)]) == []


def test_imports_fields_and_columns_are_no_copy() -> None:
    fields = "import a\nfrom b import c\nclass State(Value):\n" + "    x: int = field()\n" * 40
    columns = "class Table(Base):\n" + "    y = column(1)\n" * 40 + "Z = 1\n" * 40
    assert copies([module("a", fields + columns), module("b", fields + columns)]) == []


def test_a_method_s_own_assignments_do_count() -> None:
    body = "class A:\n    def set(self):\n" + "        self.x = call(1)\n" * WINDOW
    assert copies([module("a", body), module("b", body)])


def test_shape_forgets_names_and_values_but_not_what_is_done() -> None:
    def of(expression: str) -> str:
        return shape(ast.parse(expression).body[0])

    assert of("a.b(1, x='y')") == of("c.d(z, w=2)")
    assert of("a.b(1)") != of("a.b(1, 2)")
    assert of("a + b") != of("a - b")
    assert of("return_(x)") != of("x")
