"""What a reader states in `$open`, read from FHIR Parameters.

Source: INTERFACES, `POST /fhir/Patient/{id}/$open`; codes as in the scenario format. A name, a
value or a type that is not known is an error that says where it stands.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from consent.facts import ActiveChoice, Danger, Emergency, Purpose
from hub.errors import Place, Unprocessable
from hub.stated import Attitude, Stated

LONGEST_TEXT = 1000
YEARS = range(1800, 9999)
"""What has a day before and a day after it in every time zone."""
Code = TypeVar("Code", bound=StrEnum)


class Reading:
    """The parameters of one level, each taken once; what is left over is an error."""

    def __init__(self, parameters: Sequence[Any], at: str) -> None:
        self.at = at
        self.wrong: list[Place] = []
        self.given: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
        for number, each in enumerate(parameters):
            place = f"{at}[{number}]"
            name = each.get("name") if isinstance(each, Mapping) else None
            if not isinstance(name, str):
                self.fail(place, "a parameter needs a name")
                continue
            self.given.setdefault(name, []).append((place, each))

    @classmethod
    def of(cls, resource: Mapping[str, Any]) -> "Reading":
        """Return the parameters of a Parameters resource.

        Raises:
            Unprocessable: it holds no list of them.
        """
        given = resource.get("parameter", [])
        if not isinstance(given, list):
            raise Unprocessable("parameter is a list", expression="Parameters.parameter")
        return cls(given, "Parameters.parameter")

    def fail(self, place: str, text: str) -> None:
        """Remember that something at a place is wrong."""
        self.wrong.append(Place("invalid", "parameter", text, place))

    def _one(self, name: str) -> tuple[str, Mapping[str, Any]] | None:
        found = self.given.pop(name, [])
        for place, _ in found[1:]:
            self.fail(place, f"{name} is given more than once; give it once")
        return found[0] if found else None

    def code(self, name: str, codes: type[Code], default: Code | None) -> Code | None:
        """Return a code, the default where it is not given."""
        found = self._one(name)
        if found is None:
            return default
        value = _primitive(found[1], "Code", "String")
        try:
            return codes(str(value))
        except ValueError:
            known = ", ".join(each.value for each in codes)
            self.fail(found[0], f"{name} takes valueCode with one of: {known}")
            return default

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a boolean."""
        found = self._one(name)
        if found is None:
            return default
        value = _primitive(found[1], "Boolean")
        if not isinstance(value, bool):
            self.fail(found[0], f"{name} takes valueBoolean, true or false")
            return default
        return value

    def text(self, name: str) -> str | None:
        """Return a text, None where it is not given."""
        found = self._one(name)
        if found is None:
            return None
        value = _primitive(found[1], "String")
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
            self.fail(found[0], f"{name} takes valueString of 1 to {LONGEST_TEXT} characters")
            return None
        return value

    def texts(self, name: str) -> frozenset[str]:
        """Return the ids in a parameter that may be repeated."""
        values = []
        for place, each in self.given.pop(name, []):
            value = _primitive(each, "String", "Code", "Uri")
            if isinstance(value, str) and value:
                values.append(value)
            else:
                self.fail(place, f"{name} takes valueString with an organisation's id")
        return frozenset(values)

    def codes(self, name: str, codes: type[Code]) -> frozenset[Code]:
        """Return the codes in a parameter that may be repeated."""
        known = {each.value: each for each in codes}
        found = set()
        for place, each in self.given.pop(name, []):
            value = _primitive(each, "Code", "String")
            if isinstance(value, str) and value in known:
                found.add(known[value])
            else:
                self.fail(place, f"{name} takes valueCode with one of: {', '.join(known)}")
        return frozenset(found)

    def day(self, name: str) -> date | None:
        """Return a date, None where it is not given."""
        found = self._one(name)
        if found is None:
            return None
        value = _primitive(found[1], "Date")
        try:
            day = date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            self.fail(found[0], f"{name} takes valueDate with a whole date, as in 2026-03-10")
            return None
        if day.year not in YEARS:
            self.fail(found[0], f"{name} lies outside the calendar; leave it out for no bound")
            return None
        return day

    def instant(self, name: str) -> datetime | None:
        """Return an instant, None where it is not given."""
        found = self._one(name)
        if found is None:
            return None
        value = _primitive(found[1], "Instant", "DateTime")
        try:
            moment = datetime.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fail(found[0], f"{name} takes valueInstant, as in 2026-03-10T10:00:00+01:00")
            return None
        return moment

    def parts(self, name: str) -> "Reading | None":
        """Return the parts of a parameter, None where it is not given."""
        found = self._one(name)
        if found is None:
            return None
        part = found[1].get("part")
        if not isinstance(part, list):
            self.fail(found[0], f"{name} takes parts")
            return None
        return Reading(part, f"{found[0]}.part")

    def done(self, *inner: Place) -> None:
        """Return if everything was understood, `inner` parts as well.

        Raises:
            Unprocessable: something was not; each place is named.
        """
        if places := [*self.finish(), *inner]:
            raise Unprocessable("some parameters are not understood", places=places)

    def finish(self) -> list[Place]:
        """Return what is wrong, with every parameter that nobody asked for."""
        for found in self.given.values():
            for place, _ in found:
                self.fail(place, "the operation does not know a parameter of this name")
        return self.wrong


