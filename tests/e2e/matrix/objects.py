"""What somebody can see, found by walking the lists: the ids to put into the paths of questions."""

import re
from collections.abc import Iterator
from typing import Final

import httpx
from tests.e2e.answers import read

Filled = str
"""A path whose parameters are real ids."""

_FIRST: Final = re.compile(r"\{[a-z_]+\}")


class Objects:
    """All that one token shows."""

    def __init__(self, http: httpx.Client, token: str) -> None:
        self._http, self._token = http, token
        self._lists: dict[str, list[str]] = {}

    def paths(self, path: str) -> list[Filled]:
        """The path with the ids of everything visible; none where nothing is."""
        return list(self._filled(path))

    def _filled(self, path: str) -> Iterator[Filled]:
        found = _FIRST.search(path)
        if found is None:
            yield path
            return
        for id_ in self._listed(path[: found.start()].rstrip("/")):
            yield from self._filled(path[: found.start()] + id_ + path[found.end() :])

    def _listed(self, path: str) -> list[str]:
        if path not in self._lists:
            answer = read(self._http, self._token, path)
            known = answer.status_code == httpx.codes.OK and "data" in answer.json()
            self._lists[path] = [row["id"] for row in answer.json()["data"]] if known else []
        return self._lists[path]
