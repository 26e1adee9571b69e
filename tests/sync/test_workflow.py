"""A status is reached by the transitions that there are, or not at all."""

from server.sync.workflow import path

PATHS = {"open": ("doing",), "doing": ("review", "open"), "review": ("done", "doing"), "done": ()}


def test_the_shortest_way_is_taken() -> None:
    assert path(PATHS, "open", "done") == ("doing", "review", "done")


def test_where_one_is_nothing_is_to_be_done() -> None:
    assert path(PATHS, "open", "open") == ()


def test_there_is_not_always_a_way() -> None:
    assert path(PATHS, "done", "open") is None
