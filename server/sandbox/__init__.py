"""An Atlassian site in a box: Jira and Confluence Cloud's REST APIs with state, permissions and faults."""

from server.sandbox.app import application
from server.sandbox.gate import ConnectionDropped
from server.sandbox.loaded import Loaded, Skipped
from server.sandbox.site import Site

__all__ = ["ConnectionDropped", "Loaded", "Site", "Skipped", "application"]
