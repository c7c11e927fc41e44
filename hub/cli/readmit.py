"""samvy readmit: what was purged of a person may be delivered again, on a decision that is logged.

Source: DESIGN §4 "Leaving". A purge was a mistake, or an authority has changed its decision: from
now on the records are taken in when the source sends them. The log record is durable before that.
"""

from typing import Annotated

import typer

from hub.audit.administration import administered
from hub.audit.errors import AuditError
from hub.audit.writer import AuditWriter
from hub.cli.opening import StoreOption, fail, opened, say
from hub.cli.persons import HELP, persons_given
from hub.cli.purge import LONGEST
from hub.running import now
from hub.store.facts import linked
from hub.store.identity import person_key
from hub.store.identity_key import identity_key
from hub.store.purged import count_purged
from hub.store.purged import readmit as let_in


def readmit(
    person: Annotated[str, typer.Option(help=HELP)],
    decision: Annotated[
        str, typer.Option(help="the decision's reference and date, for the log; no personal value")
    ],
    source: Annotated[str | None, typer.Option(help="only what this source had delivered")] = None,
    store: StoreOption = None,
) -> None:
    """Let purged records of a person in again, when their source sends them."""
    if not decision.strip() or len(decision) > LONGEST or not decision.isprintable():
        fail("--decision: write the decision's reference, at most 200 characters")
    with opened(store) as hub_store:
        key = identity_key(hub_store)
        asked = [person_key(key, each.system, each.value) for each in persons_given(person)]
        with hub_store.read() as connection:
            keys = linked(connection, asked)
            found = count_purged(connection, keys, source)
        if found:
            log = AuditWriter(hub_store)
            try:
                for each in keys:
                    log.append(administered("readmit", now(), person=each, reason=decision.strip()))
            except AuditError as problem:
                fail(str(problem))
            finally:
                log.close()
            with hub_store.write() as connection:
                let_in(connection, keys, source)
    say(f"{found} purged records may be delivered again")
