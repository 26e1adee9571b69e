"""The long descriptions and comment threads of the demo issues."""

from server.sandbox.demo.pieces import (
    RULE,
    card,
    code,
    day,
    doc,
    emoji,
    expand,
    h,
    media,
    mention,
    ol,
    p,
    panel,
    status,
    t,
    table,
    tasks,
    ul,
)
from server.sandbox.people import DEMO, KENJI, OLGA, PRIYA, SAM_CARTER, SAM_CARTWRIGHT, ZOE
from server.sandbox.records import Json, Person

TRACE = """Traceback (most recent call last):
  File "shop/checkout/session.py", line 88, in refresh
    token = self.store[session_id]
KeyError: 'c0ffee-4711'"""
CURL = """curl -i https://shop.example.com/api/checkout \\
  -H 'Cookie: session=expired' \\
  -d '{"cart": "c-1042"}'"""
QUERY = """SELECT id, total
FROM orders
WHERE status = 'pending' AND created_at < now() - interval '15 minutes';"""

DESCRIPTIONS: dict[str, Json] = {
    "DEMO-1": doc(
        p("Everything that a customer meets between the cart and the confirmation mail. The goal for this quarter: "),
        ul("a checkout that survives an expired session", "payment in at most three steps", "receipts within a minute"),
        p("The plan is written down in ", card("https://demo.example.com/wiki/spaces/ENG/pages/131076"), "."),
    ),
    "DEMO-7": doc(
        panel("error", t("Customers lose their cart.", "strong"), " Two reports a day since the last release."),
        h(2, "What happens"),
        p(
            "When the session expires between ",
            t("Review order", "em"),
            " and ",
            t("Pay", "em"),
            ", the login page sends the customer to an empty cart. ",
            mention(SAM_CARTER),
            " saw it in Safari first, ",
            mention(ZOE),
            " can repeat it in every browser.",
        ),
        h(2, "How to repeat it"),
        ol(
            "Put something into the cart and go to checkout.",
            "Wait for 30 minutes, or delete the session cookie.",
            "Press Pay and log in again.",
        ),
        code("bash", CURL),
        expand("Stack trace", code("python", TRACE)),
        h(2, "What we know"),
        table(
            ["Browser", "Repeats", "Since"],
            ["Safari 19", "always", "4.12.0"],
            ["Firefox 140", "always", "4.12.0"],
            ["Chrome 150", "sometimes", "4.12.1"],
        ),
        media(1, 1280, 720),
        h(2, "To do"),
        tasks(
            ("Write a test that expires the session", True),
            ("Keep the cart id over the login", False),
            ("Tell support what to answer", False),
        ),
        RULE,
        p("State: ", status("UNDER REVIEW", "yellow"), " · promised for ", day(1_773_619_200_000)),
    ),
    "DEMO-8": doc(
        p("As a returning customer I want to pay with a stored card, so that I need not look for it."),
        h(3, "Acceptance"),
        ul(
            "Only the last four digits are shown.",
            "A card that expires this month is marked.",
            "Removing a card takes effect at once.",
        ),
    ),
    "DEMO-12": doc(
        p("The search page takes more than two seconds for frequent words such as ", t("shoes", "code"), "."),
        code("sql", QUERY),
        p("Measured by ", mention(KENJI), ": 2.4 s at the 95th percentile, 180 ms are allowed."),
        panel("note", "The index is rebuilt each night; do not measure between 02:00 and 03:00 UTC."),
    ),
    "DEMO-19": doc(
        p("Ünïcode in names breaks the shipping label: “Zoë Lindqvist, Åsögatan 12” becomes question marks. 🚚"),
        p("The carrier wants ISO 8859-1; we send UTF-8 without saying so."),
    ),
    "DEMO-25": doc(
        panel("info", "Decided in the architecture round: one queue per tenant."),
        p("See ", t("the page on queues", href="https://demo.example.com/wiki/spaces/ENG/pages/131076"), "."),
    ),
    "HELP-1": doc(
        p("Hello, since this morning nobody in our shop in Malmö can log in. The page says ", t("Error 502", "code")),
        p("It worked yesterday. We have three people waiting at the counter."),
    ),
}

Thread = tuple[tuple[Person, Json], ...]

THREADS: dict[str, Thread] = {
    "DEMO-7": (
        (
            SAM_CARTER,
            doc(p("I can repeat this with Safari 19. The cart id is only in the session, not in the account.")),
        ),
        (ZOE, doc(p("Same in Firefox. ", mention(SAM_CARTER), " did you try with a fresh account?"))),
        (SAM_CARTER, doc(p("Yes: no difference."), code("text", "session=c0ffee-4711; Max-Age=1800"))),
        (PRIYA, doc(p("Support has 14 tickets about this by now. Please put it first."))),
        (DEMO, doc(p("I take it. Plan:"), ol("keep the cart id in the login redirect", "merge carts after login"))),
        (SAM_CARTWRIGHT, doc(p("Careful with merging: two tabs, two carts. We had that before, see DEMO-15."))),
        (KENJI, doc(panel("warning", "The session store is full at peak times; that shortens sessions, too."))),
        (DEMO, doc(p("Good point. ", emoji("thumbsup", "\N{THUMBS UP SIGN}"), " I look at the store as well."))),
        (OLGA, doc(p("For the record: the timeout was lowered from 60 to 30 minutes in 4.12.0."))),
        (ZOE, doc(p("That explains “since 4.12”. Raising it again would only hide the bug."))),
        (PRIYA, doc(p("Agreed. ", mention(DEMO), " is Friday still realistic?"))),
        (DEMO, doc(p("Yes. The fix is in review."), tasks(("cart id survives login", True), ("merge carts", False)))),
    ),
    "DEMO-12": (
        (KENJI, doc(p("Profile attached. Two thirds of the time goes into counting the facets."))),
        (SAM_CARTWRIGHT, doc(p("Could we count them only on request?"))),
        (KENJI, doc(p("Then the sidebar jumps. Let us cache the counts for a minute instead."))),
    ),
    "DEMO-8": ((PRIYA, doc(p("Legal has no objections, as long as removal is immediate."))),),
    "HELP-1": (
        (SAM_CARTWRIGHT, doc(p("We see it. One of two gateways was out of memory; it has been restarted."))),
        (KENJI, doc(p("Confirmed: no 502 for ten minutes. Watching it until noon."))),
    ),
}
LOREM = (
    "Checked again today, no change.",
    "The numbers look better since the last deployment.",
    "Moved to next week, the reviewer is away.",
    "Could somebody from the payments team have a look?",
    "Added to the agenda of the weekly round.",
)
