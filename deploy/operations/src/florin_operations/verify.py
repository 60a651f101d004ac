"""`florin verify`: the invariants of the road, held against the live system."""

from typing import Annotated

import typer

from florin_operations.errors import Found
from florin_operations.options import Json, Services, Stack, finish, scope
from florin_operations.output import print_json, print_table, say
from florin_operations.progress import progress_bars
from florin_operations.verifying.verification import Verification, verify_system


def verify(
    *,
    service: Services = None,
    examples: Annotated[int, typer.Option(min=1, help="Of each breach, show so many.")] = 20,
    stack: Stack = False,
    as_json: Json = False,
) -> None:
    """Whether committed events, Kafka, inboxes, rows and audit agree, while the system works.

    I1: committed, Kafka and each reader's inbox hold the same events. I2: one effect per event.
    I3: an aggregate's sequences go up by one. I8: row, event and audit exist together.

    What is compared is fixed first, by the positions of relays and consumers, so that nothing that
    happens meanwhile is taken for a breach. It reads only. Exits with 1 when a rule is broken.
    """
    asked = scope(stack=stack, services=service)
    with progress_bars() as progress:
        found = finish(verify_system(asked, progress, examples))
    if as_json:
        print_json({"sound": not found.breaches, **vars(found)})
    else:
        _print(found)
    if found.breaches:
        total = sum(breach.count for breach in found.breaches)
        raise Found(f"{total} breaches of {len(found.breaches)} rules")


def _print(found: Verification) -> None:
    print_table("Compared", ("what", "number"), found.checked.items())
    for breach in found.breaches:
        say(f"\n{breach.invariant}, {breach.name}: {breach.count:,}")
        for example in breach.examples:
            say(f"  {example}")
        if breach.count > len(breach.examples):
            say(f"  and {breach.count - len(breach.examples):,} more")
    if not found.breaches:
        say("Every rule holds: I1, I2, I3, I8.")
