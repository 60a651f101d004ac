"""What FastStream says of each service's subscriptions is in the AsyncAPI document, and no more."""

import json
from copy import deepcopy
from functools import reduce
from importlib import import_module
from operator import getitem
from typing import Any

import pytest
from faststream.specification import AsyncAPI
from tests.architecture.sources import packages
from tests.contract.test_asyncapi import DOCUMENT

from florin_chassis.road.declaration import declare
from florin_chassis.service import Service
from florin_chassis.settings import ServiceSettings
from florin_clients.service import service as clients

MANIFESTS = [path.name for path in packages("services/*") if (path / "service.py").is_file()]
SETTINGS: Any = ServiceSettings.model_construct(kafka_bootstrap="127.0.0.1:1", topic_prefix="")


def unknown(service: Service, document: dict[str, Any]) -> list[str]:
    """Channels, messages and fields that FastStream finds and the document does not have."""
    broker = declare(service.name, service.subscriptions, SETTINGS)
    found = json.loads(AsyncAPI(broker).to_specification().to_json())
    faults = []
    for channel in found["channels"].values():
        known = document["channels"].get(channel["address"], {"messages": {}})["messages"]
        read = [kind for m in channel["messages"].values() for kind in _kinds(found, m["$ref"])]
        assert read, channel
        faults += [f"{kind} on {channel['address']}" for kind in read if kind not in known]
    ours = document["components"]["schemas"]
    for kind, schema in found["components"]["schemas"].items():
        fields = schema.get("properties", {}).keys()
        faults += [f"{kind}.{f}" for f in fields - ours.get(kind, {}).get("properties", {}).keys()]
    return faults


def _kinds(found: dict[str, Any], message: str) -> list[str]:
    """The names of the models that a message may be."""
    payload = found["components"]["messages"][_last(message)]["payload"]
    schema = found["components"]["schemas"][_last(payload["$ref"])]
    variants = schema.get("anyOf", [payload])
    return [_last(variant["$ref"]) for variant in variants]


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]


@pytest.mark.parametrize("package", MANIFESTS)
def test_a_service_subscribes_to_what_the_document_tells_of(package: str) -> None:
    service: Service = import_module(f"{package}.service").service
    assert service.subscriptions.topics
    assert unknown(service, DOCUMENT) == []


@pytest.mark.parametrize(
    ("lost", "faults"),
    [
        ("channels/payers-invoice", ["InvoiceIssued on payers-invoice", "InvoicePaid on p"]),
        ("channels/payers-invoice/messages/InvoicePaid", ["InvoicePaid on payers-invoice"]),
        ("channels/payers-payer-state/messages/PayerState", ["PayerState on payers-payer-state"]),
        ("components/schemas/InvoicePaid/properties/total", ["InvoicePaid.total"]),
    ],
)
def test_what_the_document_lost_is_found(lost: str, faults: list[str]) -> None:
    document = deepcopy(DOCUMENT)
    *path, last = lost.split("/")
    del reduce(getitem, path, document)[last]
    found = unknown(clients, document)
    assert len(found) == len(faults)
    assert all(map(str.startswith, sorted(found), faults)), found
