"""What a Consent that is sent asks for, as the parameters of the operation that carries it out.

Source: FHIR R4 consent.html; docs/consents.md. A Consent in one of the hub's profiles says as much
as $register-consent or $register-block takes, and nothing that those could not keep.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from consent.facts import InfoType
from consent.period import STOCKHOLM
from hub.api.consent.resource import CODES, INNER, OUTER, PROCESS, SAMTYCKE
from hub.api.own_documents import PERSON
from hub.errors import Place, Unprocessable
from hub.fhir.check import check
from hub.fhir.outcome import refuse
from mappings.base_profiles import HSA_ID

Resource = Mapping[str, Any]
TAKEN = frozenset(
    {
        *("resourceType", "id", "meta", "text", "language", "status", "scope", "category"),
        *("patient", "dateTime", "performer", "organization", "policyRule", "provision"),
    }
)
PROVISION = {
    SAMTYCKE: frozenset({"type", "period", "actor"}),
    OUTER: frozenset({"type", "dataPeriod", "provision"}),
    INNER: frozenset({"type", "dataPeriod", "provision", "extension"}),
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation on a person, and its parameters."""

    person: str
    kind: str
    parameters: tuple[Resource, ...]


@dataclass(slots=True)
class _Reading:
    """A Consent as it is read, and what is wrong with it."""

    resource: Resource
    wrong: list[Place] = field(default_factory=list)

    def fail(self, path: str, text: str) -> None:
        self.wrong.append(Place("invalid", "consent-profile", text, path))

    def only(self, path: str, given: Resource, taken: frozenset[str]) -> None:
        """Refuse what would not be kept."""
        for name in sorted(given.keys() - taken):
            self.fail(f"{path}.{name}", f"the profile keeps no {name}; leave it out")

    def number(self, path: str, reference: Resource) -> str:
        """The HSA id in a reference that names somebody by it."""
        identifier = reference.get("identifier") or {}
        if identifier.get("system") == HSA_ID and identifier.get("value"):
            return str(identifier["value"])
        self.fail(path, f"name it by its identifier, of system {HSA_ID}")
        return ""

    def day(self, path: str, written: object, *, last: bool = False) -> str | None:
        """The Swedish day that a period begins or ends with; an instant ends just before itself."""
        if written is None:
            return None
        if not _DAY.fullmatch(str(written)):
            self.fail(path, "write the day, as in 2026-12-31")
            return None
        if "T" not in str(written):
            return str(written)
        try:
            at = datetime.fromisoformat(str(written))
            at = (at if at.tzinfo else at.replace(tzinfo=STOCKHOLM)).astimezone(UTC)
            return _swedish(at - timedelta(microseconds=1) if last else at).isoformat()
        except (ValueError, OverflowError):
            self.fail(path, "it lies outside the calendar; leave it out for no bound")
            return None


def asked_in(resource: Resource, now: datetime) -> Asked:
    """Return what a Consent asks for.

    Raises:
        Unprocessable: it is no valid Consent, or none of the hub's profiles.
    """
    refuse(check(resource))
    reading = _Reading(resource)
    reading.only("Consent", resource, TAKEN)
    kind = _kind(reading)
    person = PERSON.fullmatch(str((resource.get("patient") or {}).get("reference", "")))
    if person is None:
        reading.fail("Consent.patient", "refer to the hub's Patient, as Patient/{id}")
    if resource.get("status") != "active":
        reading.fail("Consent.status", "what is registered is active; end it with an update")
    if any(each != resource.get("patient") for each in resource.get("performer", ())):
        reading.fail("Consent.performer", "nobody but the person says it")
    parameters: list[Resource] = []
    if kind is not None:
        provision = resource.get("provision") or {}
        reading.only("Consent.provision", provision, PROVISION[kind])
        make = _answer if kind == SAMTYCKE else _block
        parameters = make(reading, kind, provision, now)
    if reading.wrong or kind is None or person is None:
        raise Unprocessable("the Consent is of no profile of the hub's", places=reading.wrong)
    return Asked(person[1], kind, tuple(parameters))


