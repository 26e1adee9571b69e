"""How each product says no: the exact JSON that a client must understand."""

from dataclasses import dataclass, field

from server.sandbox.records import Json

NO_ISSUE = "Issue does not exist or you do not have permission to see it."
ADF_WANTED = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
OF_BULK = "/rest/api/3/bulk/"
V1_PREFIX = "com.atlassian.confluence.api.service.exceptions."
CODES = {400: "INVALID_REQUEST_PARAMETER", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND"}
V1_KINDS = {400: "BadRequestException", 403: "PermissionException", 404: "NotFoundException", 410: "GoneException"}


@dataclass
class Refusal(Exception):
    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict[str, str])


def jira(status: int, *messages: str, errors: dict[str, str] | None = None) -> Refusal:
    return Refusal(status, {"errorMessages": list(messages), "errors": errors or {}})


def bulk(message: str, status: int = 400) -> Refusal:
    """Jira's operations on many issues."""
    return Refusal(status, {"errors": [{"message": message}]})


def wiki(status: int, title: str, detail: str | None = None) -> Refusal:
    """Confluence v2."""
    error = {"status": status, "code": CODES.get(status, "ERROR"), "title": title, "detail": detail}
    return Refusal(status, {"errors": [error]})


def legacy(status: int, message: str) -> Refusal:
    """Confluence v1."""
    data: Json = {"authorized": status != 403, "valid": True, "errors": [], "successful": False}
    prefix = V1_PREFIX + V1_KINDS.get(status, "ServiceException")
    return Refusal(status, {"statusCode": status, "data": data, "message": f"{prefix}: {message}"})


def stale(current: int, given: int) -> Refusal:
    title = (
        f"Version must be incremented when updating a page. Current Version: [{current}]. Provided version: [{given}]"
    )
    return Refusal(409, {"errors": [{"status": "409", "code": "CONFLICT", "title": title, "detail": None}]})


def gateway(status: int, message: str) -> Refusal:
    """The gateway in front of all sites."""
    return Refusal(status, {"code": status, "message": message})


def unauthenticated(path: str, base: str) -> Refusal:
    if path.startswith("/wiki/api/v2"):
        refusal = wiki(401, "Unauthorized")
    elif path.startswith("/wiki"):
        refusal = Refusal(401, {"statusCode": 401, "message": "Unauthorized"})
    elif path.startswith(OF_BULK):
        refusal = bulk("Client must be authenticated to access this resource.", 401)
    else:
        refusal = jira(401, "Client must be authenticated to access this resource.")
    refusal.headers.update(
        {"WWW-Authenticate": f'OAuth realm="{base}"', "X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
    )
    return refusal


def unknown_path(path: str, url: str) -> Refusal:
    if path.startswith("/wiki/api/v2"):
        return wiki(404, "Not Found")
    if path.startswith("/wiki"):
        return Refusal(404, {"statusCode": 404, "message": f"null for uri: {url}"})
    return jira(404, f"null for uri: {url}")


def wrong_method(path: str, method: str) -> Refusal:
    if path.startswith("/wiki/api/v2"):
        return wiki(405, "Method Not Allowed")
    if path.startswith("/wiki"):
        return Refusal(405, {"statusCode": 405, "message": "HTTP 405 Method Not Allowed"})
    return jira(405, f"Method {method} is not allowed for this resource.")


def bad_json(path: str) -> Refusal:
    if path.startswith("/wiki/api/v2"):
        return wiki(400, "Unable to parse the request body as JSON")
    if path.startswith("/wiki"):
        return legacy(400, "Unable to parse the request body as JSON")
    if path.startswith(OF_BULK):
        return bulk("There was an error parsing JSON. Check that your request body is valid.")
    return jira(400, "There was an error parsing JSON. Check that your request body is valid.")
