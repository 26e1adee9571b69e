"""Random documents, sampled from Atlassian's schema with the values that editors write."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any, cast

from tests.content.documents import SCHEMA

Node = dict[str, Any]
Schema = Mapping[str, Any]
_DEPTH = 7
_WORDS = (
    *("alpha", "beta", "Gamma", "delta.", "(note)", "snake_case", "a*b", "1.", "-", "#tag", "x < y", "é", "한글", "🙂"),
    *("[link]", "`tick`", "::", ":u[x]", "{a=b}", "a|b", "C:\\dir", "~~", "&amp;", "!", "\\", "***", "<br>", "100%"),
)
_PLAIN = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "the", "release", "is", "ready", "now", "soon")


@cache
def definitions() -> Mapping[str, Any]:
    return json.loads(SCHEMA.read_text())["definitions"]


def document(seed: int, *, odd: bool = True) -> Node:
    """The document of a seed; `odd` ones have words that mean something in Markdown."""
    made = _Sampler(Random(seed), _WORDS if odd else _PLAIN)  # noqa: S311 - the same documents on each run
    content = [made.sample(made.choice(made.blocks()), 0) for _ in range(made.random.randint(1, 5))]
    return {"version": 1, "type": "doc", "content": content}


class _Sampler:
    def __init__(self, random: Random, words: Sequence[str]) -> None:
        self.random = random
        self._words = words
        self._known: dict[str, Callable[[], Any]] = {
            "text": self.text,
            "href": lambda: f"https://a.example/{random.randint(1, 99)}",
            "url": lambda: f"https://a.example/{random.randint(1, 99)}",
            "id": lambda: f"{random.getrandbits(64):016x}",
            "localId": lambda: f"{random.getrandbits(64):016x}",
            "timestamp": lambda: str(random.randint(0, 20_000) * 86_400_000),
            "shortName": lambda: random.choice([":smile:", ":tada:"]),
            "language": lambda: random.choice(["python", "java", ""]),
            "parameters": self._parameters,
            "datasource": dict,
            "state": lambda: "DECIDED",
            "level": lambda: random.randint(1, 6),
            "colspan": lambda: random.choice([1, 1, 2]),
            "rowspan": lambda: random.choice([1, 1, 2]),
            "data": lambda: {"url": "https://a.example"},
        }

    def choice(self, options: Sequence[Any]) -> Any:
        return self.random.choice(options)

    def blocks(self) -> Sequence[Schema]:
        return definitions()["doc_node"]["properties"]["content"]["items"]["anyOf"]

    def text(self) -> str:
        words = " ".join(self.choice(self._words) for _ in range(self.random.randint(1, 5)))
        return self.choice([words, words, words, f"{words} ", f" {words}"])

    def _parameters(self) -> Any:
        given = {"macroParams": {"maxLevel": {"value": str(self.random.randint(1, 6))}}}
        return self.choice([{}, *[given] * 80, {"free": {"form": [1, 2]}}])

    def sample(self, schema: Schema, depth: int, name: str = "") -> Any:  # noqa: PLR0911 - one for each kind of schema
        schema = _merged(schema)
        if "anyOf" in schema:
            return self.sample(self._option(schema["anyOf"], depth), depth, name)
        if "enum" in schema:
            return self.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth, name)
            case "string" if "pattern" in schema:
                return self.choice(["#ff0000", "#00aa55"])
            case "string":
                return self._known.get(name, self.text)()
            case "number":
                return self._known.get(name, lambda: self.random.randint(1, 3))()
            case "boolean":
                return bool(self.random.getrandbits(1))
            case _:
                return self._known.get(name, dict[str, Any])()

    def _option(self, options: Sequence[Schema], depth: int) -> Schema:
        plain = [option for option in options if not {"data", "datasource"} & set(option.get("required", ()))]
        options = plain if plain and self.random.random() < 0.99 else options
        if depth < _DEPTH:
            return self.choice(options)
        leaves = [option for option in options if "paragraph" in str(option.get("$ref")) or "text" in str(option)]
        return self.choice(leaves or options)

    def _object(self, schema: Schema, depth: int) -> Node:
        required = schema.get("required", ())
        kind = str(schema.get("properties", {}).get("type", {}).get("enum", [""])[0])
        found: Node = {}
        for name, inner in schema.get("properties", {}).items():
            if name not in required and self.random.random() > (0.9 if name == "content" else 0.25):
                continue
            found[name] = self.sample(inner, depth + (name == "content"), name)
        return _tidy(kind, found)

    def _array(self, schema: Schema, depth: int, name: str) -> list[Any]:
        items = schema.get("items", {})
        if isinstance(items, list):
            shapes = cast("list[Schema]", items)
            count = self.random.randint(schema.get("minItems", 0), schema.get("maxItems", len(shapes)))
            return [self.sample(shapes[index % len(shapes)], depth) for index in range(count)]
        most = min(schema.get("maxItems", 3), 3 if depth < _DEPTH else 1)
        low = schema.get("minItems", 0)
        found = [self.sample(items, depth) for _ in range(self.random.randint(low, max(low, most)))]
        if name == "marks":
            return list({mark["type"]: mark for mark in found if mark}.values())
        return found


def _tidy(kind: str, node: Node) -> Node:
    """What the schema allows but no editor writes: empty lists of marks, rows of other widths."""
    if node.get("marks") == []:
        del node["marks"]
    if kind == "tableRow" and not node.get("content"):
        cell: Node = {"type": "tableCell", "content": [{"type": "paragraph", "content": []}]}
        node["content"] = [cell]
    if "content" in node:
        node["content"] = _joined(node["content"])
    if kind == "taskList":
        tasks = node["content"]
        while tasks and tasks[0]["type"] == "taskList":
            tasks[:1] = tasks[0]["content"]
    return node


def _joined(nodes: list[Node]) -> list[Node]:
    """Texts with the same marks beside each other, which an editor makes one."""
    found: list[Node] = []
    for node in nodes:
        last = found[-1] if found else {}
        if last.get("type") == node["type"] == "text" and last.get("marks") == node.get("marks"):
            last["text"] += node["text"]
        else:
            found.append(node)
    return found


def _merged(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = definitions()[schema["$ref"].rpartition("/")[2]]
    if "allOf" not in schema:
        return schema
    merged: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    required: list[str] = []
    for part in map(_merged, schema["allOf"]):
        merged |= part
        properties |= part.get("properties", {})
        required += part.get("required", [])
    return {**merged, "properties": properties, "required": required}
