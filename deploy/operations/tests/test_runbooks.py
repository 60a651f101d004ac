"""What the runbooks tell people to type is there to be typed, and what they name exists."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.metrics import MetricWrapperBase
from typer import TyperException
from typer.core import TyperGroup
from typer.main import get_command

from florin_chassis import metrics
from florin_identity.commands.security_log import parser_of_actions
from florin_identity.delivery import mailer, notifier
from florin_identity.settings import Settings
from florin_identity.use_cases import seal_security_log
from florin_operations.cli import app
from florin_operations.registry import SERVICES, read_by
from florin_operations.settings import database_variable

RUNBOOKS = Path(__file__).parents[3] / "docs" / "runbooks"
PAGES = sorted(RUNBOOKS.glob("*.md"))


def command_lines(text: str, begin: str = "florin ") -> list[str]:
    """Lines of code blocks, and pieces of code in sentences, that call `florin`."""
    blocks = re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    without_blocks = re.sub(r"^```\n.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    lines += re.findall(r"`([^`\n]+)`", without_blocks)
    return [line for line in lines if line.startswith(begin)]


def parse(line: str) -> dict[str, Any]:
    """The parameters of a line, as the command would read it; raises on what it does not know."""
    command, arguments, context = get_command(app), shlex.split(line)[1:], None
    while True:
        context = command.make_context(command.name or "florin", arguments, parent=context)
        if not isinstance(command, TyperGroup):
            return context.params
        rest = [*context._protected_args, *context.args]
        _, inner, arguments = command.resolve_command(context, rest)
        assert inner
        command = inner


LINES = sorted({(page.name, line) for page in PAGES for line in command_lines(page.read_text())})


@pytest.mark.parametrize(("page", "line"), LINES, ids=str)
def test_every_command_line_parses_and_names_what_there_is(page: str, line: str) -> None:
    assert page
    parameters = parse(line)
    named = parameters.get("service") or []
    services = [named] if isinstance(named, str) else named
    assert set(services) <= set(SERVICES)
    if topic := parameters.get("topic"):
        assert topic in read_by(services[0])


def test_every_line_about_the_security_log_is_one_that_its_command_takes() -> None:
    begin = "python -m florin_identity security-log "
    lines = command_lines((RUNBOOKS / "security-log.md").read_text(), begin)
    actions = {parser_of_actions().parse_args(shlex.split(line)[4:]).run for line in lines}
    assert len(actions) == 5


def test_there_are_command_lines_on_every_page() -> None:
    assert {page for page, _ in LINES} == {page.name for page in PAGES}


@pytest.mark.parametrize(
    "wrong",
    ["florin leg", "florin lag --quickly", "florin dead-letters show clients x", "florin topics"],
)
def test_a_line_that_no_command_knows_is_found(wrong: str) -> None:
    with pytest.raises(TyperException):
        parse(wrong)


def test_every_command_stands_in_a_runbook() -> None:
    told = {" ".join(words(line)) for _, line in LINES}
    assert commands(get_command(app)) == told


def test_every_metric_in_a_runbook_is_measured() -> None:
    modules = (metrics, seal_security_log, mailer, notifier)
    values = [value for module in modules for value in vars(module).values()]
    measured = {value.describe()[0].name for value in values if is_metric(value)}
    told = mentioned(r"`(florin_[a-z_]+)")
    assert told
    assert {name.removesuffix("_total") for name in told} - measured == set()


def test_every_variable_in_a_runbook_is_read() -> None:
    known = {f"FLORIN_{name.upper()}" for name in Settings.model_fields}
    known |= {database_variable(service) for service in SERVICES}
    assert mentioned(r"\b(FLORIN_[A-Z_]+)\b") - known == set()


def test_every_page_that_a_runbook_points_to_is_there() -> None:
    assert mentioned(r"\]\(([a-z-]+)\.md\)") - {page.stem for page in PAGES} == set()


def mentioned(pattern: str) -> set[str]:
    return {name for page in PAGES for name in re.findall(pattern, page.read_text())}


def is_metric(value: object) -> bool:
    return isinstance(value, MetricWrapperBase)


def words(line: str) -> list[str]:
    """The words of a line that name its command."""
    named: list[str] = []
    command = get_command(app)
    for word in shlex.split(line)[1:]:
        if not isinstance(command, TyperGroup):
            break
        named.append(word)
        command = command.commands[word]
    return named


def commands(command: Any, *before: str) -> set[str]:
    if not isinstance(command, TyperGroup):
        return {" ".join(before)}
    return {
        name for word, inner in command.commands.items() for name in commands(inner, *before, word)
    }
