"""The next version of the services, made from this one: what a release that only adds would add.

It needs no history of the code, so that it is had from a shallow clone and from an archive, too.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from florin_chassis.schema import newest_revisions
from florin_local.folders import PROJECT
from florin_local.settings import SERVICES

RELEASE: Final = "next"
"""What the new version writes into the column that it adds."""

BEFORE: Final = "before"
"""What rows hold that it has not written: the column's default, for the old version goes on."""

_VERSION: Final = "0.1.0"
_PACKAGES: Final = ("contracts", "countries", "chassis", *(f"services/{name}" for name in SERVICES))


class _Grown(NamedTuple):
    """An aggregate that gets a column, and a field of its public state."""

    service: str
    table: str
    state: str
    stated_in: str


GROWN: Final = (
    _Grown("identity", "users", "UserState", "identity.py"),
    _Grown("providers", "departments", "DepartmentState", "providers/staff.py"),
    _Grown("clients", "orders", "OrderState", "clients.py"),
    _Grown("clients", "requests", "RequestState", "clients.py"),
    _Grown("payers", "invoices", "InvoiceState", "payers.py"),
)
READS: Final = ("payers", "clients-request", "RequestState")
"""A service that begins to read a topic, and keeps the states on it."""

_MIGRATION: Final = '''"""What version {number} adds"""

import sqlalchemy as sa
from alembic import op

{use}
revision, down_revision = "{service}_{revision:04}", "{service}_{before:04}"
branch_labels = depends_on = None


def upgrade() -> None:
{steps}
'''


@dataclass(frozen=True)
class NextVersion:
    """The services' code in a folder of its own; the present version's number is 0."""

    folder: Path
    number: int

    @property
    def name(self) -> str:
        """What an API of it says of itself in its document."""
        return f"{_VERSION}+{self.number}"

    @property
    def environment(self) -> dict[str, str]:
        """With which a process runs it, before whatever is installed."""
        folders = (str(self.folder / package / "src") for package in _PACKAGES)
        return {"PYTHONPATH": ":".join(folders)}


def make_next_version(folder: Path, number: int = 1) -> NextVersion:
    """Write it: each version has the migrations of those between, and the columns of the first."""
    for package in _PACKAGES:
        for part in ("src", "migrations"):
            if (source := PROJECT / package / part).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, folder / package / part, ignore=ignored)
    version = NextVersion(folder, number)
    chassis = folder / "chassis/src/florin_chassis"
    _replace(chassis / "service.py", f'version="{_VERSION}"', f'version="{version.name}"')
    _replace(
        chassis / "orm.py",
        "        self.version += 1\n",
        "        self.version += 1\n"
        f'        if hasattr(type(self), "release"):\n            self.release = "{RELEASE}"\n',
    )
    for grown in GROWN:
        _grow(folder, grown)
    _read_more(folder)
    for service in SERVICES:
        _migrate_further(folder / "services" / service / "migrations/versions", service, number)
    return version


def _grow(folder: Path, grown: _Grown) -> None:
    _replace(
        folder / "contracts/src/florin_contracts" / grown.stated_in,
        rf"(class {grown.state}\(Value\):\n    \"\"\".*?\"\"\"\n\n)",
        r"\1    release: str | None = None\n",
    )
    models = folder / f"services/{grown.service}/src/florin_{grown.service}/models"
    line = f'    __tablename__ = "{grown.table}"\n'
    [model] = [path for path in models.rglob("*.py") if line in path.read_text()]
    _replace(model, line, f"{line}    release: Mapped[str] = mapped_column(default='{RELEASE}')\n")


def _read_more(folder: Path) -> None:
    service, topic, state = READS
    package = folder / f"services/{service}/src/florin_{service}/consumers/subscriptions.py"
    states = topic.partition("-")[0]
    with package.open("a") as module:
        module.write(
            f"\nfrom florin_contracts.{states} import {state}\n\nsubscriptions.project({state})\n"
        )


def _migrate_further(versions: Path, service: str, number: int) -> None:
    newest = newest_revisions(versions)[service]
    for step in range(1, number + 1):
        tables = [grown.table for grown in GROWN if grown.service == service]
        for use, steps in (_widened(tables, step), _indexed(tables, step)):
            newest += 1
            text = _MIGRATION.format(
                service=service,
                revision=newest,
                before=newest - 1,
                number=step,
                use=use,
                steps="\n".join(f"    {line}" for line in steps),
            )
            (versions / f"{service}_{newest:04}_version_{step}.py").write_text(text)


def _widened(tables: list[str], step: int) -> tuple[str, list[str]]:
    column = "release" if step == 1 else f"release_{step}"
    return "", [
        f'op.add_column("{table}", sa.Column("{column}", sa.String(), nullable=False,'
        f' server_default="{BEFORE}"))'
        for table in tables
    ]


def _indexed(tables: list[str], step: int) -> tuple[str, list[str]]:
    return "from florin_chassis.migrations.online import create_index\n", [
        f'create_index("ix_{table}_version_{step}", "{table}", ["release"])' for table in tables
    ]


def _replace(path: Path, found: str, instead: str) -> None:
    """Exactly once, as a pattern or as it stands; raises `ValueError` where it is not there."""
    text = path.read_text()
    pattern = found if "\\" in found else re.escape(found)
    changed, count = re.subn(pattern, instead, text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"{path} has {count} times {found!r}: mend tests/faults/next_version.py")
    path.write_text(changed)
