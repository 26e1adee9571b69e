"""The words of made-up teams: what they build, what goes wrong with it, what they say about it."""

from random import Random

PARTS = [
    "login page",
    "checkout",
    "search index",
    "invoice export",
    "payment gateway",
    "order history",
    "product catalogue",
    "price list",
    "shopping cart",
    "notification service",
    "address book",
    "mobile app",
    "admin console",
    "audit log",
    "report builder",
    "stock ledger",
    "delivery tracker",
    "import job",
    "session store",
    "image resizer",
    "mail queue",
    "rate limiter",
    "feature switch",
    "customer portal",
    "returns desk",
    "loyalty programme",
    "tax calculator",
    "currency table",
    "wish list",
    "recommendation feed",
    "status page",
    "onboarding flow",
]
SYMPTOMS = [
    "times out",
    "shows stale data",
    "loses the selected filter",
    "rejects valid input",
    "answers with an empty page",
    "sorts in the wrong order",
    "rounds to the wrong cent",
    "ignores the time zone",
    "sends the message twice",
    "forgets the session",
    "freezes while scrolling",
    "drops umlauts",
    "leaks memory",
    "returns too many rows",
    "hides the error",
    "cannot be reached by keyboard",
    "breaks on narrow screens",
    "counts a refund twice",
    "fails after midnight",
    "needs two clicks",
]
CIRCUMSTANCES = [
    "after the nightly import",
    "on slow connections",
    "for guests",
    "when two tabs are open",
    "behind a proxy",
    "in Safari",
    "with more than a hundred entries",
    "for accounts without an address",
    "under load",
    "after a password change",
    "in the Japanese locale",
    "when the disk is nearly full",
    "during a deployment",
    "on the first of the month",
    "with an expired card",
    "without JavaScript",
    "for archived customers",
    "on the staging cluster",
    "with a screen reader",
    "at the year's end",
]
CHANGES = [
    "Add a filter by date to",
    "Show a progress bar in",
    "Split the settings of",
    "Cache the answers of",
    "Write an audit entry for",
    "Allow bulk edits in",
    "Translate",
    "Speed up",
    "Add a dark theme to",
    "Make keyboard shortcuts for",
    "Document the limits of",
    "Measure the latency of",
    "Move the configuration of",
    "Retire the old version of",
    "Add pagination to",
    "Validate the input of",
    "Export as CSV from",
    "Encrypt the backups of",
    "Let administrators rename",
    "Warn before deleting from",
]
CHORES = [
    "Upgrade the libraries of",
    "Rotate the credentials of",
    "Remove dead code from",
    "Write a runbook for",
    "Rehearse a restore of",
    "Clean up the logs of",
    "Review the alerts of",
    "Raise the test coverage of",
    "Profile the start of",
    "Renew the certificate of",
]
REASONS = [
    "the cache key lacks the customer's region",
    "a retry is sent without its marker",
    "the index is rebuilt while it is read",
    "two workers take the same row",
    "the clock of one node runs late",
    "an old client still sends the legacy field",
    "the query has no limit",
    "the lock is released too early",
    "the template escapes twice",
    "a default of zero means no limit",
    "the feature switch was never removed",
    "the column is compared as text",
    "a proxy strips the header",
    "the job starts before its input is complete",
]
STEPS = [
    "open the page as a guest",
    "sign in with a fresh account",
    "add three items",
    "change the language",
    "wait for a minute",
    "reload",
    "press the back button",
    "export the list",
    "switch the network off and on",
    "repeat with a second browser",
    "look at the log",
    "restart the worker",
]
OPINIONS = [
    "I can reproduce it here",
    "It no longer happens on the branch",
    "That looks like the same cause as last month",
    "Let us ship it behind a switch",
    "Customers have asked for this twice",
    "Please add a test first",
    "The numbers look better now",
    "I would rather fix the cause",
    "Support has a workaround",
    "This waits for the vendor",
    "Reviewed, two remarks inline",
    "Who owns this part now",
]
LABELS = [
    "frontend",
    "backend",
    "database",
    "performance",
    "security",
    "accessibility",
    "customer",
    "regression",
    "flaky",
    "quick-win",
    "tech-debt",
    "mobile",
    "payments",
    "search",
    "reporting",
    "translation",
    "migration",
    "monitoring",
    "documentation",
    "research",
]
TOPICS = [
    "Runbook",
    "Decision",
    "Meeting notes",
    "How-to",
    "Design",
    "Post-mortem",
    "Checklist",
    "Glossary",
    "Release notes",
    "Research",
    "Onboarding",
    "Policy",
    "Interview guide",
    "Roadmap",
    "Retrospective",
    "Architecture",
    "Test plan",
    "Capacity plan",
    "Support guide",
    "Style guide",
]


def pick(chance: Random, words: list[str]) -> str:
    return words[int(chance.random() * len(words))]


def complaint(chance: Random) -> str:
    return f"{pick(chance, PARTS)} {pick(chance, SYMPTOMS)} {pick(chance, CIRCUMSTANCES)}".capitalize()


def change(chance: Random) -> str:
    return f"{pick(chance, CHANGES)} the {pick(chance, PARTS)}"


def chore(chance: Random) -> str:
    return f"{pick(chance, CHORES)} the {pick(chance, PARTS)}"


def sentence(chance: Random) -> str:
    kind = int(chance.random() * 5)
    if kind == 0:
        return f"The {pick(chance, PARTS)} {pick(chance, SYMPTOMS)} {pick(chance, CIRCUMSTANCES)}."
    if kind == 1:
        return f"We think that {pick(chance, REASONS)}."
    if kind == 2:
        return f"To see it, {pick(chance, STEPS)}, then {pick(chance, STEPS)}."
    if kind == 3:
        return f"{pick(chance, OPINIONS)}."
    return f"{change(chance)} {pick(chance, CIRCUMSTANCES)}."


def sentences(chance: Random, least: int, most: int) -> str:
    return " ".join(sentence(chance) for _ in range(chance.randint(least, most)))
