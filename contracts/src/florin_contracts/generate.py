"""Write the JSON Schemas of every record and of the envelope, or check that they are up to date.

`python -m florin_contracts.generate [--check] [--out contracts]`
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from florin_contracts.schemas import schema_documents


def stale_files(folder: Path, expected: Mapping[str, str]) -> list[str]:
    """The names of files that are missing, out of date, or stand for nothing any more."""
    present = {path.name: path.read_text("utf-8") for path in folder.glob("*.*")}
    names = expected.keys() | present.keys()
    return sorted(name for name in names if expected.get(name) != present.get(name))


def bring_up_to_date(folder: Path, expected: Mapping[str, str]) -> list[str]:
    """Make the folder hold the expected files and no others; returns the names that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    stale = stale_files(folder, expected)
    for name in stale:
        if name in expected:
            (folder / name).write_text(expected[name], "utf-8")
        else:
            (folder / name).unlink()
    return stale


def generate(folder: Path, expected: Mapping[str, str], *, check: bool) -> bool:
    """Write or only check one folder, naming each stale file; whether it was up to date."""
    stale = stale_files(folder, expected) if check else bring_up_to_date(folder, expected)
    for name in stale:
        print(f"{'stale' if check else 'written'}: {folder / name}")
    return not stale


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 1 when `--check` finds a stale file."""
    parser = argparse.ArgumentParser(prog="florin_contracts.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a file is stale")
    parser.add_argument("--out", type=Path, default=Path("contracts"), help="where schemas/ is")
    options = parser.parse_args(arguments)
    current = generate(options.out / "schemas", schema_documents(), check=options.check)
    return 1 if options.check and not current else 0


if __name__ == "__main__":
    raise SystemExit(main())
