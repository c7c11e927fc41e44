"""samvy alerts: what vårdgivare were to be alerted to outside the hub, and what did not arrive.

Source: SVOD 3:5; `lift_alert` in the organisations file. Neither persons nor addresses are shown.
"""

import json
import sys

import typer

from hub.audit.administration import administered
from hub.cli.administering import logged_before
from hub.cli.opening import JsonOption, StoreOption, opened, say
from hub.running import now
from hub.store.lift_alerts import Alert, AlertState, revive
from hub.store.lift_alerts import alerts as unsent

alerts = typer.Typer(help="alerts that are to leave the hub", no_args_is_help=True)


@alerts.command("list")
def alerts_list(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """List what has not been taken, the oldest first; exit 1 when something was given up."""
    with opened(store, writes=False) as hub_store, hub_store.read() as connection:
        found = unsent(connection)
    for each in found:
        sys.stdout.write((_json(each) if as_json else _line(each)) + "\n")
    raise typer.Exit(1 if any(each.state is AlertState.GIVEN_UP for each in found) else 0)


@alerts.command("retry")
def alerts_retry(store: StoreOption = None) -> None:
    """Have what was given up tried again, after the cause has been mended."""
    with opened(store) as hub_store:
        logged_before(hub_store, [administered("alerts/retry", now())])
        with hub_store.write() as connection:
            found = revive(connection, now())
    say(f"{found} are tried again")


def _json(alert: Alert) -> str:
    found = {
        "id": alert.id,
        "owner": alert.owner,
        "kind": alert.kind.value,
        "request": alert.request,
        "told": alert.told.isoformat(),
        "due": alert.due.isoformat(),
        "attempts": alert.attempts,
        "state": alert.state.value,
        "reason": alert.reason,
    }
    return json.dumps(found, ensure_ascii=False)


def _line(alert: Alert) -> str:
    return (
        f"{alert.told:%Y-%m-%d %H:%M}  {alert.owner}  {alert.kind:<9}  {alert.state:<8}"
        f"  {alert.attempts} tries  {alert.reason}"
    ).rstrip()
