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
    return StorageReader(losses, _HANDLERS).blocks(parse_storage(storage))
