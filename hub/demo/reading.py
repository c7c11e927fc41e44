"""Reading as one reader over HTTP: find the person, climb the ladder with `$open`, count.

Source: INTERFACES, FHIR. Every type that the hub's CapabilityStatement offers for one person is
searched, so that nothing that a reader can see goes uncounted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.demo.client import Client, Unanswered
from hub.demo.readers import Reader, Step
from mappings.personal_identity import PERSONNUMMER

NOT_CLINICAL = frozenset({"AuditEvent", "Consent", "Device", "Provenance", "RelatedPerson"})
"""Types that are searched for one person and are not what is documented about their care."""

DOCUMENT = "DocumentReference"
LARGEST_PAGE = "500"
_CODES = frozenset({"purpose", "activeChoice", "danger"})


@dataclass(frozen=True, slots=True)
class Opened:
    """The answer to one `$open`; `names` are the organisations or units that rungs name."""

    session: str = field(repr=False)
    shows: tuple[str, ...]
    names: Mapping[str, frozenset[str]]
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader got: the answer to each `$open`, and what the last one's session shows.

    `sees` counts each clinical type; `owners` are those whose documents are among it.
    `logged` is how many log records the reading is to have left: one for each request, and one for
    each rung that was revealed.
    """

    reader: Reader
    person: str
    token: str = field(repr=False)
    opened: tuple[Opened, ...]
    sees: Mapping[str, int]
    owners: frozenset[str]
    logged: int

    @property
    def last(self) -> Opened:
        """Return the answer to the last `$open`: what the reader reads under."""
        return self.opened[-1]


def clinical_types(client: Client) -> list[str]:
    """Return the clinical types that the hub says can be searched for one person."""
    statement = client.get("metadata", {}, {})
    return [
        each["type"]
        for each in statement["rest"][0]["resource"]
        if each["type"] not in NOT_CLINICAL
        and any(parameter["name"] == "patient" for parameter in each.get("searchParam", ()))
    ]


def read_as(
    client: Client, reader: Reader, token: str, number: str, types: Sequence[str]
) -> Reading:
    """Return what a reader gets of the person with this number.

    Raises:
        Unanswered: the hub refuses, or does not answer.
    """
    headers = {"Authorization": f"Bearer {token}"}
    found = client.post_form("Patient/_search", {"identifier": f"{PERSONNUMMER}|{number}"}, headers)
    person = found["entry"][0]["resource"]["id"]
    opened = tuple(_open(client, person, step, headers) for step in reader.steps)
    session = {**headers, "X-Samvy-Session": opened[-1].session}
    found = {kind: _search(client, kind, person, session) for kind in types}
    return Reading(
        reader,
        person,
        token,
        opened,
        sees={kind: len(resources) for kind, resources in found.items() if resources},
        owners=frozenset(
            each["custodian"]["identifier"]["value"] for each in found.get(DOCUMENT, ())
        ),
        logged=1 + sum(1 + len(each.shows) for each in opened) + len(types),
    )


def _search(
    client: Client, kind: str, person: str, headers: Mapping[str, str]
) -> list[dict[str, Any]]:
    parameters = {"patient": f"Patient/{person}", "_count": LARGEST_PAGE}
    bundle = client.get(kind, parameters, headers)
    found = [each["resource"] for each in bundle.get("entry", [])]
    of_kind = [each for each in found if each["resourceType"] == kind]
    if bundle["total"] != len(of_kind):
        total = bundle["total"]
        raise Unanswered(f"{kind}: the total is {total}, and the page holds {len(of_kind)}")
    return of_kind


def _open(client: Client, person: str, step: Step, headers: Mapping[str, str]) -> Opened:
    body = {"resourceType": "Parameters", "parameter": _parameters(step.states)}
    answer = client.post(f"Patient/{person}/$open", body, headers)
    parameters = answer["parameter"]
    session = next(each["valueString"] for each in parameters if each["name"] == "session")
    shown = [_shown(each) for each in parameters if each["name"] == "shows"]
    return Opened(
        session,
        tuple(rung for rung, _ in shown),
        {rung: names for rung, names in shown if names},
        tuple(each["valueString"] for each in parameters if each["name"] == "basis"),
    )


def _shown(parameter: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    """A rung, and the organisations or units that it names."""
    if "valueCode" in parameter:
        return parameter["valueCode"], frozenset()
    parts = parameter["part"]
    rung = next(part["valueCode"] for part in parts if part["name"] == "rung")
    return rung, frozenset(part["valueString"] for part in parts if part["name"] != "rung")


def _parameters(states: Mapping[str, object]) -> list[dict[str, Any]]:
    return [
        parameter
        for name, value in states.items()
        for each in (value if isinstance(value, list) else [value])
        for parameter in [_parameter(name, each)]
    ]


def _parameter(name: str, value: object) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {"name": name, "part": _parameters(value)}
    if isinstance(value, bool):
        return {"name": name, "valueBoolean": value}
    return {"name": name, "valueCode" if name in _CODES else "valueString": str(value)}
