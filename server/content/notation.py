"""The notation for what plain Markdown cannot say, and which attributes of a node it shows.

One form everywhere, a directive: `:name[words]{main key=value}` in a line, `::name{...}` as a block, and
`:::name{...}` to `:::` around blocks. What a node has besides is quiet: Markdown does not show it, and an edit carries
it over from the node that it changes.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias, cast

from server.content.addresses import is_safe
from server.content.parameter_paths import flattened, nested

Node: TypeAlias = dict[str, Any]
Values: TypeAlias = dict[str, str]


def attributes(node: Node) -> Node:
    return node.get("attrs") or {}


def children(node: Node) -> list[Node]:
    return node.get("content") or []


def marks_of(node: Node) -> list[Node]:
    return node.get("marks") or []


def mark_key(mark: Node) -> tuple[str, str]:
    """What a text has one mark of: its type; of comments, each."""
    return mark["type"], str(attributes(mark).get("id", "")) if mark["type"] == "annotation" else ""


PANELS = ("info", "note", "tip", "warning", "error", "success")
CORE_MACRO = "com.atlassian.confluence.macro.core"
MACROS = frozenset({"extension", "inlineExtension", "bodiedExtension"})
NUMBERS = frozenset({"colspan", "rowspan", "width", "originalHeight", "originalWidth", "order", "level"})
BOOLEANS = frozenset({"wrap", "hideLineNumbers", "isNumberColumnEnabled"})
_SHORT = {"isNumberColumnEnabled": "numbered", "hideLineNumbers": "nolines", "background": "bg", "panelColor": "bg"}


class Form(NamedTuple):
    """How one type of node is written: the directive's name, the attribute in brackets, the first one in braces."""

    name: str
    label: str = ""
    main: str = ""
    others: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = {}


def _others(*names: str) -> frozenset[str]:
    return frozenset(names)


_CELL = Form(
    "cell", others=_others("colspan", "rowspan", "background", "valign"), defaults={"colspan": 1, "rowspan": 1}
)
FORMS: dict[str, Form] = {
    "status": Form("status", "text", "color", _others("style"), {"color": "neutral"}),
    "mention": Form("mention", "text", "id", _others("userType", "text"), {"userType": "DEFAULT"}),
    "date": Form("date", "timestamp"),
    "emoji": Form("emoji", "text", "shortName", _others("id")),
    "placeholder": Form("placeholder", "text"),
    "mediaInline": Form("file", "alt", "id", _others("collection", "type"), {"type": "file"}),
    "media": Form("image", others=_others("collection", "type"), defaults={"type": "file"}),
    "blockCard": Form("card", main="url"),
    "embedCard": Form("embed", main="url", others=_others("originalHeight", "originalWidth")),
    "syncBlock": Form("sync", main="resourceId"),
    "bodiedSyncBlock": Form("sync", main="resourceId"),
    "panel": Form(
        "panel", main="panelType", others=_others("panelIcon", "panelIconId", "panelIconText", "panelColor", "title")
    ),
    "expand": Form("expand", "title"),
    "nestedExpand": Form("expand", "title"),
    "layoutSection": Form("layout"),
    "layoutColumn": Form("column", main="width", others=_others("valign")),
    "mediaGroup": Form("files"),
    "mediaSingle": Form("figure"),
    "table": Form("table", others=_others("isNumberColumnEnabled", "caption")),
    "tableCell": _CELL,
    "tableHeader": _CELL,
    "codeBlock": Form("code", others=_others("wrap", "hideLineNumbers", "title")),
    "decisionItem": Form("decision", others=_others("state"), defaults={"state": "DECIDED"}),
}
BLOCK_MARKS: dict[str, dict[str, str]] = {
    "alignment": {"align": "align"},
    "indentation": {"indent": "level"},
    "fontSize": {"size": "fontSize"},
    "breakout": {"breakout": "mode"},
    "link": {"link": "href", "title": "title"},
}
"""Marks around blocks, as attributes: by which key the notation says which of theirs."""
_MARK_OF = {key: (mark, attribute) for mark, keys in BLOCK_MARKS.items() for key, attribute in keys.items()}
MARKS = {
    "underline": ("u", ""),
    "textColor": ("color", "color"),
    "backgroundColor": ("bg", "color"),
    "annotation": ("comment", "id"),
}
PLAIN_MARKS = {"strong": "b", "em": "i", "strike": "s"}

_BARE = re.compile(r"""[^\s"'{}\[\]=\\`|]+""")
_KEY = r"[A-Za-z_][\w.-]*"
_KEY_OR_NONE = re.compile(f"(?:{_KEY})?")
_PATH = r"(?:\.[\w-]+)+:?"
_PAIR = re.compile(rf"""[ \t]*(?:({_KEY}|{_PATH})=)?("(?:[^"\\\n]|\\.)*"|[^\s"'{{}}\[\]=\\`|]+)""")
BRACES = r'\{(?:[^{}"\n]|"(?:[^"\\\n]|\\.)*")*\}'
LABEL = r"\[(?:[^\[\]\\\n]|\\.)*\]"
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_IN_LABEL = re.compile(r"[\\\[\]`\n]")
_IN_VALUE = re.compile(r'[\\\[\]`\n"]')


