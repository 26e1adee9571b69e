"""The toolsets: one module each, of the same name. What is on is chosen here, from the settings."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module

from server.errors import SettingsError
from server.settings import ToolChoice
from tools.declare import REGISTRY, Declared

DEFAULT, ALL = "default", "all"


@dataclass(frozen=True)
class Toolset:
    """`default`: on where nothing else is asked for."""

    name: str
    about: str
    default: bool = False


TOOLSETS = (
    Toolset("search", "one search over both products", default=True),
    Toolset("jira_issues", "find, read, create, change, assign, move and delete issues", default=True),
    Toolset("jira_comments", "comments on issues", default=True),
    Toolset("jira_transitions", "issues through their workflow", default=True),
    Toolset("jira_worklog", "work logged on issues", default=True),
    Toolset("jira_fields", "fields and the values that they take", default=True),
    Toolset("jira_projects", "projects, their issue types, create screens, versions and components", default=True),
    Toolset("jira_links", "links between issues"),
    Toolset("jira_agile", "boards and sprints"),
    Toolset("jira_attachments", "files of issues, up and down"),
    Toolset("jira_users", "people", default=True),
    Toolset("confluence_pages", "find, read, create, change, move and delete pages", default=True),
    Toolset("confluence_comments", "comments on pages and on passages of them", default=True),
    Toolset("confluence_labels", "labels of pages", default=True),
    Toolset("confluence_spaces", "spaces", default=True),
    Toolset("confluence_versions", "old versions of pages, and what changed between them"),
    Toolset("confluence_attachments", "files of pages, up and down"),
    Toolset("confluence_restrictions", "who may read and edit pages"),
    Toolset("confluence_users", "people who use Confluence"),
)


def chosen(choice: ToolChoice) -> tuple[Declared, ...]:
    """The tools of these settings, by toolset and name. Raises SettingsError on a name that is nobody's."""
    toolsets = _toolsets(choice)
    if choice.enabled or choice.excluded:
        every = [tool.name for tool in all_tools()]
        _refuse_unknown("ENABLED_TOOLS", choice.enabled or (), every, "tool")
        _refuse_unknown("ISTHMUS_EXCLUDED_TOOLS", choice.excluded, every, "tool")
    tools = [tool for name in toolsets for tool in tools_of(name)]
    return tuple(
        tool
        for tool in tools
        if (not choice.enabled or tool.name in choice.enabled) and tool.name not in choice.excluded
    )


def all_tools() -> tuple[Declared, ...]:
    return tuple(tool for toolset in TOOLSETS for tool in tools_of(toolset.name))


def tools_of(toolset: str) -> list[Declared]:
    """The tools of one toolset by name; its module is imported here, so that a start pays for what it offers."""
    import_module(f"tools.{toolset}")
    return sorted((tool for tool in REGISTRY.values() if tool.toolset == toolset), key=lambda tool: tool.name)


def _toolsets(choice: ToolChoice) -> list[str]:
    every = [toolset.name for toolset in TOOLSETS]
    _refuse_unknown("TOOLSETS", choice.toolsets or (), [*every, DEFAULT, ALL], "toolset")
    # Tools that are named one by one may be of any toolset.
    wanted = set(choice.toolsets or ((ALL,) if choice.enabled else (DEFAULT,)))
    if ALL in wanted:
        return every
    return [each.name for each in TOOLSETS if each.name in wanted or (each.default and DEFAULT in wanted)]


def _refuse_unknown(variable: str, names: Collection[str], known: Collection[str], kind: str) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        near = [match for name in unknown for match in get_close_matches(name, known, n=3)]
        possible = near if kind == "tool" and near else known if kind == "toolset" else []
        hint = f" Possible: {', '.join(possible)}." if possible else " See the README's table of tools."
        raise SettingsError(f"{variable} names no {kind} of this version: {', '.join(unknown)}.{hint}")
