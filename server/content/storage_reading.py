"""Storage format as a document."""

from server.content.document import Blocks
from server.content.losses import Losses
from server.content.storage_elements import ELEMENTS
from server.content.storage_links import LINKS
from server.content.storage_macros import MACROS
from server.content.storage_reader import StorageReader
from server.content.storage_tree import parse_storage

_HANDLERS = {**ELEMENTS, **LINKS, **MACROS}


def read_storage(storage: str, losses: Losses) -> Blocks:
    page, comments = parse_storage(storage)
    blocks = StorageReader(losses, _HANDLERS).blocks(page)
    for _ in range(comments):
        losses.note("HTML comment")
    return blocks
