"""The demo projects and their issues, one row each."""

from dataclasses import dataclass, field
from typing import Any

from server.sandbox.people import DEMO, EVERYONE, KENJI, OLGA, PRIYA, SAM_CARTER, SAM_CARTWRIGHT, ZOE
from server.sandbox.records import Person, Project

DEVELOPERS, AGENTS = frozenset({"developers"}), frozenset({"service-agents"})
ALL, LEADERS, ARCHIVISTS = frozenset({EVERYONE}), frozenset({"leadership"}), frozenset({"archivists"})
SOFTWARE = ("10001", "10002", "10003", "10004", "10005")
SERVICE = ("10006", "10007", "10003")

PROJECTS = (
    Project("10000", "DEMO", "Demo Shop", "software", "The web shop: cart, checkout, search, account.",
            SAM_CARTER.account_id, SOFTWARE, ALL, DEVELOPERS),
    Project("10001", "HELP", "Help Desk", "service_desk", "Requests and incidents of our customers.",
            KENJI.account_id, SERVICE, ALL, AGENTS),
    Project("10002", "VAULT", "Security Vault", "software", "Findings that are not public yet.",
            PRIYA.account_id, SOFTWARE, LEADERS, LEADERS),
    Project("10003", "ARCH", "Archived Shop", "software", "The shop before the rewrite. Read only.",
            ZOE.account_id, SOFTWARE, ALL, ARCHIVISTS),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """`state` is todo, doing, review, done or wont."""

    key: str
    kind: str
    summary: str
    state: str
    priority: str
    assignee: Person | None
    labels: str = ""
    more: dict[str, Any] = field(default_factory=dict[str, Any])


def row(*given: Any, **more: Any) -> Row:
    """`more` is parent, points, due, start, severity, areas, sprint, flagged or reviewer."""
    return Row(*given, more=more)


SHOP = (
    row("DEMO-1", "Epic", "Checkout that never loses a cart", "doing", "1", PRIYA, "checkout q1", start="2026-01-12"),
    row("DEMO-2", "Epic", "Search that answers at once", "doing", "2", SAM_CARTWRIGHT, "search", start="2026-02-02"),
    row("DEMO-3", "Epic", "Accounts people can trust", "todo", "2", ZOE, "account security"),
    row("DEMO-4", "Story", "Log in with a passkey", "review", "2", ZOE, "login account", parent=3, points=8,
        sprint="2"),
    row("DEMO-5", "Story", "Show delivery dates in the cart", "done", "3", SAM_CARTER, "checkout", parent=1, points=3),
    row("DEMO-6", "Task", "Raise the session timeout in staging", "done", "4", OLGA, "ops", parent=1, sprint="1"),
    row("DEMO-7", "Bug", "Login redirect empties the cart at checkout", "doing", "1", DEMO,
        "checkout login regression", parent=1, points=5, due="2026-03-16", severity="Critical",
        areas="Web Payments", sprint="2", reviewer=ZOE),
    row("DEMO-8", "Story", "Pay with a stored card", "todo", "2", SAM_CARTWRIGHT, "checkout payments", parent=1,
        points=13, due="2026-04-10", areas="Payments", sprint="3"),
    row("DEMO-9", "Bug", "Voucher is applied twice when the page is reloaded", "review", "2", SAM_CARTER,
        "checkout payments", parent=1, points=3, severity="Major", sprint="2"),
    row("DEMO-10", "Story", "Guest checkout without an account", "todo", "3", None, "checkout", parent=1, points=8),
    row("DEMO-11", "Task", "Delete old carts after 90 days", "todo", "4", None, "privacy ops", due="2026-03-31"),
    row("DEMO-12", "Bug", "Search for frequent words takes seconds", "doing", "2", KENJI, "search performance",
        parent=2, points=5, severity="Major", areas="Search", sprint="2", due="2026-03-06"),
    row("DEMO-13", "Story", "Suggest corrections for typing errors", "todo", "3", SAM_CARTWRIGHT, "search", parent=2),
    row("DEMO-14", "Story", "Filter by size and colour at the same time", "done", "3", SAM_CARTWRIGHT, "search",
        parent=2, points=5, sprint="1"),
    row("DEMO-15", "Bug", "Two tabs make two carts", "wont", "4", OLGA, "checkout", severity="Minor"),
    row("DEMO-16", "Task", "Upgrade the search index to version 9", "doing", "3", KENJI, "search ops", parent=2),
    row("DEMO-17", "Bug", "Password reset mail goes to spam", "todo", "2", ZOE, "login account mail", parent=3,
        severity="Major", areas="Platform"),
    row("DEMO-18", "Story", "Show where I am logged in", "todo", "3", None, "account security", parent=3, points=5),
    row("DEMO-19", "Bug", "Shipping label loses ë, å and ö", "todo", "3", SAM_CARTER, "shipping unicode",
        severity="Minor", areas="Platform"),
    row("DEMO-20", "Task", "Write the release notes for 4.13", "todo", "3", DEMO, "docs release", due="2026-03-13"),
    row("DEMO-21", "Sub-task", "Keep the cart id over the login", "review", "1", DEMO, "checkout", parent=7),
    row("DEMO-22", "Sub-task", "Test: session expires during payment", "done", "2", SAM_CARTER, "tests", parent=7),
    row("DEMO-23", "Sub-task", "Answer template for support", "todo", "3", KENJI, "docs", parent=7),
    row("DEMO-24", "Sub-task", "Mask all but four digits", "todo", "2", SAM_CARTWRIGHT, "payments", parent=8),
    row("DEMO-25", "Task", "Decide how many queues we need", "done", "3", PRIYA, "architecture", sprint="1"),
    row("DEMO-26", "Bug", "Basket icon shows the wrong count", "done", "4", OLGA, "web", severity="Cosmetic"),
    row("DEMO-27", "Story", "Reorder with one click", "todo", "4", None, "account", points=3),
    row("DEMO-28", "Bug", "Checkout button is hidden on small phones", "doing", "2", SAM_CARTER, "checkout mobile",
        parent=1, severity="Major", areas="Mobile", sprint="2", flagged=True),
    row("DEMO-29", "Task", "Renew the certificate of the payment gateway", "todo", "1", KENJI, "ops payments",
        due="2026-03-09", flagged=True),
    row("DEMO-30", "Story", "Save the cart in the account", "todo", "3", DEMO, "checkout account", parent=1, points=8),
    row("DEMO-31", "Bug", "Prices flicker between two currencies", "todo", "3", None, "web", severity="Minor"),
    row("DEMO-32", "Task", "Measure the conversion of each checkout step", "doing", "3", PRIYA, "analytics checkout"),
    row("DEMO-33", "Story", "Explain why a payment was refused", "todo", "2", SAM_CARTWRIGHT, "payments checkout",
        parent=1, points=5),
    row("DEMO-34", "Bug", "Error 500 when the cart holds more than 100 items", "review", "2", DEMO,
        "checkout performance", severity="Major", sprint="2"),
    row("DEMO-35", "Task", "Remove the old login form", "todo", "4", ZOE, "login cleanup", parent=3),
    row("DEMO-36", "Bug", "Screen reader skips the address fields", "todo", "2", None, "accessibility checkout",
        parent=1, severity="Major"),
    row("DEMO-37", "Story", "Dark colours at night", "wont", "5", None, "web design"),
    row("DEMO-38", "Task", "Load test for the spring sale", "todo", "1", KENJI, "performance ops", due="2026-03-20"),
    row("DEMO-39", "Bug", "Receipt mail arrives an hour late", "doing", "3", SAM_CARTER, "mail", severity="Minor"),
    row("DEMO-40", "Story", "Pick up in a shop", "todo", "3", None, "shipping", points=13),
    row("DEMO-41", "Bug", "Search finds nothing for words with a hyphen", "done", "3", SAM_CARTWRIGHT, "search",
        parent=2, severity="Minor"),
    row("DEMO-42", "Task", "Document the answer to the ultimate question", "todo", "5", DEMO, "docs"),
    row("DEMO-43", "Bug", "Logout leaves the admin cookie behind", "todo", "1", ZOE, "login security", parent=3,
        severity="Critical", due="2026-03-04"),
    row("DEMO-44", "Story", "Tell me when an item is back", "todo", "4", None, "mail"),
    row("DEMO-45", "Task", "Move the nightly jobs away from 02:00", "done", "4", KENJI, "ops"),
    row("DEMO-46", "Bug", "Time zone of delivery slots is wrong in spring", "todo", "2", SAM_CARTER, "shipping",
        severity="Major"),
)  # fmt: skip
DESK = (
    row("HELP-1", "Incident", "Nobody in Malmö can log in", "doing", "1", SAM_CARTWRIGHT, "login outage"),
    row("HELP-2", "Service Request", "Access to the sales dashboard for a new colleague", "todo", "3", KENJI, "access"),
    row("HELP-3", "Incident", "Card payments are refused since 09:40", "done", "1", KENJI, "payments outage"),
    row("HELP-4", "Service Request", "Please send last year's invoices again", "todo", "4", DEMO, "invoices"),
    row("HELP-5", "Service Request", "Change the address of our company", "done", "4", SAM_CARTWRIGHT, "account"),
    row("HELP-6", "Incident", "Order confirmation shows another customer's name", "review", "1", DEMO, "privacy"),
    row("HELP-7", "Service Request", "How do we cancel part of an order?", "todo", "3", None, "checkout"),
    row("HELP-8", "Task", "Update the holiday message", "todo", "5", None, "docs"),
    row("HELP-9", "Incident", "Search is empty on the Finnish site", "doing", "2", KENJI, "search"),
    row("HELP-10", "Service Request", "Refund for order 77120", "todo", "2", DEMO, "payments", due="2026-03-05"),
)
SECRET = (
    row("VAULT-1", "Bug", "Token leaks into the access log", "doing", "1", PRIYA, "security", severity="Critical"),
    row("VAULT-2", "Task", "Rotate the signing keys", "todo", "1", ZOE, "security"),
    row("VAULT-3", "Bug", "Admin page is not rate limited", "todo", "2", PRIYA, "security"),
)
OLD = (
    row("ARCH-1", "Story", "First version of the cart", "done", "3", OLGA, "checkout"),
    row("ARCH-2", "Bug", "Cart forgets its items", "done", "2", OLGA, "checkout"),
    row("ARCH-3", "Task", "Switch off the old database", "done", "3", ZOE, "ops"),
    row("ARCH-4", "Bug", "Images are upside down", "wont", "5", None, "web"),
)
ROWS = (*SHOP, *DESK, *SECRET, *OLD)
LINKS = (
    ("Blocks", "DEMO-21", "DEMO-7"),
    ("Relates", "DEMO-7", "DEMO-15"),
    ("Duplicate", "DEMO-26", "DEMO-15"),
    ("Relates", "HELP-1", "DEMO-7"),
    ("Blocks", "DEMO-16", "DEMO-12"),
)