def _primitive(parameter: Mapping[str, Any], *types: str) -> object:
    for each in types:
        if f"value{each}" in parameter:
            value: object = parameter[f"value{each}"]
            return value
    return None


def read_stated(resource: Mapping[str, Any]) -> Stated:
    """Return what the Parameters resource states.

    Raises:
        Unprocessable: it is no Parameters, or something in it is not known; each place is named.
    """
    if resource.get("resourceType") != "Parameters":
        raise Unprocessable("$open takes a Parameters resource", expression="resourceType")
    top = Reading.of(resource)
    purpose = top.code("purpose", Purpose, None)
    choice = top.code("activeChoice", ActiveChoice, ActiveChoice.NONE)
    emergency, wrong = emergency_in(top)
    attitude, wrong_too = _attitude(top.parts("attitude"))
    stated = Stated(
        purpose=purpose,
        active_choice=choice or ActiveChoice.NONE,
        relevance=top.flag("relevance", default=False),
        reason=top.text("reason"),
        takes_part=top.flag("takesPart", default=False),
        patient_requested=top.flag("patientRequested", default=False),
        necessary=top.flag("necessary", default=False),
        organisations=top.texts("organisation"),
        emergency=emergency,
        attitude=attitude,
    )
    if stated.takes_part and stated.reason is None:
        top.fail("Parameters.parameter", "takesPart needs a reason, in the parameter reason")
    top.done(*wrong, *wrong_too)
    return stated


def emergency_in(top: Reading) -> tuple[Emergency, list[Place]]:
    """Return the emergency that parameters state, and what is wrong with it."""
    given = top.parts("emergency")
    if given is None:
        return Emergency(), []
    danger = given.code("danger", Danger, Danger.NONE)
    flag: Callable[..., bool] = given.flag
    emergency = Emergency(
        danger or Danger.NONE,
        consent_obtainable=flag("consentObtainable", default=True),
        can_request_lift=flag("canRequestLift", default=True),
        absolutely_needed=flag("absolutelyNeeded", default=False),
    )
    return emergency, given.finish()


def _attitude(given: Reading | None) -> tuple[Attitude | None, list[Place]]:
    """What is not said is taken against the reader: not clarified, reason to think opposed."""
    if given is None:
        return None, []
    attitude = Attitude(
        clarified=given.flag("clarified", default=False),
        reason_to_think_opposed=given.flag("reasonToThinkOpposed", default=True),
    )
    return attitude, given.finish()
