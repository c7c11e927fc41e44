"""samvy issuers and clients: whose tokens count, said on the command line and kept with history."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from hub.audit.record import Action
from hub.store.connect import Store
from hub.store.directory import directory
from tests.hub.cli.cli_files import ORGANISATIONS
from tests.hub.cli.cli_runner import Shell
from tests.hub.ingest.documents import NAMND, REGION, WARD

ISSUERS = "issuers: [{id: 'https://idp.example', audience: urn:hub}]"


def _keys(shell: Shell, name: str = "keys.json") -> Path:
    key = ECKey.generate_key("P-256", private=True)
    listed = {"keys": [{**key.as_dict(private=False), "kid": "k"}]}
    return shell.write(name, json.dumps(listed))


@pytest.fixture
def ready(small_shell: Shell) -> Shell:
    small_shell.write("organisations.yaml", ORGANISATIONS)
    assert small_shell.run("organisations", "load", "organisations.yaml").status == 0
    return small_shell


def _add(shell: Shell, *more: str, organisation: str = REGION) -> tuple[int, str]:
    keys = _keys(shell).name
    ran = shell.run(
        "clients", "add", "journal", "--organisation", organisation, "--keys", keys, *more
    )
    return ran.status, ran.err


def test_issuers_are_loaded_listed_and_no_longer_believed(ready: Shell) -> None:
    ready.write("issuers.yaml", ISSUERS)
    assert "1 added" in ready.run("issuers", "load", "issuers.yaml").err
    assert "1 unchanged, 0 no longer" in ready.run("issuers", "load", "issuers.yaml").err
    (listed,) = ready.run("issuers", "list", "--json").lines
    assert listed["id"] == "https://idp.example"
    assert listed["speaks_for"] == ["staff"]
    ready.write("issuers.yaml", ISSUERS.replace("urn:hub", "none, algorithms: [none]"))
    ran = ready.run("issuers", "load", "issuers.yaml")
    assert (ran.status, "issuers.yaml:1: " in ran.err) == (2, True)
    assert len(ready.run("issuers", "list").out.splitlines()) == 1
    ready.write("issuers.yaml", "issuers: []")
    assert "1 no longer believed" in ready.run("issuers", "load", "issuers.yaml").err
    assert ready.run("issuers", "list").out == ""


def test_a_client_is_added_changed_rotated_and_revoked(ready: Shell) -> None:
    assert _add(ready, "--unit", WARD, "--regime", "HSL") == (0, "clients: added\n")
    assert _add(ready, "--exchange") == (0, "clients: changed\n")
    (listed,) = ready.run("clients", "list", "--json").lines
    assert (listed["organisation"], listed["exchanges"]) == (REGION, True)
    assert listed["scope"] == "system/*.cruds user/*.cruds patient/*.cruds"
    other = _keys(ready, "other.json").name
    assert ready.run("clients", "rotate", "journal", "--keys", other, "--lost").status == 0
    assert ready.run("clients", "revoke", "journal").status == 0
    assert ready.run("clients", "list").out == ""
    for words in (["revoke", "journal"], ["rotate", "journal", "--keys", other]):
        ran = ready.run("clients", *words)
        assert (ran.status, "no client has this id" in ran.err) == (2, True)


def test_the_history_of_a_client_is_kept_and_each_act_is_logged(ready: Shell) -> None:
    _add(ready)
    store = Store(ready.environment["SAMVY_STORE"])
    with store.read() as connection:
        before = directory(connection).clients["journal"]
    ready.run("clients", "revoke", "journal")
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT recorded_from, recorded_to FROM client WHERE id = 'journal'"
        ).all()
        known = directory(connection)
        acts = (
            connection.exec_driver_sql("SELECT payload FROM audit_record ORDER BY recorded")
            .scalars()
            .all()
        )
    store.close()
    assert before.organisation == REGION
    assert "journal" not in known.clients
    assert len(rows) == 1
    assert rows[0][1] is not None
    said = [json.loads(each) for each in acts]
    queries = [each["query"] for each in said if each["action"] == Action.ADMINISTER]
    assert queries[-2:] == ["clients/add journal", "clients/revoke journal"]


KEYS = {
    "a PEM": ("-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n", "but PEM; write its"),
    "one key": ('{"kty": "EC", "crv": "P-256"}', 'this is one key; write {"keys": [ the key ]}'),
    "private keys": ('{"keys": [{"kty": "EC", "d": "x"}]}', "holds private keys"),
    "a list": ("[]", "this is not a JWK Set"),
    "nothing usable": ('{"keys": [{"kty": "oct", "k": "AAAA"}]}', "no usable key: P-256, or RSA"),
    "nothing": ("", "this is not JSON"),
}


@pytest.mark.parametrize("what", KEYS)
def test_keys_that_a_beginner_gives_are_refused_with_what_to_do(what: str, ready: Shell) -> None:
    content, said = KEYS[what]
    ready.write("k.json", content)
    ran = ready.run("clients", "add", "journal", "--organisation", REGION, "--keys", "k.json")
    assert (ran.status, said in ran.err) == (2, True)
    assert ready.run("clients", "list").out == ""


WRONG = {
    "an organisation that is not known": (["--unit", WARD], "SE0", "no organisation has the id"),
    "a unit of another": (["--unit", "SE0"], REGION, "lists units"),
    "an act of another kind": (["--regime", "SoL"], REGION, "no omsorgsgivare"),
    "an act of another kind, the other way": (["--regime", "HSL"], NAMND, "no vardgivare"),
    "no scope": (["--scope", "openid"], REGION, "--scope has no scope"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_meant_is_refused(ready: Shell, what: str) -> None:
    words, organisation, why = WRONG[what]
    status, said = _add(ready, *words, organisation=organisation)
    assert status == 2
    assert why in said
    assert ready.run("clients", "list").out == ""


@pytest.mark.parametrize("keys", ["nowhere.json", "http://idp.example/jwks", "private.json"])
def test_keys_that_cannot_be_used_are_refused(ready: Shell, keys: str) -> None:
    private = ECKey.generate_key("P-256", private=True).as_dict(private=True)
    ready.write("private.json", json.dumps({"keys": [private]}))
    ran = ready.run("clients", "add", "a", "--organisation", REGION, "--keys", keys)
    assert ran.status == 2
    assert "--keys" in ran.err
    assert private["d"] not in ran.err
