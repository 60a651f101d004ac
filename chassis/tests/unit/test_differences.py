"""Differences say all of a change, no more, and each at its innermost place."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_chassis.differences import Difference, Op, differences

scalars = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "a/b", "~1"])
ids = st.sampled_from(["0190", "0191", "0192"])
elements = st.fixed_dictionaries({"id": ids, "n": st.integers(0, 1)})
values = st.recursive(
    scalars | st.lists(elements, max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "a/b", "~", "id"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def applied(value: Any, changes: list[Difference]) -> Any:
    """The value after the changes, done one by one as their places say."""
    whole = {"": deepcopy(value)}
    for change in changes:
        names = [n.replace("~1", "/").replace("~0", "~") for n in change.path.split("/")]
        inside: Any = whole
        for name in names[:-1]:
            inside = inside[key_of(inside, name)]
        key = key_of(inside, names[-1])
        if change.op is Op.REMOVE:
            assert inside.pop(key) == change.before
        elif change.op is Op.ADD and isinstance(inside, list):
            inside.append(change.after)
        else:
            inside[key] = change.after
    return whole[""]


def key_of(inside: Any, name: str) -> Any:
    """Where in a dictionary or a list the name is."""
    if isinstance(inside, dict):
        return name
    by_id = [n for n, e in enumerate(inside) if isinstance(e, dict) and e.get("id") == name]
    return by_id[0] if by_id else int(name) if name.isdecimal() and len(name) < 4 else len(inside)


def exact(value: Any) -> Any:
    """What tells 1 from true."""
    return repr(value) if not isinstance(value, dict) else {k: exact(v) for k, v in value.items()}


@given(values, values)
def test_applied_to_what_was_before_they_give_what_is_after(before: Any, after: Any) -> None:
    assert exact(applied(before, list(differences(before, after)))) == exact(after)


@given(values)
def test_nothing_differs_from_itself(value: Any) -> None:
    assert list(differences(value, deepcopy(value))) == []


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, ["/a/c"]),
        ({"a": [{"id": "x", "n": 1}, {"id": "y", "n": 1}]}, {"a": [{"id": "y", "n": 2}]},
         ["/a/x", "/a/y/n"]),
        ({"a": ["b", "c"]}, {"a": ["b", "d"]}, ["/a/1"]),
        ({"a": ["b", "c"]}, {"a": ["b"]}, ["/a"]),
        ({"a": [{"id": "x"}, {"id": "y"}]}, {"a": [{"id": "y"}, {"id": "x"}]}, ["/a"]),
        ({"a/b": 1, "m~n": 1}, {"a/b": True, "m~n": 2}, ["/a~1b", "/m~0n"]),
    ],
)  # fmt: skip
def test_a_change_is_told_at_its_innermost_place(
    before: Any, after: Any, places: list[str]
) -> None:
    assert [change.path for change in differences(before, after)] == places
