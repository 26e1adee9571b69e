"""The demo spaces and their pages, one row each."""

from dataclasses import dataclass

from server.sandbox.demo.bodies import ARCHITECTURE, CHECKOUT, ERRORS, ONBOARDING, RUNBOOK, items, macro
from server.sandbox.people import DEMO, EVERYONE, KENJI, OLGA, PRIYA, SAM_CARTER, SAM_CARTWRIGHT, ZOE
from server.sandbox.records import Person

ALL = frozenset({EVERYONE})
WRITERS = frozenset({"developers", "service-agents"})
LEADERS, ARCHIVISTS = frozenset({"leadership"}), frozenset({"archivists"})
SPACES = (
    ("65537", "ENG", "Engineering", "How we build and run the shop.", ALL, WRITERS),
    ("65538", "DOCS", "Product Documentation", "How the shop works for those who use it.", ALL, WRITERS),
    ("65539", "POLICY", "Policies", "What everybody has to know. Read only.", ALL, ARCHIVISTS),
    ("65540", "LEAD", "Leadership", "Plans that are not public yet.", LEADERS, LEADERS),
)


@dataclass(frozen=True)
class Row:
    """`parent` is a title in the same space; the first row of a space is its home page."""

    space: str
    title: str
    parent: str
    author: Person
    labels: str
    body: str
    comments: tuple[tuple[Person, str], ...] = ()


def _p(*sentences: str) -> str:
    return "".join(f"<p>{sentence}</p>" for sentence in sentences)


ROWS = (
    Row("ENG", "Engineering Home", "", PRIYA, "home", _p("Start here.") + macro("children")),
    Row("ENG", "Onboarding", "Engineering Home", SAM_CARTER, "onboarding howto", ONBOARDING, (
        (ZOE, "<p>The VPN step is missing.</p>"), (SAM_CARTER, "<p>Added, thank you.</p>"))),
    Row("ENG", "Runbook: checkout outage", "Engineering Home", KENJI, "runbook ops checkout", RUNBOOK, (
        (DEMO, "<p>Used it today, worked.</p>"),)),
    Row("ENG", "Architecture of the shop", "Engineering Home", PRIYA, "architecture", ARCHITECTURE, (
        (SAM_CARTWRIGHT, "<p>Should the cart move into the <em>orders</em> service?</p>"),
        (PRIYA, "<p>After the spring sale.</p>"), (DEMO, "<p>DEMO-30 would need it earlier.</p>"))),
    Row("ENG", "Decision: one queue per tenant", "Architecture of the shop", PRIYA, "decision architecture",
        _p("One tenant must not slow down another.") + macro("panel", _p("Decided 2026-01-19."), title="State")),
    Row("ENG", "Decision: passkeys for login", "Architecture of the shop", ZOE, "decision login security",
        _p("Passwords go away in two steps.") + items("offer passkeys", "stop asking for passwords")),
    Row("ENG", "Decision: search index version 9", "Architecture of the shop", KENJI, "decision search",
        _p("Version 9 halves the memory.", "The upgrade is tracked in DEMO-16.")),
    Row("ENG", "How we review", "Engineering Home", SAM_CARTWRIGHT, "howto",
        _p("Small changes, two days at most, one reviewer.")),
    Row("ENG", "Release checklist", "Engineering Home", DEMO, "release howto",
        items("All tests are green", "The notes are written", "Support knows")),
    Row("ENG", "Retrospective 2026-02-20", "Engineering Home", ZOE, "retro",
        _p("Good: the on-call week was calm.", "To improve: the login tests are slow.")),
    Row("ENG", "Runbook: search index", "Engineering Home", KENJI, "runbook ops search",
        _p("Rebuild the index between 02:00 and 03:00 UTC.") + macro("tip", _p("Check the free disk first."))),
    Row("ENG", "On-call rota", "Engineering Home", KENJI, "ops", _p("Kenji and the two Sams take turns.")),
    Row("DOCS", "Documentation Home", "", SAM_CARTWRIGHT, "home", _p("Everything about the shop.")),
    Row("DOCS", "Checkout step by step", "Documentation Home", SAM_CARTER, "checkout", CHECKOUT),
    Row("DOCS", "Error codes", "Documentation Home", SAM_CARTER, "reference checkout", ERRORS),
    Row("DOCS", "Logging in", "Documentation Home", ZOE, "login account",
        _p("You can log in with your address and a password, or with a passkey.",
           "A session lasts 30 minutes.")),
    Row("DOCS", "Resetting your password", "Logging in", ZOE, "login howto",
        _p("Press <em>Forgot password</em> and wait for the mail. Look into the spam folder, too.")),
    Row("DOCS", "Searching", "Documentation Home", SAM_CARTWRIGHT, "search", _p("Type a word. Quotes find a phrase.")),
    Row("DOCS", "Shipping to the Nordics", "Documentation Home", OLGA, "shipping unicode",
        _p("Addresses such as Åsögatan 12, 116 24 Stockholm are fine; so are Øresund and Þingvellir.")),
    Row("DOCS", "Release notes 4.12", "Documentation Home", DEMO, "release",
        _p("Faster cart. Sessions end after 30 minutes.")),
    Row("DOCS", "Release notes 4.11", "Documentation Home", DEMO, "release", _p("New filters in the search.")),
    Row("DOCS", "Vouchers", "Documentation Home", SAM_CARTER, "checkout payments",
        _p("A voucher counts once per order.")),
    Row("POLICY", "Policies Home", "", PRIYA, "home", _p("Please read all of them once a year.")),
    Row("POLICY", "Privacy", "Policies Home", PRIYA, "privacy", _p("We keep carts for 90 days, orders for ten years.")),
    Row("POLICY", "Security of accounts", "Policies Home", ZOE, "security login",
        _p("Never share a token. Report a lost device at once.")),
    Row("POLICY", "Working from abroad", "Policies Home", PRIYA, "people", _p("Up to 30 days a year, ask first.")),
    Row("LEAD", "Leadership Home", "", PRIYA, "home", _p("Confidential.")),
    Row("LEAD", "Plan for the second half of 2026", "Leadership Home", PRIYA, "plan", _p("A shop in every city.")),
)  # fmt: skip
OLDER = {
    "Onboarding": ("<p>Welcome! More to follow.</p>", ONBOARDING.replace("less than a day", "two days")),
    "Architecture of the shop": ("<p>Draft.</p>",),
    "Runbook: checkout outage": (RUNBOOK.replace("five minutes", "two minutes"),),
}