def label_of(text: str) -> str:
    """Words in brackets that stand for themselves."""
    return f"[{_IN_LABEL.sub(_escape, text)}]"


def braces_of(main: str, pairs: Mapping[str, str]) -> str:
    """Attributes in braces; nothing when there are none."""
    parts = [_value(main)] if main else []
    parts += [f"{key}={_value(value)}" for key, value in pairs.items()]
    return f"{{{' '.join(parts)}}}" if parts else ""


def _value(value: str) -> str:
    return value if _BARE.fullmatch(value) else f'"{_IN_VALUE.sub(_escape, value)}"'


def _escape(match: re.Match[str]) -> str:
    return "\\n" if match[0] == "\n" else f"\\{match[0]}"


def plain_label(label: str) -> str:
    """What the words between brackets stand for."""
    return _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], label)


def read_braces(braces: str) -> tuple[list[str], Values] | None:
    """The bare values and the pairs of `{...}`; None where it is neither."""
    inside = braces[1:-1]
    bare: list[str] = []
    pairs: Values = {}
    at = 0
    while at < len(inside.rstrip()):
        match = _PAIR.match(inside, at)
        if not match:
            return None
        value = match[2]
        value = plain_label(value[1:-1]) if value.startswith('"') else value
        if match[1]:
            pairs[match[1]] = value
        else:
            bare.append(value)
        at = match.end()
    return bare, pairs


def shown(node: Node) -> dict[str, Any]:
    """The attributes of a node that its Markdown shows."""
    attrs: Mapping[str, Any] = attributes(node)
    kind = node["type"]
    if kind in MACROS:
        return {name: attrs[name] for name in ("extensionKey", "extensionType", "parameters", "text") if name in attrs}
    named = _PLAIN_ATTRIBUTES.get(kind)
    if named is None:
        form = FORMS.get(kind)
        named = {form.label, form.main, *form.others} if form else frozenset[str]()
    return {name: value for name, value in attrs.items() if name in named}


_PLAIN_ATTRIBUTES = {
    "heading": frozenset({"level"}),
    "orderedList": frozenset({"order"}),
    "codeBlock": frozenset({"language", *FORMS["codeBlock"].others}),
    "taskItem": frozenset({"state"}),
    "blockTaskItem": frozenset({"state"}),
    "inlineCard": frozenset({"url"}),
    "media": frozenset({"alt", "url", "id", *FORMS["media"].others}),
}


def pairs_of(node: Node, *, without: tuple[str, ...] = ()) -> Values:
    """A node's further attributes and its block marks, as the notation writes them."""
    form = FORMS.get(node["type"])
    pairs: Values = {}
    if form and node.get("attrs"):
        attrs: Mapping[str, Any] = node["attrs"]
        for name in sorted(form.others):
            value = attrs.get(name)
            if name not in without and value not in (None, "", False, form.defaults.get(name)) and is_plain(value):
                pairs[_SHORT.get(name, name)] = said(value)
    for mark in marks_of(node):
        if mark["type"] in BLOCK_MARKS and mark["type"] not in without and mark.get("attrs"):
            for key, attribute in BLOCK_MARKS[mark["type"]].items():
                if is_plain(value := mark["attrs"].get(attribute)):
                    pairs[key] = said(value)
    return pairs


def is_plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def said(value: object) -> str:
    """An attribute's value in a word; a number without what does not change it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def read_attributes(kind: str, pairs: Values) -> tuple[dict[str, Any], list[Node]]:
    """The attributes and the block marks that pairs stand for."""
    form = FORMS.get(kind, Form(""))
    long = {_SHORT.get(name, name): name for name in form.others}
    attrs: dict[str, Any] = {}
    marks: dict[str, Node] = {}
    for key, value in pairs.items():
        if key in long:
            attrs[long[key]] = typed(long[key], value)
        elif key in _MARK_OF:
            mark, attribute = _MARK_OF[key]
            found = marks.setdefault(mark, {"type": mark, "attrs": {}})
            found["attrs"][attribute] = typed(attribute, value)
        else:
            raise KeyError(key)
    return attrs, list(marks.values())


def keys_of(kind: str) -> list[str]:
    """The attributes that a node of this type takes in braces."""
    form = FORMS.get(kind, Form(""))
    return sorted([*(_SHORT.get(name, name) for name in form.others), *_MARK_OF])


def typed(name: str, value: str) -> Any:
    if name in NUMBERS:
        number = float(value)
        return int(number) if number.is_integer() else number
    return value == "yes" if name in BOOLEANS else value


def as_object(value: object) -> Node:
    """A value of JSON that should be an object; an empty one where it is not."""
    return cast("Node", value) if isinstance(value, dict) else {}


def macro_parameters(node: Node) -> Values | None:
    """A macro's parameters by name; None where the notation has no words for them."""
    given: object = attributes(node).get("parameters") or {}
    parameters = as_object(given)
    if parameters != given:
        return None
    named = _named_parameters(as_object(parameters.get("macroParams")))
    rest = flattened({key: value for key, value in parameters.items() if key not in {"macroParams", "macroMetadata"}})
    return None if named is None or rest is None else named | rest


