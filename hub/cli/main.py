"""The command `samvy` and its commands.

Source: INTERFACES, Commands.
"""

import typer

from hub.cli.alerts import alerts
from hub.cli.audit import audit
from hub.cli.clients import clients
from hub.cli.db import db
from hub.cli.decide import decide
from hub.cli.demo import demo
from hub.cli.ingest import ingest
from hub.cli.issuers import issuers
from hub.cli.law import law
from hub.cli.law_again import law_again
from hub.cli.loading import facts, organisations, sources
from hub.cli.mappings import mappings
from hub.cli.mappings_check import mappings_check
from hub.cli.person import person
from hub.cli.pull import pull_command
from hub.cli.purge import purge
from hub.cli.quarantine import quarantine
from hub.cli.queue import queue
from hub.cli.readmit import readmit
from hub.cli.reindex import reindex
from hub.cli.serve import serve
from hub.cli.switches import switches
from hub.cli.token import token

app = typer.Typer(
    name="samvy",
    help="A hub for sammanhållen vård- och omsorgsdokumentation.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("demo")(demo)
app.command("serve")(serve)
app.command("ingest")(ingest)
app.command("pull")(pull_command)
app.command("purge")(purge)
app.command("readmit")(readmit)
app.command("reindex")(reindex)
app.command("decide")(decide)
app.command("token")(token)
app.add_typer(organisations, name="organisations")
app.add_typer(sources, name="sources")
app.add_typer(issuers, name="issuers")
app.add_typer(clients, name="clients")
app.add_typer(switches, name="switches")
app.add_typer(facts, name="facts")
app.add_typer(person, name="person")
app.add_typer(queue, name="queue")
app.add_typer(alerts, name="alerts")
app.add_typer(quarantine, name="quarantine")
app.add_typer(audit, name="audit")
mappings.command("check")(mappings_check)
app.add_typer(mappings, name="mappings")
law.command("again")(law_again)
app.add_typer(law, name="law")
app.add_typer(db, name="db")


def run() -> None:
    """Run the command line."""
    app()
