"""`reckon-access`: everybody's access is reckoned anew, by the rules of this release."""

import argparse
import json
import sys
from collections.abc import Sequence

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_identity.use_cases.reckon_everybody import follow_rules, work_through


async def reckon_access(runtime: Runtime, arguments: Sequence[str]) -> None:
    """`reckon-access`: may be cut short and run again; prints `{"reckoned": n}` at the end.

    After an upgrade it happens by itself; after going back to an earlier release it has to be said.
    """
    argparse.ArgumentParser(prog="python -m florin_identity reckon-access").parse_args(arguments)
    begin = runtime.begin_as(process_actor(runtime.service))
    await follow_rules(begin, again=True)
    sys.stdout.write(json.dumps({"reckoned": await work_through(begin)}) + "\n")
