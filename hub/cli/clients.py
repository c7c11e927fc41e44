"""samvy clients add, list, rotate, revoke: systems that get tokens from the hub itself.

Source: INTERFACES; docs/tokens.md. A hub that is running knows them from its next request on.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from consent.facts import OMSORGSGIVARE_REGIMES, VARDGIVARE_REGIMES, Kind, Regime
from hub.audit.administration import administered
from hub.auth.key_set import UnusableKeySet, key_set
from hub.auth.scopes import parse_scopes
from hub.cli.administering import logged_before
from hub.cli.opening import JsonOption, StoreOption, fail, opened, say
from hub.config.address import secure
from hub.config.client import Client
from hub.config.issuer import KeySource
from hub.running import now
from hub.store.connect import Store
from hub.store.directory import Directory, directory, revoke_client, save_client
from hub.store.hub_tokens import revoke_tokens_of

clients = typer.Typer(help="systems that get tokens from the hub itself")
LONGEST_ID = 64
SYSTEM = "system/*.cruds"
WITH_USERS = "system/*.cruds user/*.cruds patient/*.cruds"

IdArgument = Annotated[str, typer.Argument(help="the client's id")]
KeysOption = Annotated[
    str | None, typer.Option(help="its JWK Set: a file, or the https address where it lies")
]


@clients.command("add")
def clients_add(
    client: IdArgument,
    organisation: Annotated[str, typer.Option(help="whose documents it reads and writes")],
    keys: KeysOption,
    unit: Annotated[str | None, typer.Option(help="the unit that it documents at")] = None,
    regime: Annotated[Regime | None, typer.Option(help="the act that it documents under")] = None,
    scope: Annotated[str | None, typer.Option(help="SMART v2 scopes; a ceiling")] = None,
    exchange: Annotated[
        bool, typer.Option("--exchange", help="may exchange tokens of the organisation's staff")
    ] = False,
    individuals: Annotated[
        bool, typer.Option("--individuals", help="may exchange tokens of individuals")
    ] = False,
    certificate_bound: Annotated[
        bool, typer.Option("--certificate-bound", help="tokens only with a client certificate")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Register a client, or change what is registered."""
    found = Client(
        id=client,
        organisation=organisation,
        keys=_keys(keys or ""),
        scope=scope or (WITH_USERS if exchange or individuals else SYSTEM),
        unit=unit,
        regime=regime,
        exchanges=exchange or individuals,
        individuals=individuals,
        certificate_bound=certificate_bound,
    )
    with opened(store) as hub_store:
        with hub_store.read() as connection:
            known = directory(connection)
        _check(found, known)
        changed = client in known.clients
        _log(hub_store, "add", found)
        with hub_store.write() as connection:
            save_client(connection, found, now())
    say(f"clients: {'changed' if changed else 'added'}")


@clients.command("list")
def clients_list(json: JsonOption = False, store: StoreOption = None) -> None:
    """List the registered clients."""
    with opened(store, writes=False) as hub_store, hub_store.read() as connection:
        known = directory(connection).clients
    for name in sorted(known):
        each = known[name]
        line = {
            "id": name,
            "organisation": each.organisation,
            "unit": each.unit,
            "regime": each.regime,
            "scope": each.scope,
            "keys": each.keys.jwks or "a file",
            "exchanges": each.exchanges,
            "individuals": each.individuals,
            "certificate_bound": each.certificate_bound,
        }
        if json:
            sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        else:
            sys.stdout.write(f"{name}  {each.organisation}  {each.unit or '-'}  {each.scope}\n")


@clients.command("rotate")
def clients_rotate(
    client: IdArgument,
    keys: KeysOption,
    lost: Annotated[
        bool, typer.Option("--lost", help="the old key is lost: its tokens end too")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Give a client other keys; the old ones count no more."""
    found = _keys(keys or "")
    with opened(store) as hub_store:
        before = _known(hub_store, client)
        _log(hub_store, "rotate", before)
        with hub_store.write() as connection:
            save_client(connection, replace(before, keys=found), now())
            if lost:
                revoke_tokens_of(connection, client, now())
    say("clients: 1 has other keys")


@clients.command("revoke")
def clients_revoke(client: IdArgument, store: StoreOption = None) -> None:
    """End a client: neither it nor any token of its counts from the next request on."""
    with opened(store) as hub_store:
        _log(hub_store, "revoke", _known(hub_store, client))
        with hub_store.write() as connection:
            revoke_client(connection, client, now())
    say("clients: 1 revoked, and its tokens")


def _log(store: Store, act: str, client: Client) -> None:
    """The record of what an operator does to a client, for its organisation."""
    logged_before(
        store,
        [administered(f"clients/{act} {client.id}", now(), organisation=client.organisation)],
    )


def _known(store: Store, client: str) -> Client:
    with store.read() as connection:
        found = directory(connection).clients.get(client)
    if found is None:
        fail("no client has this id; `samvy clients list` names them")
    return found


def _keys(written: str) -> KeySource:
    if "://" in written:
        if not secure(written, dev=True):
            fail("--keys is an https address without user or fragment (http: 127.0.0.1 only)")
        return KeySource(jwks=written)
    try:
        text = Path(written).read_text(encoding="utf-8")
        key_set(text)
    except (OSError, UnicodeDecodeError):
        fail(
            "the file of --keys cannot be read; check the path, or write an https address where"
            " the client publishes its JWK Set"
        )
    except UnusableKeySet as why:
        fail(f"--keys: {why}")
    return KeySource(text=text)


def _check(client: Client, known: Directory) -> None:
    """End the command when the registration cannot be meant."""
    if not 0 < len(client.id) <= LONGEST_ID or not client.id.isprintable() or " " in client.id:
        fail("a client's id has between 1 and 64 characters and no spaces")
    entry = known.entries.get(client.organisation)
    if entry is None:
        fail("no organisation has the id of --organisation; see samvy organisations load")
    if client.unit is not None and entry.units and client.unit not in {u.id for u in entry.units}:
        fail("the organisation lists units, and --unit is none of them")
    if not parse_scopes(client.scope).grants:
        fail("--scope has no scope that the hub knows; write such as system/Observation.rs")
    needed = (
        Kind.VARDGIVARE
        if client.regime in VARDGIVARE_REGIMES
        else Kind.OMSORGSGIVARE
        if client.regime in OMSORGSGIVARE_REGIMES
        else None
    )
    if needed is not None and needed not in entry.kind:
        fail(f"the organisation is no {needed}, which documents under this act have")
