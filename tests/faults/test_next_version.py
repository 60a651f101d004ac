"""The version that is made to run beside the present one is code that runs, and is another."""

import json
import os
import subprocess
import sys

import pytest
from tests.faults.next_version import GROWN, NextVersion, make_next_version

from florin_chassis.schema import newest_revisions
from florin_local.folders import PROJECT
from florin_local.settings import SERVICES


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> NextVersion:
    return make_next_version(tmp_path_factory.mktemp("version"), 2)


@pytest.mark.parametrize("service", SERVICES)
def test_its_services_run_from_its_own_folder_and_say_which_version_they_are(
    version: NextVersion, service: str
) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", f"florin_{service}", "openapi"],
        env=os.environ | version.environment,
        check=True,
        capture_output=True,
    )
    assert json.loads(ran.stdout)["info"]["version"] == version.name == "0.1.0+2"


@pytest.mark.parametrize("service", SERVICES)
def test_it_widens_and_indexes_what_is_written_all_the_time_once_for_each_version(
    version: NextVersion, service: str
) -> None:
    ours = PROJECT / "services" / service / "migrations/versions"
    its = version.folder / "services" / service / "migrations/versions"
    assert newest_revisions(its)[service] == newest_revisions(ours)[service] + 4


def test_its_public_states_have_a_field_that_an_event_of_the_present_version_lacks(
    version: NextVersion,
) -> None:
    names = ", ".join(grown.state for grown in GROWN)
    code = (
        "from florin_contracts.identity import *; from florin_contracts.clients import *\n"
        "from florin_contracts.payers import *; from florin_contracts.providers import *\n"
        f"for state in ({names}): assert not state.model_fields['release'].is_required()"
    )
    environment = os.environ | version.environment
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
