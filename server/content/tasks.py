"""The tasks of a Markdown text, `- [ ]` and `- [x]`."""

from server.content.errors import ContentError
from server.content.near import excerpt, folded, near, quoted
from server.content.source_blocks import Item, Source, plain_title

_SHOWN = 8


def set_task(markdown: str, task: str | int, *, done: bool = True) -> str:
    """The text with a task ticked or unticked: the one with these words, or the n-th of the text."""
    source = Source(markdown)
    line = _found(source.tasks, task).line
    box = source.text.index("[", source.starts[line])
    return f"{markdown[: box + 1]}{'x' if done else ' '}{markdown[box + 2 :]}"


def _found(tasks: list[Item], wanted: str | int) -> Item:
    if not tasks:
        raise ContentError("There is no task in this text; one is a list item such as `- [ ] Call them`.")
    if isinstance(wanted, int):
        if 1 <= wanted <= len(tasks):
            return tasks[wanted - 1]
        raise ContentError(f"There is no task {wanted}: the text has {len(tasks)}.")
    form = folded(plain_title(wanted))
    fit = [task for task in tasks if folded(task.text) == form]
    fit = fit or [task for task in tasks if form and form in folded(task.text)]
    if len(fit) == 1:
        return fit[0]
    if fit:
        places = [f'{tasks.index(task) + 1}, line {task.line + 1}, "{excerpt(task.text)}"' for task in fit[:_SHOWN]]
        raise ContentError(f'{len(fit)} tasks have "{excerpt(wanted)}": {"; ".join(places)}. Pass the number of one.')
    raise ContentError(_missing(tasks, wanted))


def _missing(tasks: list[Item], wanted: str) -> str:
    names = [task.text for task in tasks]
    alike = near(wanted, names)
    hint = f"Did you mean {quoted(alike)}?" if alike else f"There are {quoted(names)}."
    return f'There is no task "{excerpt(wanted)}". {hint}'
