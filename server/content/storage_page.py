"""A page in storage format as nodes that know where they stand in its source."""

from functools import cached_property
from typing import NamedTuple

from server.content.notation import Node


class Place(NamedTuple):
    """Bytes of the source: a node's own, and those of what is inside it.

    A `whole` piece of text stands with the elements around it: a link that shows the name of what it leads to.
    """

    start: int
    end: int
    inner_start: int
    inner_end: int
    whole: bool = False


class Places:
    """The place of each node, by its identity; holding the nodes, so that none takes over the identity of another."""

    def __init__(self) -> None:
        self._nodes: dict[int, Node] = {}
        self._places: dict[int, Place] = {}

    def put(self, node: Node, place: Place) -> Node:
        self._nodes[id(node)] = node
        self._places[id(node)] = place
        return node

    def get(self, node: Node) -> Place | None:
        return self._places.get(id(node))

    def __getitem__(self, node: Node) -> Place:
        return self._places[id(node)]

    def __contains__(self, node: Node) -> bool:
        return id(node) in self._places

    def having(self, attrs: Node) -> Node | None:
        """The node with these very attributes."""
        return self._by_attributes.get(id(attrs))

    @cached_property
    def _by_attributes(self) -> dict[int, Node]:
        return {id(node["attrs"]): node for node in self._nodes.values() if "attrs" in node}


class Page(NamedTuple):
    blocks: list[Node]
    source: bytes
    places: Places

    def slice(self, start: int, end: int) -> str:
        return self.source[start:end].decode("utf-8", "surrogatepass")

    def text_of(self, node: Node) -> str:
        place = self.places[node]
        return self.slice(place.start, place.end)


NO_PAGE = Page([], b"", Places())
