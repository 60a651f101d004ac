"""Whoever changes a contract tells its consumers: the rule that a changelog can be checked by.

A contract whose schema is not the released one is named, in backticks, under `## [Unreleased]`.
"""

import re
from typing import Any

_SECTION = re.compile(r"^## \[(.+?)\].*$", re.MULTILINE)


def untold(
    released: dict[str, dict[str, Any]], present: dict[str, dict[str, Any]], changelog: str
) -> list[str]:
    """The names of changed, new and removed contracts that the changelog is silent about."""
    names = released.keys() | present.keys()
    changed = {name for name in names if released.get(name) != present.get(name)}
    told = re.findall(r"`([^`]+)`", sections(changelog).get("Unreleased", ""))
    return sorted(changed - set(told))


def sections(changelog: str) -> dict[str, str]:
    """The text under each heading by the version that it names, newest first."""
    _, *parts = _SECTION.split(changelog)
    return dict(zip(parts[::2], parts[1::2], strict=True))
