"""What is generated: the README's tables, the sandbox's operations and scopes, what each tool publishes, and a snapshot
of it. `--check` only compares."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from mcp.types import Tool

import tools
from resources.prompts import PROMPTS
from server.content.guide import MARKDOWN
from server.entities import ENTITIES
from server.sandbox.app import OPERATIONS
from server.settings import VARIABLES
from tests import scopes
from tools import operations
from tools.published import WRITTEN, derived

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SNAPSHOTS = ROOT / "tests" / "snapshots"
OPERATIONS_LIST = ROOT / "docs" / "sandbox-operations.md"
MARKDOWN_GUIDE = ROOT / "docs" / "markdown.md"
SCOPES = ROOT / "server" / "sandbox" / "scopes.json"
SCOPES_OF_TOOLS = ROOT / "server" / "client" / "auth" / "scopes.json"


def generated() -> dict[Path, str]:
    """Each generated file and what it must say."""
    readme = README.read_text(encoding="utf-8")
    tables = {
        "tools": tools_table(),
        "toolsets": toolsets_table(),
        "templates": templates_table(),
        "prompts": prompts_table(),
        "settings": settings_table(),
    }
    for name, table in tables.items():
        before, start, rest = readme.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        readme = f"{before}{start}{table}{end}{after}"
    of_tools = {operation for each in operations.TABLE.values() for operation in each}
    table = {SCOPES: scopes.text(), SCOPES_OF_TOOLS: scopes.text(of_tools)} if scopes.SPECS.exists() else {}
    written = {WRITTEN: published(), README: readme, OPERATIONS_LIST: operations_list(), MARKDOWN_GUIDE: MARKDOWN}
    return {**written, **table, **snapshots()}


def operations_list() -> str:
    groups = {"Jira": "/rest/api/", "Jira Software": "/rest/agile/", "Confluence": "/wiki/"}
    lines = ["# What the sandbox can do", "", f"{len(OPERATIONS)} operations, and the errors that each can answer.", ""]
    lines += [
        "Besides them any can answer 400 to a body that is no JSON, 401, 429, and what it is told to",
        "(`/__sandbox__/faults`).",
    ]
    for name, prefix in groups.items():
        found = sorted((row.path, row.method, row) for row in OPERATIONS if row.path.startswith(prefix))
        lines += ["", f"## {name}", "", "| operation | errors |", "|---|---|"]
        lines += [f"| `{method} {path}` | {' '.join(map(str, row.errors))} |" for path, method, row in found]
    return "\n".join([*lines, ""])


def tools_table() -> str:
    default = {toolset.name for toolset in tools.TOOLSETS if toolset.default}
    rows = [
        f"| `{tool.name}` | {'writes' if tool.changes else 'reads'} | {tool.summary} "
        f"| {tool.toolset if tool.toolset in default else f'*{tool.toolset}*'} |"
        for tool in tools.all_tools()
    ]
    return "\n".join(["| tool | | what it does | toolset |", "|---|---|---|---|", *rows, ""])


def toolsets_table() -> str:
    rows = [f"| `{each.name}` | {'on' if each.default else ''} | {each.about} |" for each in tools.TOOLSETS]
    return "\n".join(["| toolset | by default | what for |", "|---|---|---|", *rows, ""])


def templates_table() -> str:
    rows = [f"| `{each.uri}` | {f'`{each.list_template}`' if each.listing else ''} |" for each in ENTITIES]
    return "\n".join(["| one | all of them |", "|---|---|", *rows, ""])


def prompts_table() -> str:
    rows = [
        f"| `{each.name}` | {', '.join(f'`{argument.name}`' for argument in each.arguments)} | {each.about} |"
        for each in PROMPTS
    ]
    return "\n".join(["| prompt | asks for | what it does |", "|---|---|---|", *rows, ""])


def settings_table() -> str:
    rows = [f"| `{each.name}` | {each.default and f'`{each.default}`'} | {each.meaning} |" for each in VARIABLES]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows, ""])


def published() -> str:
    """Each tool's schemas on a line of their own."""
    every = sorted((tool.name, derived(tool.fn)._asdict()) for tool in tools.all_tools())
    lines = [f"{json.dumps(name)}: {json.dumps(schemas, ensure_ascii=False)}" for name, schemas in every]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def snapshots() -> dict[Path, str]:
    """Each tool as an agent sees it."""
    return {SNAPSHOTS / f"{tool.name}.json": _snapshot(tool) for tool in tools.all_tools()}


def _snapshot(tool: tools.Declared) -> str:
    arguments, answer = derived(tool.fn)
    listed = Tool(
        name=tool.name,
        description=tool.fn.__doc__,
        input_schema=arguments,
        output_schema=answer,
        annotations=tool.annotations,
    )
    shown = listed.model_dump(mode="json", by_alias=True, exclude_none=True)
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def stale(files: Mapping[Path, str]) -> list[str]:
    """The files that say something else, or should not be there."""
    wrong = [path for path, said in files.items() if not path.exists() or path.read_text(encoding="utf-8") != said]
    extra = [path for path in SNAPSHOTS.glob("*.json") if path not in files]
    return [str(path.relative_to(ROOT)) for path in [*wrong, *extra]]


def main() -> None:
    files = generated()
    if "--check" in sys.argv:
        found = stale(files)
        sys.exit(f"Not up to date: {', '.join(found)}. Run python -m tests.generate." if found else 0)
    for path in SNAPSHOTS.glob("*.json"):
        path.unlink()
    for path, said in files.items():
        path.write_text(said, encoding="utf-8")


if __name__ == "__main__":
    main()
