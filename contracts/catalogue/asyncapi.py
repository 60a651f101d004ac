"""The AsyncAPI 3.0 document of everything that is published, made from the contracts."""

import inspect
from importlib.metadata import version
from typing import Any

from contracts.catalogue.registry import Topic, examples, headers_of, topics
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from florin_contracts.envelope import CONTENT_TYPE, Envelope, schema_id
from florin_contracts.schemas import Described, contracts
from florin_contracts.states import published_states, state_topic, state_type

BINDING = "0.5.0"
DESCRIPTION = """\
Everything that Florin states on Apache Kafka, for whoever consumes it.

Each record is a CloudEvents 1.0 event in binary mode: attributes in headers, data as the value. \
Topics come in pairs: facts, and beside them a compacted topic with the latest public state of \
each aggregate. An installation may put a prefix before every topic's name. Contracts change by \
addition only: ignore fields and types that you do not know.
"""


def document() -> dict[str, Any]:
    """The whole document; equal contracts give an equal one."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:florin:events",
        "info": {
            "title": "Florin's events",
            "version": version("florin-contracts"),
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0"},
            "tags": [{"name": owner} for owner in sorted({topic.owner for topic in topics()})],
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {name: channel for topic in topics() for name, channel in _channels(topic)},
        "operations": dict(_operation(name) for topic in topics() for name in _pair(topic)),
        "components": {
            "messages": {name: message for topic in topics() for name, message in _messages(topic)},
            "schemas": _schemas(),
        },
    }


def _pair(topic: Topic) -> tuple[str, str]:
    return topic.name, state_topic(topic.name)


def _channels(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    facts, states = _pair(topic)
    state = published_states()[topic.name].__name__
    kept = {"cleanup.policy": ["delete"], "retention.ms": topic.retention_ms}
    compacted = {
        "cleanup.policy": ["compact"],
        "max.compaction.lag.ms": topic.max_compaction_lag_ms,
        "delete.retention.ms": topic.delete_retention_ms,
    }
    beside = f"The latest public state behind `{facts}`; without a value where it was erased."
    return [
        (facts, _channel(topic, facts, topic.meaning, [e.__name__ for e in topic.events], kept)),
        (states, _channel(topic, states, beside, [state, f"{state}Erased"], compacted)),
    ]


def _channel(
    topic: Topic, address: str, summary: str, messages: list[str], configuration: dict[str, Any]
) -> dict[str, Any]:
    binding = {
        "topic": address,
        "partitions": topic.partitions,
        "topicConfiguration": configuration,
        "bindingVersion": BINDING,
    }
    return {
        "address": address,
        "summary": summary,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "tags": [{"name": topic.owner}],
        "bindings": {"kafka": binding},
        "x-owner": topic.owner,
        "x-readers": list(topic.readers),
    }


def _operation(channel: str) -> tuple[str, dict[str, Any]]:
    return f"state.{channel}", {
        "action": "send",
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": f"Florin states on `{channel}`.",
    }


def _messages(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    state, type = published_states()[topic.name], state_type(topic.name)
    told = examples(type)
    erased = tuple((f"{title}, erased", example | {"data": None}) for title, example in told)
    facts = [
        (e.__name__, _message(e.type, _reference(e), e, examples(e.type))) for e in topic.events
    ]
    return [
        *facts,
        (state.__name__, _message(type, _reference(state), state, told)),
        (f"{state.__name__}Erased", _message(type, {"type": "null"}, state, erased)),
    ]


def _reference(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _message(
    type: str,
    payload: dict[str, Any],
    model: type[BaseModel],
    told: tuple[tuple[str, dict[str, Any]], ...],
) -> dict[str, Any]:
    own = {"ce_type": {"const": type}, "ce_dataschema": {"const": schema_id(type)}}
    key = {"type": "string", "format": "uuid", "description": "The aggregate: `ce_subject`."}
    erased = payload == {"type": "null"}
    return {
        "name": type,
        "title": f"{model.__name__} erased" if erased else model.__name__,
        "summary": "The aggregate was erased." if erased else inspect.getdoc(model) or "",
        "headers": {
            "type": "object",
            "allOf": [{"$ref": "#/components/schemas/Headers"}, {"properties": own}],
        },
        "payload": payload,
        "bindings": {"kafka": {"key": key, "bindingVersion": BINDING}},
        "examples": [
            {"name": title, "headers": headers_of(e["envelope"]), "payload": e["data"]}
            for title, e in told
        ],
        "x-schema": f"../schemas/{type}.json",
    }


def _schemas() -> dict[str, Any]:
    models = [model for model in contracts().values() if model is not Envelope]
    _, definitions = models_json_schema(
        [(model, "validation") for model in models],
        ref_template="#/components/schemas/{model}",
        schema_generator=Described,
    )
    return {"Headers": _headers(), **definitions["$defs"]}


def _headers() -> dict[str, Any]:
    """The envelope as Kafka carries it: every attribute is text in a header of its own."""
    schema = Envelope.model_json_schema(schema_generator=Described)
    fixed = {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "content-type": {"type": "string", "const": CONTENT_TYPE},
    }
    attributes = {f"ce_{name}": _as_text(field) for name, field in schema["properties"].items()}
    return {
        "title": "Headers",
        "description": "The attributes of CloudEvents 1.0 in binary mode, as UTF-8 text.",
        "type": "object",
        "properties": {**fixed, **attributes},
        "required": [*fixed, *(f"ce_{name}" for name in schema["required"])],
    }


def _as_text(field: dict[str, Any]) -> dict[str, Any]:
    """An absent attribute has no header, so that none is null."""
    variants = field.get("anyOf", [field])
    (present,) = (variant for variant in variants if variant["type"] != "null")
    text = {"type": "string", "description": field["description"]}
    if present["type"] == "integer":
        return text | {"pattern": "^[1-9][0-9]*$"}
    return text | {key: present[key] for key in ("format", "minLength") if key in present}
