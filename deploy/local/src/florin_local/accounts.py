"""Chooses the unprivileged account under which PostgreSQL runs when root starts the stack."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from florin_local.errors import FolderClosed

_PREFERRED = ("postgres", "nobody")
_OVERFLOW_ID = 65534


class PopenOptions(TypedDict, total=False):
    """The part of `subprocess.Popen`'s parameters that chooses an account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """A user of the operating system that is not root."""

    name: str
    uid: int
    gid: int

    def own(self, folder: Path) -> None:
        """Hand a folder over."""
        os.chown(folder, self.uid, self.gid)

    def require_passage(self, folder: Path) -> None:
        """Raise FolderClosed for the outermost folder on the way that this account cannot enter."""
        for step in (*reversed(folder.resolve().parents), folder.resolve()):
            if step.exists() and not self._may_enter(step):
                raise FolderClosed(step, self.name)

    def _may_enter(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & 0o100)
        if status.st_gid == self.gid:
            return bool(status.st_mode & 0o010)
        return bool(status.st_mode & 0o001)


def unprivileged_account(folder: Path) -> Account | None:
    """Who runs the server of this folder: its owner, or a known account; None when not root."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat().st_uid) != 0:
        return _by_uid(owner)
    for name in _PREFERRED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    return Account(str(_OVERFLOW_ID), _OVERFLOW_ID, _OVERFLOW_ID)


def run_as(account: Account | None) -> PopenOptions:
    """What makes `subprocess` run a program under this account, or under our own."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _by_uid(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(str(uid), uid, uid)
    return Account(entry.pw_name, uid, entry.pw_gid)
