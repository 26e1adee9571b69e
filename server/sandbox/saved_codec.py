"""Records as JSON and back, by the types of their fields: what is no data (functions, logs) stays out.

A document stands in the file once however many share it, and so does each of its blocks.
"""

import base64
import types
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from server.sandbox.oauth import Family
from server.sandbox.records import Json

SCALARS = (str, int, float, bool, type(None))
NO_DATA = (Callable, Iterator, deque)
SHARED = (Family,)
"""The records that others hold together: who changes one changes it for all."""
Codec = Callable[[Any], Any]


@lru_cache(maxsize=256)
def columns(kind: type) -> dict[str, Any]:
    """The fields that are data, with their types."""
    hints = get_type_hints(kind)
    data = [each for each in fields(kind) if each.metadata.get("saved", True)]
    return {each.name: hints[each.name] for each in data if get_origin(hints[each.name]) not in NO_DATA}


def is_workshop(kind: Any) -> bool:
    """Whether its values do more than remember: they are filled anew, not made anew."""
    return is_dataclass(kind) and len(columns(cast(type, kind))) < len(fields(kind))


def is_document(value: Json) -> bool:
    return value.get("type") == "doc" and isinstance(value.get("content"), list)


def _parts(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """What a type is made of; for an optional one, of what it is if it is there."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        some = tuple(each for each in arguments if each is not type(None))
        return (some[0], ()) if len(some) == 1 else (Any, ())
    return origin or hint, arguments


class Writer:
    def __init__(self) -> None:
        self.classes: dict[str, list[str]] = {}
        self.blocks: list[Any] = []
        self.documents: list[Json] = []
        self.shared: dict[str, list[Any]] = {}
        self._numbers: dict[int, int] = {}
        self._codecs: dict[Any, Codec] = {}

    def record(self, value: Any) -> list[Any]:
        return self._codec(type(value))(value)

    def _codec(self, hint: Any) -> Codec:
        if hint not in self._codecs:
            self._codecs[hint] = self._made(hint)
        return self._codecs[hint]

    def _made(self, hint: Any) -> Codec:
        kind, arguments = _parts(hint)
        if get_origin(hint) in (Union, types.UnionType) and kind is not Any:
            inner = self._codec(kind) if kind not in SCALARS else _same
            return lambda value: None if value is None else inner(value)
        if kind in SCALARS:
            return _same
        if is_dataclass(kind):
            return self._recording(cast(type, kind))
        plain: dict[Any, Codec] = {
            datetime: datetime.isoformat,
            timedelta: lambda value: [value.days, value.seconds, value.microseconds],
            bytes: lambda value: base64.b64encode(value).decode(),
            Random: lambda value: value.getstate(),
        }
        return plain[kind] if kind in plain else self._gathering(kind, arguments)

    def _gathering(self, kind: Any, arguments: tuple[Any, ...]) -> Codec:
        if kind in (list, frozenset, set):
            item = self._codec(arguments[0])
            return (lambda value: [item(each) for each in value]) if kind is list else sorted
        if kind is tuple:
            items = [self._codec(each) for each in arguments if each is not ...]
            if ... in arguments:
                return lambda value: [items[0](each) for each in value]
            return lambda value: [item(each) for item, each in zip(items, value, strict=True)]
        if kind is dict and arguments[1] is not Any:
            key, item = self._codec(arguments[0]), self._codec(arguments[1])
            return lambda value: [[key(name), item(each)] for name, each in value.items()]
        return self._json if kind is dict else self._any

    def _recording(self, kind: type) -> Codec:
        names = list(columns(kind))
        self.classes[kind.__name__] = names
        codecs: list[Codec] = []

        def write(value: Any) -> list[Any]:
            if not codecs:  # only now: a record may hold others of its own kind
                codecs.extend(self._codec(hint) for hint in columns(kind).values())
            return [codec(getattr(value, name)) for name, codec in zip(names, codecs, strict=True)]

        return self._once(kind, write) if kind in SHARED else write

    def _once(self, kind: type, write: Codec) -> Codec:
        rows = self.shared.setdefault(kind.__name__, [])

        def number(value: Any) -> int:
            if id(value) not in self._numbers:
                self._numbers[id(value)] = len(rows)
                rows.append(write(value))
            return self._numbers[id(value)]

        return number

    def _json(self, value: Json) -> Any:
        if is_document(value):
            return self._document(value)
        return {"map": {name: self._any(each) for name, each in value.items()}}

    def _any(self, value: Any) -> Any:
        if isinstance(value, SCALARS):
            return value
        if isinstance(value, datetime):
            return {"time": value.isoformat()}
        if isinstance(value, dict) and is_document(cast(Json, value)):
            return self._document(cast(Json, value))
        return {"raw": cast(object, value)}

    def _document(self, value: Json) -> Json:
        if id(value) not in self._numbers:
            self._numbers[id(value)] = len(self.documents)
            self.documents.append(value | {"content": [self._block(block) for block in value["content"]]})
        return {"doc": self._numbers[id(value)]}

    def _block(self, block: Any) -> int:
        if id(block) not in self._numbers:
            self._numbers[id(block)] = len(self.blocks)
            self.blocks.append(block)
        return self._numbers[id(block)]


def _same(value: Any) -> Any:
    return value


class Reader:
    """Raises LookupError, TypeError or ValueError where the file is not what a Writer wrote."""

    def __init__(self, classes: dict[str, list[str]], blocks: list[Any], documents: list[Json], shared: Json) -> None:
        self.classes = classes
        self._documents: list[Json] = [
            doc | {"content": [blocks[number] for number in doc["content"]]} for doc in documents
        ]
        self._shared = shared
        self._made_shared: dict[tuple[str, int], Any] = {}
        self._codecs: dict[Any, Codec] = {}

    def fill(self, owner: Any, row: list[Any]) -> None:
        """What the row says of an object that is there already."""
        kind = cast(type[object], type(owner))
        known = columns(kind)
        for name, value in zip(self.classes[kind.__name__], row, strict=True):
            if is_workshop(known.get(name)):
                self.fill(getattr(owner, name), value)
            elif name in known:
                setattr(owner, name, self._codec(known[name])(value))

    def _codec(self, hint: Any) -> Codec:
        if hint not in self._codecs:
            self._codecs[hint] = self._maker(hint)
        return self._codecs[hint]

    def _maker(self, hint: Any) -> Codec:
        kind, arguments = _parts(hint)
        if get_origin(hint) in (Union, types.UnionType) and kind is not Any:
            inner = self._codec(kind) if kind not in SCALARS else _same
            return lambda value: None if value is None else inner(value)
        if kind in SCALARS:
            return _same
        if is_dataclass(kind):
            return self._recording(cast(type, kind))
        plain: dict[Any, Codec] = {
            datetime: datetime.fromisoformat,
            timedelta: lambda value: timedelta(*value),
            bytes: base64.b64decode,
            Random: _random,
        }
        return plain[kind] if kind in plain else self._gathering(kind, arguments)

    def _gathering(self, kind: Any, arguments: tuple[Any, ...]) -> Codec:
        if kind in (list, frozenset, set):
            item = self._codec(arguments[0])
            return lambda value: cast(Any, kind)([item(each) for each in value])
        if kind is tuple:
            items = [self._codec(each) for each in arguments if each is not ...]
            if ... in arguments:
                return lambda value: tuple([items[0](each) for each in value])
            return lambda value: tuple([item(each) for item, each in zip(items, value, strict=True)])
        if kind is dict and arguments[1] is not Any:
            key, item = self._codec(arguments[0]), self._codec(arguments[1])
            return lambda value: {key(name): item(each) for name, each in value}
        return self._any

    def _recording(self, kind: type) -> Codec:
        known, names = columns(kind), self.classes.get(kind.__name__, [])
        codecs: list[Codec] = []

        def read(row: list[Any]) -> Any:
            if not codecs:
                codecs.extend(self._codec(known[name]) if name in known else _same for name in names)
            values = [codec(value) for codec, value in zip(codecs, row, strict=True)]
            return kind(**{name: each for name, each in zip(names, values, strict=True) if name in known})

        return self._once(kind, read) if kind in SHARED else read

    def _once(self, kind: type, read: Codec) -> Codec:
        def found(number: int) -> Any:
            key = kind.__name__, number
            if key not in self._made_shared:
                self._made_shared[key] = read(self._shared[kind.__name__][number])
            return self._made_shared[key]

        return found

    def _any(self, value: object) -> Any:
        return self._tagged(cast(Json, value)) if isinstance(value, dict) else value

    def _tagged(self, value: Json) -> Any:
        if "map" in value:
            held = cast(Json, value["map"])
            return {name: self._any(each) for name, each in held.items()}
        if "doc" in value:
            return cast(Json, self._documents[value["doc"]])
        return datetime.fromisoformat(value["time"]) if "time" in value else value["raw"]


def _random(state: list[Any]) -> Random:
    made = Random()  # noqa: S311 - no secret
    made.setstate((state[0], tuple(state[1]), state[2]))
    return made
