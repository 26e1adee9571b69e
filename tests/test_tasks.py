"""Tasks in users' words, each with the one tool that is right for it: what the list of tools is picked from blind."""

import json
from pathlib import Path

import tools

TASKS: list[dict[str, str]] = json.loads(
    (Path(__file__).parent / "benchmarks" / "tasks.json").read_text(encoding="utf-8")
)


def test_there_are_enough_tasks_and_no_two_are_the_same() -> None:
    assert len({task["task"] for task in TASKS}) == len(TASKS) >= 40


def test_no_task_needs_a_tool_that_is_off_by_default() -> None:
    default = {toolset.name for toolset in tools.TOOLSETS if toolset.default}
    off = {tool.name for tool in tools.all_tools() if tool.toolset not in default}
    assert not [task for task in TASKS if task["tool"] in off]
