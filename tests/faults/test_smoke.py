"""A short run of one fault on a real system, from the command line to the verdicts."""

import json
from pathlib import Path

from tests.faults.cli import main


def test_a_system_whose_relays_are_killed_breaks_no_promise(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    assert main(["--only", "relay-kill", "--duration", "10", "--seed", "1"], results) == 0
    found = json.loads(results.read_text())
    assert found["faults"]["relay-kill"]["strikes"] > 0
    assert found["faults"]["relay-kill"]["acknowledged"] > 0
