"""A bulk job as it is read: operations, and which of them refer to what others make."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from florin_providers.api.scim.speaking import NotScim

OPERATIONS_MAX: Final = 100
"""As many as are done well within the time that the gateway waits for an answer."""

_BULK_ID_LENGTH_MAX: Final = 200
_METHODS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_PATH: Final = re.compile(r"/?(Users|Groups)(?:/([A-Za-z0-9:._-]{1,210}))?")
_PREFIX: Final = "bulkId:"


@dataclass(frozen=True, slots=True)
class Operation:
    """One of a job; `fault` says what is wrong with it, if it cannot be tried at all."""

    method: str
    path: str
    bulk_id: str | None
    version: str | None
    data: Any
    fault: str | None

    @property
    def refers_to(self) -> set[str]:
        """The bulk ids of what others make that it needs."""
        return {text.removeprefix(_PREFIX) for text in _references(self.data)} | {
            part.removeprefix(_PREFIX) for part in self.path.split("/") if part.startswith(_PREFIX)
        }

    def with_ids(self, made: Mapping[str, str]) -> "Operation":
        """The same, with the ids of what was made in the place of references."""
        path = "/".join(_resolved(part, made) for part in self.path.split("/"))
        data = _resolved(self.data, made)
        return Operation(self.method, path, self.bulk_id, self.version, data, self.fault)


@dataclass(frozen=True, slots=True)
class Job:
    """The operations in the order in which they were sent, and how many may fail."""

    operations: list[Operation]
    errors_max: int | None

    def in_order(self) -> list[int]:
        """Each after those that make what it refers to, else as they were sent.

        What refers to nothing that is made, or in a circle, comes last: it cannot succeed.
        """
        makers = {o.bulk_id for o in self.operations if o.method == "POST"}
        waiting, order, made = list(range(len(self.operations))), list[int](), set[str]()
        while waiting:
            ready = [i for i in waiting if self.operations[i].refers_to & makers <= made]
            chosen = ready[0] if ready else waiting[0]
            waiting.remove(chosen)
            order.append(chosen)
            made |= {self.operations[chosen].bulk_id or ""}
        return order


def read_job(content: Mapping[str, Any]) -> Job:
    """The job that a body says; raises `NotScim` where it is none, or too large."""
    named = {name.lower(): value for name, value in content.items()}
    sent, errors_max = named.get("operations"), named.get("failonerrors")
    if not isinstance(sent, list) or not all(isinstance(one, dict) for one in sent):
        raise NotScim("Operations is a list of operations", "invalidSyntax")
    if len(sent) > OPERATIONS_MAX:
        raise NotScim(f"a job has at most {OPERATIONS_MAX} operations (maxOperations)", None, 413)
    counts = isinstance(errors_max, int) and not isinstance(errors_max, bool) and errors_max >= 1
    if errors_max is not None and not counts:
        raise NotScim("failOnErrors is a number of at least 1", "invalidValue")
    operations = [_operation(one) for one in sent]
    made = [o.bulk_id for o in operations if o.method == "POST" and o.bulk_id]
    if len(set(made)) < len(made):
        raise NotScim("a bulkId is there twice", "invalidValue")
    return Job(operations, errors_max)


def _operation(sent: Mapping[str, Any]) -> Operation:
    named = {name.lower(): value for name, value in sent.items()}
    texts = {n: named.get(n) for n in ("method", "path", "bulkid", "version")}
    said = {n: v if isinstance(v, str) else None for n, v in texts.items()}
    method = (said["method"] or "").upper()
    path = "/" + (said["path"] or "").lstrip("/")
    fault = _fault(method, path, said["bulkid"])
    if named.get("data") is not None and not isinstance(named["data"], dict):
        fault = fault or "data is a JSON object"
    return Operation(method, path, said["bulkid"], said["version"], named.get("data"), fault)


def _fault(method: str, path: str, bulk_id: str | None) -> str | None:
    found = _PATH.fullmatch(path)
    if method not in _METHODS:
        return "method is POST, PUT, PATCH or DELETE"
    if found is None or (method == "POST") is not (found[2] is None):
        return "path is /Users or /Groups for POST, and names one of them for all else"
    if method == "POST" and not bulk_id:
        return "a POST has a bulkId"
    if len(bulk_id or "") > _BULK_ID_LENGTH_MAX:
        return f"a bulkId has at most {_BULK_ID_LENGTH_MAX} characters"
    return None


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(_PREFIX):
            yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _references(one)


def _resolved(value: Any, made: Mapping[str, str]) -> Any:
    if isinstance(value, str) and value.startswith(_PREFIX):
        return made[value.removeprefix(_PREFIX)]
    if isinstance(value, dict):
        return {name: _resolved(one, made) for name, one in value.items()}
    return [_resolved(one, made) for one in value] if isinstance(value, list) else value
