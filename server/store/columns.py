"""Types of columns: what a row holds as Python has it, and as the database does."""

import json
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Dialect, Text, TypeDecorator

from server.entities.synced import Fields, Value

_packed = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Packed(TypeDecorator[Any]):
    """JSON, whose lists are sets of ours: tuples."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else _packed(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else frozen(json.loads(value))


class Kept(Packed):
    """JSON as it was received."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Scalar(Packed):
    """One value, None among them."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return _packed(value)


def frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(cast("list[str]", value))
    if isinstance(value, dict):
        return {name: frozen(each) for name, each in cast("dict[str, Any]", value).items()}
    return value


def packed(fields: Fields) -> str:
    return _packed(fields)


def unpacked(text: str) -> Fields:
    found: Mapping[str, Value] = frozen(json.loads(text))
    return found
