"""The rich pages of the demo site, in the storage format."""

from server.sandbox.people import DEMO, KENJI, PRIYA, SAM_CARTER, SAM_CARTWRIGHT, ZOE
from server.sandbox.records import Person


def macro(name: str, inner: str = "", /, **parameters: str) -> str:
    given = "".join(f'<ac:parameter ac:name="{key}">{value}</ac:parameter>' for key, value in parameters.items())
    body = f"<ac:rich-text-body>{inner}</ac:rich-text-body>" if inner else ""
    return f'<ac:structured-macro ac:name="{name}" ac:schema-version="1">{given}{body}</ac:structured-macro>'


def code(language: str, text: str) -> str:
    return (
        '<ac:structured-macro ac:name="code" ac:schema-version="1">'
        f'<ac:parameter ac:name="language">{language}</ac:parameter>'
        f"<ac:plain-text-body><![CDATA[{text}]]></ac:plain-text-body></ac:structured-macro>"
    )


def person(who: Person) -> str:
    return f'<ac:link><ri:user ri:account-id="{who.account_id}" /></ac:link>'


def link(title: str, text: str) -> str:
    target = f'<ri:page ri:content-title="{title}" />'
    return f"<ac:link>{target}<ac:plain-text-link-body><![CDATA[{text}]]></ac:plain-text-link-body></ac:link>"


def task(number: int, text: str, *, done: bool = False) -> str:
    state = "complete" if done else "incomplete"
    return (
        f"<ac:task><ac:task-id>{number}</ac:task-id><ac:task-status>{state}</ac:task-status>"
        f"<ac:task-body>{text}</ac:task-body></ac:task>"
    )


def table(*rows: tuple[str, ...]) -> str:
    head, *rest = rows
    first = "".join(f"<th><p>{cell}</p></th>" for cell in head)
    others = "".join("<tr>" + "".join(f"<td><p>{cell}</p></td>" for cell in row) + "</tr>" for row in rest)
    return f'<table data-layout="default"><tbody><tr>{first}</tr>{others}</tbody></table>'


def items(*texts: str) -> str:
    return "<ul>" + "".join(f"<li><p>{text}</p></li>" for text in texts) + "</ul>"


ONBOARDING = "".join(
    [
        "<p>Welcome! This page takes you through your first week. Ask ",
        person(SAM_CARTER),
        " or ",
        person(ZOE),
        " whenever something is unclear.</p>",
        macro("info", "<p>Everything here should take <strong>less than a day</strong>. If not, tell us.</p>"),
        "<h2>Day 1</h2><ac:task-list>",
        task(1, "Ask for access to Jira and Confluence", done=True),
        task(2, "Clone the shop and run its tests"),
        task(3, f"Read {link('Architecture of the shop', 'how the shop is built')}"),
        "</ac:task-list><h2>The first build</h2>",
        code("bash", "git clone https://git.example.com/shop.git\ncd shop && make test"),
        "<h2>Who knows what</h2>",
        table(
            ("Topic", "Ask"),
            ("Checkout", person(SAM_CARTER)),
            ("Search", person(SAM_CARTWRIGHT)),
            ("Operations", person(KENJI)),
        ),
    ]
)
RUNBOOK = "".join(
    [
        macro("warning", "<p>Never restart both gateways at the same time: open payments are lost.</p>"),
        "<h2>Symptoms</h2>",
        items("Error 502 at login or checkout", "The queue <code>payments</code> grows", "Carts are empty after login"),
        "<h2>Steps</h2><ol><li><p>Look at the dashboard.</p></li><li><p>Restart <em>one</em> gateway:</p>",
        code("bash", "kubectl rollout restart deployment/gateway-a"),
        "</li><li><p>Wait for five minutes, then check the error rate.</p></li></ol>",
        "<h2>Who to call</h2><p>",
        person(KENJI),
        " by day, the on-call phone by night: +46 8 000 00 00.</p>",
        macro("expand", "<p>2026-01-14: memory of gateway B, 22 minutes.</p>", title="Earlier outages"),
    ]
)
LAYOUT = (
    '<ac:layout><ac:layout-section ac:type="two_equal"><ac:layout-cell><h2>In front</h2>{left}</ac:layout-cell>'
    "<ac:layout-cell><h2>Behind</h2>{right}</ac:layout-cell></ac:layout-section></ac:layout>"
)
ARCHITECTURE = "".join(
    [
        macro("toc", maxLevel="3"),
        macro("info", "<p>Decided on 2026-01-19: one queue per tenant. See DEMO-25.</p>", title="State"),
        "<h1>Overview</h1><p>The shop is four services and one database. ",
        '<ac:inline-comment-marker ac:ref="6b1f0f5c-5e0b-4b0e-8a57-3a6f2d1c9e01">The cart lives in the session',
        "</ac:inline-comment-marker>, which is the reason for DEMO-7.</p>",
        LAYOUT.format(left=items("web", "mobile gateway"), right=items("orders", "payments", "search")),
        "<h1>Sessions</h1><p>A session is 30&nbsp;minutes long &mdash; ",
        macro("status", colour="Yellow", title="UNDER REVIEW"),
        "</p>",
        code("python", "SESSION = timedelta(minutes=30)\nif cart and not session:\n    raise LostCart(cart.id)"),
        macro("expand", "<p>We tried 60 minutes; the store filled up at peak times.</p>", title="Why 30 minutes?"),
        "<h1>Queues</h1>",
        table(
            ("Queue", "Owner", "Limit"),
            ("payments", person(SAM_CARTWRIGHT), "10&nbsp;000"),
            ("mail", person(DEMO), "50&nbsp;000"),
        ),
        macro("note", "<p>Limits are per tenant &amp; hour.</p>"),
        '<p><ac:image ac:width="640"><ri:attachment ri:filename="services.png" /></ac:image></p>',
        macro("jira", key="DEMO-7"),
        f'<p>Questions? {person(PRIYA)} <ac:emoticon ac:name="smile" /></p>',
    ]
)
CHECKOUT = "".join(
    [
        "<p>How the checkout works, step by step.</p><ol><li><p>Cart</p></li><li><p>Address</p></li>",
        "<li><p>Payment</p></li><li><p>Confirmation</p></li></ol>",
        "<h2>Limits</h2><p>At most <strong>100</strong> items; <del>50</del> was the old limit.</p>",
        "<blockquote><p>A cart is a promise.</p></blockquote><hr />",
        '<p>The interface is described <a href="https://api.example.com/checkout">elsewhere</a>.</p>',
    ]
)
ERRORS = table(
    ("Code", "Meaning", "What to do"),
    ("401", "The session has expired", "Log in again"),
    ("409", "The cart was changed elsewhere", "Reload the cart"),
    ("422", "The card was refused", "Try another card"),
)
