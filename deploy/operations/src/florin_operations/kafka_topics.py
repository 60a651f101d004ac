"""Kafka's topics against the registry of the contracts."""

from collections.abc import Sequence

import typer
from aiokafka.errors import KafkaError

from florin_chassis.topics import Difference, TopicsRefused, create_topics, verify_topics
from florin_operations.errors import Found, Unreachable
from florin_operations.options import Json, Scope, Services, Stack, finish, scope
from florin_operations.output import print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="Topics of facts, states and dead letters on Kafka.")


@app.command()
def create(*, service: Services = None, stack: Stack = False, as_json: Json = False) -> None:
    """Make the topics that are missing, and mend what can be mended without moving a key.

    Exits with 1, and changes nothing of a service, when a topic has another number of partitions
    or fewer replicas than declared.
    """
    asked = scope(stack=stack, services=service)
    differences = finish(_create(asked))
    if as_json:
        print_json({"mended": differences})
    else:
        _print("Made or mended", differences)


@app.command()
def verify(*, service: Services = None, stack: Stack = False, as_json: Json = False) -> None:
    """Where Kafka is not as the registry says; changes nothing, exits with 1 on a difference."""
    asked = scope(stack=stack, services=service)
    differences = finish(_verify(asked))
    if as_json:
        print_json({"differences": differences})
    else:
        _print("Not as declared", differences)
    if differences:
        raise Found(f"{len(differences)} settings of topics are not as declared")


async def _create(asked: Scope) -> list[Difference]:
    before = await _verify(asked)
    try:
        for service in asked.services:
            await create_topics(service, asked.installation)
    except TopicsRefused as refusal:
        raise Found(str(refusal)) from refusal
    except KafkaError as error:
        raise _unreachable(asked, error) from error
    return before


async def _verify(asked: Scope) -> list[Difference]:
    found: list[Difference] = []
    try:
        for service in asked.services:
            found += await verify_topics(service, asked.installation)
    except KafkaError as error:
        raise _unreachable(asked, error) from error
    return found


def _unreachable(asked: Scope, error: KafkaError) -> Unreachable:
    bootstrap = asked.installation.kafka_bootstrap
    return Unreachable(f"Kafka at {bootstrap} does not answer: {error or type(error).__name__}")


def _print(title: str, differences: Sequence[Difference]) -> None:
    if not differences:
        say("Every topic is as declared.")
        return
    columns = ("topic", "setting", "declared", "found")
    rows = ((d.topic, d.setting, d.expected, d.actual) for d in differences)
    print_table(title, columns, rows)
