"""Random secrets of this installation, made when first asked for and kept in one private file."""

import base64
import json
import secrets
from pathlib import Path

_KEY_BYTES = 32
_PASSWORD_BYTES = 24


class Secrets:
    """A private JSON file of names and secrets."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def password(self, name: str) -> str:
        """A password that needs no escaping anywhere."""
        return self._get(name, secrets.token_urlsafe(_PASSWORD_BYTES))

    def key(self, name: str) -> str:
        """32 random bytes in base64."""
        return self._get(name, base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode())

    def _get(self, name: str, fresh: str) -> str:
        known: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}
        if name not in known:
            write_privately(self._path, known | {name: fresh})
        return known.get(name, fresh)


def write_privately(path: Path, content: dict[str, str]) -> None:
    """Replace a JSON file at once, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content, indent=2) + "\n")
    draft.replace(path)
