"""Every operation of the API, and what it asks of whoever asks for it.

`python -m florin_contracts.operations DIRECTORY` writes them anew, from the services' OpenAPI
documents there.
"""

import json
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

_FILE: Final = "operations.json"
_METHODS: Final = {"get", "put", "post", "patch", "delete"}
_UNKEPT: Final = {"x-secret-answer", "x-in-parts"}


class Operation(NamedTuple):
    """A method and a path, with `{parameters}`.

    `permission` is one of the catalogue, `signed-in` for everybody who is, or `public`.
    `in_person`: neither a key, a program nor an impersonator will do. `recent_proof`: who one is
    was proved lately. `provisional`: who has yet to prove more may, too. `unkept`: its answer is
    kept under no `Idempotency-Key`, most since it holds a secret; asked twice, it acts twice.
    """

    method: str
    path: str
    permission: str
    in_person: bool = False
    recent_proof: bool = False
    provisional: bool = False
    unkept: bool = False


@cache
def operations() -> tuple[Operation, ...]:
    """All of them, by path and method."""
    stored = json.loads((files(__package__) / _FILE).read_text())
    return tuple(Operation(**one) for one in stored)


def operation_of(method: str, path: str) -> Operation | None:
    """The operation that a request would come to; its path may be written with `{parameters}`."""
    asked = path.strip("/").split("/")
    fitting = [
        one
        for one in operations()
        if one.method == method.upper() and _fits(one.path.strip("/").split("/"), asked)
    ]
    return min(fitting, key=lambda one: one.path.count("{"), default=None)


def _fits(path: list[str], asked: list[str]) -> bool:
    if len(path) != len(asked):
        return False
    return all(mine == its or mine[:1] == "{" for mine, its in zip(path, asked, strict=True))


def read_operations(documents: Path) -> Iterator[Operation]:
    """What the OpenAPI documents in a directory declare."""
    found: dict[tuple[str, str], Operation] = {}
    for document in sorted(documents.glob("*.json")):
        for path, item in json.loads(document.read_text())["paths"].items():
            for method in _METHODS & set(item):
                if "x-permission" in item[method]:
                    found[path, method.upper()] = _declared(method.upper(), path, item[method])
    yield from (found[key] for key in sorted(found))


def _declared(method: str, path: str, said: dict[str, Any]) -> Operation:
    marked = {mark for mark, value in said.items() if value == "true"}
    return Operation(
        method,
        path,
        said["x-permission"],
        in_person="x-in-person" in marked,
        recent_proof="x-recent-proof" in marked,
        provisional="x-provisional" in marked,
        unkept=bool(marked & _UNKEPT),
    )


def written(found: Iterator[Operation]) -> str:
    """As the file has them: one a line."""
    lines = ",\n".join(json.dumps(one._asdict()) for one in found)
    return f"[\n{lines}\n]\n"


if __name__ == "__main__":
    (Path(__file__).parent / _FILE).write_text(written(read_operations(Path(sys.argv[1]))))