def _named_parameters(given: Node) -> Values | None:
    found: Values = {}
    for name, holder in given.items():
        value = as_object(holder).get("value")
        if not isinstance(value, str) or name in {"type", "text", "_"} or not _KEY_OR_NONE.fullmatch(name):
            return None
        found[name or "_"] = value
    return found


def macro_title(node: Node) -> str:
    """What people call the macro, where its document says so."""
    parameters = as_object(node["attrs"].get("parameters"))
    title = as_object(parameters.get("macroMetadata")).get("title")
    return title if isinstance(title, str) else ""


def macro_pairs(node: Node) -> Values:
    attrs: Mapping[str, Any] = node["attrs"]
    pairs: Values = dict(macro_parameters(node) or {})
    if (kind := attrs.get("extensionType")) != CORE_MACRO:
        pairs["type"] = str(kind)
    if attrs.get("text"):
        pairs["text"] = str(attrs["text"])
    return pairs


def read_macro(name: str, title: str, pairs: Values) -> dict[str, Any]:
    """The attributes of a macro of this name.

    Raises ValueError where what is said of a parameter's place contradicts itself.
    """
    given = {
        "" if key == "_" else key: {"value": pairs[key]}
        for key in pairs
        if key not in {"type", "text"} and key[0] != "."
    }
    further = nested({key: value for key, value in pairs.items() if key.startswith(".")})
    named = {"schemaVersion": {"value": "1"}, "title": title} if title else {}
    return {
        "extensionType": pairs.get("type", CORE_MACRO),
        "extensionKey": name,
        **({"text": pairs["text"]} if "text" in pairs else {}),
        "parameters": {
            **({} if further and not given else {"macroParams": given}),
            **({"macroMetadata": named} if named else {}),
            **further,
        },
    }


_KNOWN: frozenset[str] = frozenset(
    {
        *FORMS,
        *("paragraph", "heading", "blockquote", "rule", "bulletList", "orderedList", "listItem", "taskList"),
        *("taskItem", "blockTaskItem", "decisionList", "tableRow", "caption", "text", "hardBreak", "inlineCard"),
    }
)


def _has(name: str, but: str) -> Callable[[Node], bool]:
    def said_by(node: Node) -> bool:
        attrs: Mapping[str, Any] = attributes(node)
        return isinstance(attrs.get(name), str) and bool(attrs[name]) and but not in attrs

    return said_by


def _leads(but: str) -> Callable[[Node], bool]:
    """Cards and images; an address that runs code is shown to nobody as one to follow."""
    said = _has("url", but)
    return lambda node: said(node) and is_safe(node["attrs"]["url"])


def _has_items(node: Node) -> bool:
    return bool(node.get("content")) and node["content"][0]["type"] != "taskList"


def _harmless(node: Node) -> bool:
    """Whether no image in it has an address that runs code."""
    return all(is_safe(str(attributes(child).get("url") or "")) for child in children(node))


_NEEDS: dict[str, Callable[[Node], bool]] = {
    "blockCard": _leads("datasource"),
    "inlineCard": _leads("data"),
    "embedCard": _leads("data"),
    "mediaInline": _has("id", "data"),
    "layoutSection": lambda node: bool(node.get("content")),
    "mediaSingle": lambda node: (
        [child["type"] for child in children(node)] in (["media"], ["media", "caption"]) and _harmless(node)
    ),
    "media": lambda node: _leads("data")(node) or _has("id", "data")(node),
    **dict.fromkeys(("bulletList", "orderedList", "taskList", "decisionList", "table"), _has_items),
    "mediaGroup": lambda node: _has_items(node) and _harmless(node),
}


def is_opaque(node: Node) -> bool:
    """Whether the notation has no words for a node, which then goes by a reference to the document it stands in."""
    kind = node["type"]
    if kind in MACROS:
        attrs = attributes(node)
        keyed = isinstance(attrs.get("extensionKey"), str) and isinstance(attrs.get("extensionType"), str)
        return not keyed or not attrs["extensionKey"] or macro_parameters(node) is None
    needs = _NEEDS.get(kind)
    return kind not in _KNOWN or (needs is not None and not needs(node))
