"""The JSON that apps keep with issues, comments and worklogs: what a key and a value may be."""

import json
from typing import Any

from server.sandbox import refusals
from server.sandbox.adf import as_dict, as_list
from server.sandbox.records import Json

KEY_LIMIT = 255
VALUE_LIMIT = 32_768


def check(key: str, value: Any) -> None:
    if not key or len(key) > KEY_LIMIT:
        raise refusals.jira(400, f"The property key must have 1 to {KEY_LIMIT} characters.")
    if len(json.dumps(value, ensure_ascii=False)) > VALUE_LIMIT:
        raise refusals.jira(400, f"The property value is too long: the maximum is {VALUE_LIMIT} characters.")


def given(raw: Any) -> Json:
    """The checked `properties` of what is being written."""
    found: Json = {}
    for item in as_list(raw):
        row = as_dict(item)
        key = str(row.get("key") or "")
        check(key, row.get("value"))
        found[key] = row.get("value")
    return found
