"""The commands that people type, with their options and help."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from server import __version__, doors

app = typer.Typer(
    help="The land bridge between AI agents and Atlassian: Jira and Confluence over MCP.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Demo = Annotated[bool, typer.Option("--demo", help="Use the embedded sandbox; no account needed.")]
Security = Annotated[bool, typer.Option("--security", help="Tell what these settings leave open.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")]
Host = Annotated[
    str, typer.Option(help="Address to listen on; beyond loopback only where callers are asked who they are.")
]


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the option's value
    if wanted:
        typer.echo(f"isthmus {__version__}")
        raise typer.Exit


@app.callback()
def isthmus(
    version: Annotated[  # noqa: FBT002 - typer's callback does the work
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Attach Jira and Confluence to an agent."""


@app.command()
def stdio(demo: Demo = False) -> None:  # noqa: FBT002 - a command line's flag
    """Serve MCP on standard input and output: the command for an agent host."""
    doors.stdio(demo=demo)


@app.command()
def serve(
    demo: Demo = False,  # noqa: FBT002 - a command line's flag
    host: Host = "127.0.0.1",
    port: Port = 8321,
) -> None:
    """Serve MCP over HTTP at /mcp."""
    doors.serve(demo=demo, host=host, port=port, say=_say)


@app.command()
def token(name: Annotated[str, typer.Argument(help="What the audit log calls the caller.")]) -> None:
    """Make a token for a caller of `serve`."""
    doors.new_token(name, typer.echo)


@app.command()
def sandbox(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8322,
    load: Annotated[Path | None, typer.Option(help="Folder with documents to add: ADF *.json, storage *.xml.")] = None,
    issues: Annotated[int, typer.Option(min=0, max=200_000, help="Made-up issues to add.")] = 0,
    pages: Annotated[int, typer.Option(min=0, max=200_000, help="Made-up pages to add.")] = 0,
    seed: Annotated[int, typer.Option(help="Of what is made up: the same seed is the same site.")] = 1,
    state: Annotated[
        Path | None, typer.Option(help="File that keeps the site: read if it exists, written as the site changes.")
    ] = None,
    limits: Annotated[bool, typer.Option("--limits", help="Answer 429 where Atlassian would.")] = False,
) -> None:
    """Serve a Jira and Confluence site to try things on."""
    source = doors.Source((seed, issues, pages), load, state)
    doors.sandbox(source, host=host, port=port, limits=limits, say=_say)


@app.command()
def demo() -> None:
    """Watch an agent work with Jira and Confluence, on the sandbox."""
    raise typer.Exit(0 if doors.tour() else 1)


@app.command()
def doctor(demo: Demo = False, security: Security = False) -> None:  # noqa: FBT002 - a command line's flags
    """Check settings, credentials, reachability and permissions."""
    raise typer.Exit(0 if doors.check(demo=demo, security=security) else 1)


@app.command()
def login() -> None:
    """Log in to Atlassian in your browser, by OAuth; the server then acts for you and renews it."""
    doors.log_in(_say, _chosen)


@app.command()
def logout() -> None:
    """Forget the login on this machine."""
    doors.log_out(_say)


def _chosen(sites: Sequence[str]) -> int:
    for number, site in enumerate(sites, 1):
        _say(f"{number}  {site}")
    number = 0
    while not 1 <= number <= len(sites):
        number = typer.prompt("Which site", type=int, default=1, err=True)
    return number - 1


audit = typer.Typer(help="The record of every write and every refused call.", no_args_is_help=True)
app.add_typer(audit, name="audit")


@audit.command()
def verify() -> None:
    """Check that no record was changed, taken away or put in between."""
    raise typer.Exit(0 if doors.verify_audit(typer.echo) else 1)


@audit.command()
def export() -> None:
    """Print the records as lines of JSON, the oldest first."""
    doors.export_audit(typer.echo)
