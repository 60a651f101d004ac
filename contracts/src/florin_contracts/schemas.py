"""The JSON Schemas of everything that is published: facts, states and the envelope around them."""

import ast
import inspect
import json
import sys
from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from florin_contracts.compatibility import INDEX
from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.events import published_events
from florin_contracts.states import published_states, state_topic, state_type

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ENVELOPE: Final = "envelope"


def contracts() -> dict[str, type[BaseModel]]:
    """Every contract by its name: a record's type, or `envelope`."""
    states = {state_type(topic): state for topic, state in published_states().items()}
    return {**published_events(), **states, ENVELOPE: Envelope}


def schema_documents() -> dict[str, str]:
    """The text of every schema file by its name. The same contracts always give the same text."""
    documents = {f"{name}.json": _document(name, model) for name, model in contracts().items()}
    return {**documents, f"{INDEX}.json": _text({"schemas": catalogue()})}


def catalogue() -> list[dict[str, str]]:
    """What there is, an entry a schema: its id, file and kind, and a record's type and topic."""
    facts = [_entry(name, "fact", event.topic) for name, event in published_events().items()]
    states = [_entry(state_type(t), "state", state_topic(t)) for t in published_states()]
    return [_entry(ENVELOPE, ENVELOPE, ""), *facts, *states]


def _entry(name: str, kind: str, topic: str) -> dict[str, str]:
    record = {"type": name, "topic": topic} if topic else {}
    model = contracts()[name]
    sentence = (inspect.getdoc(model) or "").split("\n\n")[0]
    words = {"title": model.__name__, "description": " ".join(sentence.split())}
    return {"id": schema_id(name), "file": f"{name}.json", "kind": kind, **record, **words}


def _document(name: str, model: type[BaseModel]) -> str:
    schema = model.model_json_schema(schema_generator=Described)
    heading: dict[str, Any] = {"$schema": DIALECT, "$id": schema_id(name)}
    heading |= {key: schema.pop(key) for key in ("title", "description")}
    return _text(heading | schema)


def _text(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


class Described(GenerateJsonSchema):
    """Takes the meaning of a field from the sentence written under it in the source.

    Pydantic can do so too, but when classes are made: that would cost every process its start.
    """

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        """As pydantic's, with a description at each field that has one."""
        described = super().model_schema(schema)
        for name, meaning in meanings(schema["cls"]).items():
            field = described["properties"][name]
            field["description"] = " ".join(filter(None, (meaning, field.get("description"))))
        return described


def meanings(model: type[BaseModel]) -> dict[str, str]:
    """What each field of a model means, by its name; a field without a sentence is left out."""
    own = [_sentences(c.__module__).get(c.__name__, {}) for c in reversed(model.__mro__)]
    return {field: meaning for sentences in own for field, meaning in sentences.items()}


@cache
def _sentences(module: str) -> dict[str, dict[str, str]]:
    """The sentences of a module of contracts by class and field."""
    if not module.startswith("florin_contracts."):
        return {}
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return {node.name: _under_fields(node) for node in classes}


def _under_fields(node: ast.ClassDef) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, below in zip(node.body, node.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(sentence))),
            ):
                found[name] = inspect.cleandoc(sentence)
            case _:
                pass
    return found
