"""Write the AsyncAPI document and the catalogue of events, or check that they are up to date.

`python -m contracts.catalogue [--check]`, from the root of the repository
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from contracts.catalogue.asyncapi import document
from contracts.catalogue.pages import pages
from contracts.catalogue.registry import CONTRACTS

from florin_contracts.generate import generate


def folders() -> dict[Path, Mapping[str, str]]:
    """What each generated folder should hold: the text of its files by their names."""
    text = json.dumps(document(), ensure_ascii=False, indent=2) + "\n"
    return {
        CONTRACTS / "asyncapi": {"florin.json": text},
        CONTRACTS.parent / "docs" / "events": pages(),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 1 when `--check` finds a stale file."""
    parser = argparse.ArgumentParser(prog="contracts.catalogue", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a file is stale")
    check: bool = parser.parse_args(arguments).check
    current = [generate(folder, files, check=check) for folder, files in folders().items()]
    return 1 if check and not all(current) else 0


if __name__ == "__main__":
    raise SystemExit(main())
