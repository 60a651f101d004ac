"""Numbering templates: none repeats a number, and no two of a company can give the same one."""

import re
from collections import deque
from typing import Final, TypeAlias

from florin_chassis.errors import Refusal
from florin_contracts.numbering import (
    DEFAULT_TEMPLATES,
    PLACEHOLDER,
    NumberingPeriod,
    NumberingTemplate,
)

Prefixed: TypeAlias = tuple[NumberingTemplate, str]
"""A template and what `{prefix}` stands for in it."""

_DIGITS: Final = frozenset("0123456789")
_YEAR: Final = (frozenset("2"), _DIGITS, _DIGITS, _DIGITS)
_NEEDED: Final = {
    NumberingPeriod.YEAR: ("year",),
    NumberingPeriod.MONTH: ("year", "month"),
    NumberingPeriod.NONE: (),
}


class NumbersWouldRepeat(Refusal):
    """A template gives the same number twice: in two periods, or to two documents of one."""

    code = "numbers_would_repeat"


class NumbersWouldCollide(Refusal):
    """Two templates of a company can give the same number, or one of now and one of before."""

    code = "numbers_would_collide"


def require_distinct_numbers(
    templates: tuple[NumberingTemplate, ...],
    prefix: str,
    past: tuple[Prefixed, ...],
    before: tuple[tuple[NumberingTemplate, ...], str],
) -> tuple[Prefixed, ...]:
    """The past templates, those of `before` among them. Raises the refusals above."""
    for template in templates:
        _require_periodic(template)
    present = _effective(templates, prefix)
    left = [*past, *(p for p in _effective(*before) if p not in past)]
    for place, one in enumerate(present):
        for other in present[place + 1 :]:
            _require_apart(one, other)
        for other in left:
            if not _is_continued(one, other):
                _require_apart(one, other)
    return tuple(left)


def _effective(templates: tuple[NumberingTemplate, ...], prefix: str) -> list[Prefixed]:
    kinds = {template.document_type for template in templates}
    defaults = [t for kind, t in DEFAULT_TEMPLATES.items() if kind not in kinds]
    return [(template, prefix) for template in (*templates, *defaults)]


def _require_periodic(template: NumberingTemplate) -> None:
    names = [name for name, _ in PLACEHOLDER.findall(template.template)]
    if names.count("number") != 1:
        _refuse(template, "has {number} once")
    for needed in _NEEDED[NumberingPeriod(template.period)]:
        if needed not in names:
            _refuse(template, f"begins again each {template.period}, and needs {{{needed}}}")


def _refuse(template: NumberingTemplate, reason: str) -> None:
    kind = template.document_type
    raise NumbersWouldRepeat(f"the template of {kind} {reason}", document_type=str(kind))


def _is_continued(one: Prefixed, other: Prefixed) -> bool:
    """Whether the count just goes on, in the same words but for the padding."""
    (now, _), (then, _) = one, other
    return (now.document_type, now.period, _unpadded(*one)) == (
        then.document_type,
        then.period,
        _unpadded(*other),
    )


def _unpadded(template: NumberingTemplate, prefix: str) -> str:
    return re.sub(r"\{number:[1-9]\}", "{number}", template.template.replace("{prefix}", prefix))


def _require_apart(one: Prefixed, other: Prefixed) -> None:
    if (example := common_number(one, other)) is None:
        return
    kinds = [str(template.document_type) for template, _ in (one, other)]
    raise NumbersWouldCollide(
        f"the templates of {' and '.join(kinds)} could both give {example}",
        document_types=kinds,
        example=example,
    )


Step: TypeAlias = tuple[frozenset[str], bool]
"""The characters that may stand somewhere, and whether any number of them may."""


def common_number(one: Prefixed, other: Prefixed) -> str | None:
    """A text that both can give; `None` if there is none.

    Each is a row of steps, so that both together are walked as one automaton. Padded numbers are
    taken to be any digits: a pair may be refused that would collide for number nought only.
    """
    left, right = _steps(*one), _steps(*other)
    waiting: deque[tuple[int, int, str]] = deque([(0, 0, "")])
    seen = {(0, 0)}
    while waiting:
        i, j, text = waiting.popleft()
        if i == len(left) and j == len(right):
            return text
        for k, m, more in _moves(left, i, right, j):
            if (k, m) not in seen:
                seen.add((k, m))
                waiting.append((k, m, text + more))
    return None


def _moves(left: list[Step], i: int, right: list[Step], j: int) -> list[tuple[int, int, str]]:
    moves = []
    if i < len(left) and left[i][1]:
        moves.append((i + 1, j, ""))
    if j < len(right) and right[j][1]:
        moves.append((i, j + 1, ""))
    if i < len(left) and j < len(right) and (both := left[i][0] & right[j][0]):
        after = ({i + 1, i} if left[i][1] else {i + 1}, {j + 1, j} if right[j][1] else {j + 1})
        moves += [(k, m, min(both)) for k in sorted(after[0]) for m in sorted(after[1])]
    return moves


def _steps(template: NumberingTemplate, prefix: str) -> list[Step]:
    steps: list[Step] = []
    end = 0
    text = template.template
    for found in PLACEHOLDER.finditer(text):
        steps += [(frozenset(character), False) for character in text[end : found.start()]]
        name, width = found.groups()
        steps += _placed(name, width, prefix)
        end = found.end()
    return steps + [(frozenset(character), False) for character in text[end:]]


def _placed(name: str, width: str | None, prefix: str) -> list[Step]:
    if name == "number":
        return [*[(_DIGITS, False)] * int(width or 1), (_DIGITS, True)]
    if name == "year":
        return [(characters, False) for characters in _YEAR]
    if name == "month":
        return [(frozenset("01"), False), (_DIGITS, False)]
    return [(frozenset(character), False) for character in prefix]
