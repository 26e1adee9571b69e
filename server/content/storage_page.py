"""A page in storage format as nodes that know where they stand in its source."""

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
        self._places: dict[int, tuple[Node, Place]] = {}

    def put(self, node: Node, place: Place) -> Node:
        self._places[id(node)] = (node, place)
        return node

    def get(self, node: Node) -> Place | None:
        found = self._places.get(id(node))
        return found[1] if found else None

    def __getitem__(self, node: Node) -> Place:
        return self._places[id(node)][1]

    def __contains__(self, node: Node) -> bool:
        return id(node) in self._places

    def having(self, attrs: Node) -> Node | None:
        """The node with these very attributes."""
        return next((node for node, _ in self._places.values() if node.get("attrs") is attrs), None)


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
