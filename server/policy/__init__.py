"""What a caller may do: the one gate. What it does not admit is unknown, in the list as in a call."""

from dataclasses import dataclass, field

from server.addresses import Product
from server.settings import Bounds, Settings


@dataclass(frozen=True)
class Policy:
    read_only: bool
    products: frozenset[Product]
    bounds: Bounds = field(default_factory=Bounds)

    @classmethod
    def of(cls, settings: Settings) -> "Policy":
        configured: tuple[tuple[Product, object], ...] = (("jira", settings.jira), ("confluence", settings.confluence))
        return cls(settings.read_only, frozenset(product for product, config in configured if config), settings.bounds)

    def admits(self, needs: frozenset[Product], *, changes: bool = False) -> bool:
        """Whether something may be offered that `needs` these products and perhaps `changes` what is there."""
        return needs <= self.products and not (changes and self.read_only)
