"""What an agent can do. One module is one toolset; one decorated function is one tool."""

from tools.declare import Declared, offered
from tools.lockdown import remember
from tools.toolsets import TOOLSETS, Toolset, all_tools, chosen

__all__ = ["TOOLSETS", "Declared", "Toolset", "all_tools", "chosen", "offered", "remember"]