def _kind(reading: _Reading) -> str | None:
    codings = (reading.resource.get("policyRule") or {}).get("coding", ())
    found = [each.get("code") for each in codings if each.get("system") == CODES]
    if len(found) == 1 and found[0] in PROVISION:
        return str(found[0])
    reading.fail("Consent.policyRule", f"give one code of {CODES}: {', '.join(PROVISION)}")
    return None


def _answer(reading: _Reading, _kind: str, provision: Resource, now: datetime) -> list[Resource]:
    organisations = _organisations(reading, most=1)
    period, at = provision.get("period") or {}, "Consent.provision.period"
    start = reading.day(f"{at}.start", period.get("start"))
    if start is not None and start > _swedish(now).isoformat():
        reading.fail(f"{at}.start", "an answer counts from when it is registered; leave it out")
    end = reading.day(f"{at}.end", period.get("end"), last=True)
    found = [
        {"name": "answer", "valueBoolean": provision.get("type") == "permit"},
        *({"name": "organisation", "valueString": each} for each in organisations),
        *([{"name": "end", "valueDate": end}] if end else ()),
    ]
    return [*found, *_actors(reading, organisations, provision.get("actor", ()))]


def _actors(
    reading: _Reading, organisations: Sequence[str], actors: Sequence[Resource]
) -> list[Resource]:
    """The unit and the one person of it that an answer is narrowed to."""
    found: dict[str, Resource] = {}
    for number, each in enumerate(actors):
        path, reference = f"Consent.provision.actor[{number}].reference", each["reference"]
        named = reading.number(path, reference)
        name = "user" if reference.get("type") == "Practitioner" else "unit"
        if named in organisations:
            continue
        if name in found:
            reading.fail(path, "an answer is to one organisation, one unit, one person of it")
        found[name] = {"name": name, "valueString": named}
    return list(found.values())


def _block(reading: _Reading, kind: str, provision: Resource, _now: datetime) -> list[Resource]:
    names = zip(("owner", "unit"), _organisations(reading, most=2), strict=False)
    found: list[Resource] = [{"name": name, "valueString": value} for name, value in names]
    found.append({"name": "kind", "valueCode": "outer" if kind == OUTER else "inner"})
    if provision.get("type") != "deny":
        reading.fail("Consent.provision.type", "a block denies")
    period, at = provision.get("dataPeriod") or {}, "Consent.provision.dataPeriod"
    days = {
        "informationFrom": reading.day(f"{at}.start", period.get("start")),
        "informationTo": reading.day(f"{at}.end", period.get("end"), last=True),
    }
    found += [{"name": name, "valueDate": day} for name, day in days.items() if day]
    for each in provision.get("extension", ()):
        if each.get("url") == PROCESS and each.get("valueString"):
            found.append({"name": "process", "valueString": each["valueString"]})
        else:
            reading.fail("Consent.provision.extension", f"only {PROCESS}, a string, is kept")
    return [*found, *_kept_open(reading, provision.get("provision", ()))]


def _kept_open(reading: _Reading, exceptions: Sequence[Resource]) -> list[Resource]:
    """The types of information that a block leaves open."""
    found: list[Resource] = []
    for number, each in enumerate(exceptions):
        path = f"Consent.provision.provision[{number}]"
        reading.only(path, each, frozenset({"type", "class"}))
        if each.get("type") != "permit":
            reading.fail(f"{path}.type", "what is excepted from a block is permitted")
        for coding in each.get("class", ()):
            code = coding.get("code")
            if coding.get("system") != CODES or code not in {kind.value for kind in InfoType}:
                reading.fail(f"{path}.class", f"give a type of information of {CODES}")
            found.append({"name": "excludedType", "valueCode": str(code)})
    return found


def _organisations(reading: _Reading, *, most: int) -> list[str]:
    given = reading.resource.get("organization", ())
    if not 1 <= len(given) <= most:
        text = "one organisation" if most == 1 else "the organisation, and a unit of it or none"
        reading.fail("Consent.organization", f"name {text}")
    return [
        reading.number(f"Consent.organization[{number}]", each) for number, each in enumerate(given)
    ]


def _swedish(at: datetime) -> date:
    return at.astimezone(STOCKHOLM).date()
