"""What FHIR says that a search finds, by brute force over the resources' JSON.

Source: FHIR R4 search.html. Values are what fhirpathpy finds by the published expressions; they are
compared by what stands here, which shares nothing with the index and its SQL: exact fractions and
aware instants, one resource at a time.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from fhirpathpy import apply_parsed_path
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.models import models
from fhirpathpy.parser import parse

from hub.fhir.definitions import table
from hub.fhir.shape import is_a

STOCKHOLM = ZoneInfo("Europe/Stockholm")
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
UCUM = "http://unitsofmeasure.org"
Json = dict[str, Any]
Span = tuple[datetime, datetime]


@dataclass(slots=True)
class Oracle:
    """Resources of several types, and what searches find among them."""

    resources: Sequence[Json]
    now: datetime
    _found: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)

    def ids(self, kind: str, criteria: Iterable[tuple[str, str]]) -> list[str]:
        """Return the ids of the resources of a type for which every criterion holds."""
        wanted = list(criteria)
        return sorted(
            each["id"]
            for each in self._of(kind)
            if all(self._holds(each, name, value) for name, value in wanted)
        )

    def values(self, resource: Json, code: str) -> list[Any]:
        """Return what a parameter's expression finds in a resource."""
        key = (resource["resourceType"], resource["id"], code)
        if key not in self._found:
            expression = row(resource["resourceType"], code)["expression"]
            self._found[key] = evaluated(expression, resource, resource["resourceType"])
        return self._found[key]

    def ordered(self, kind: str, code: str, *, down: bool) -> list[str]:
        """Return the ids in the order of a parameter, those without a value last, then by id."""
        how = row(kind, code)["kind"]
        first: list[tuple[Any, str]] = []
        last: list[str] = []
        for each in self._of(kind):
            ends = [
                end
                for value in self.values(each, code)
                if comparable(how, code, value)
                for end in _ends_in_order(how, value, down=down)
            ]
            if ends:
                first.append((max(ends) if down else min(ends), each["id"]))
            else:
                last.append(each["id"])
        first.sort(key=lambda each: each[1])
        first.sort(key=lambda each: each[0], reverse=down)  # stable: equals stay by id
        return [each[1] for each in first] + sorted(last)

    def _of(self, kind: str) -> Iterator[Json]:
        return (each for each in self.resources if each["resourceType"] == kind)

    def _holds(self, resource: Json, name: str, written: str) -> bool:
        values = split(written, ",")
        if name.startswith("_has:"):
            _, kind, reference, rest = name.split(":", 3)
            return any(
                self._refers(other, reference, resource) and self._holds(other, rest, written)
                for other in self._of(kind)
            )
        head, dot, rest = name.partition(".")
        code, _, modifier = head.partition(":")
        if dot:
            return any(
                self._refers(resource, code, other) and self._holds(other, rest, written)
                for other in self.resources
                if modifier in ("", other["resourceType"])
            )
        if code == "_id":
            return resource["id"] in values
        kind = row(resource["resourceType"], code)["kind"]
        if modifier == "missing":
            return bool(self._indexed(resource, code, kind)) is (written == "false")
        if kind == "composite":
            return any(self._composite(resource, code, each) for each in values)
        found = any(
            matches(kind, code, modifier, one, each, self.now)
            for one in self.values(resource, code)
            for each in values
        )
        return found is not (modifier == "not")

    def _indexed(self, resource: Json, code: str, kind: str) -> list[Any]:
        """The values that can be compared at all, as the kind needs them."""
        return [each for each in self.values(resource, code) if comparable(kind, code, each)]

    def _refers(self, resource: Json, code: str, other: Json) -> bool:
        wanted = (other["resourceType"], other["id"])
        return any(
            isinstance(each, dict) and local(each.get("reference", "")) == wanted
            for each in self.values(resource, code)
        )

    def _composite(self, resource: Json, code: str, written: str) -> bool:
        kind = resource["resourceType"]
        given = row(kind, code)
        for at, element in _elements(given["expression"], resource, kind):
            parts = zip(given["component"], split(written, "$"), strict=True)
            if all(
                any(
                    matches(row(kind, other)["kind"], other, "", value, wanted, self.now)
                    for value in evaluated(expression, element, at)
                )
                for (other, expression), wanted in parts
            ):
                return True
        return False


def row(kind: str, code: str) -> Json:
    """Return the definition of a type's parameter."""
    found: Json = next(
        rows[code]
        for base, rows in table("search_parameters").items()
        if code in rows and is_a(kind, base)
    )
    return found


def matches(kind: str, code: str, modifier: str, value: Any, wanted: str, now: datetime) -> bool:  # noqa: ANN401  # JSON, and all that decides
    """Tell whether one value is what is asked for."""
    if not comparable(kind, code, value):
        return False
    match kind:
        case "token":
            return _token(code, modifier, value, wanted)
        case "string":
            return any(_string(modifier, each, wanted) for each in _texts(value))
        case "date":
            return _date(_span(value), wanted, now)
        case "reference":
            return _reference(modifier, value, wanted)
        case "uri":
            return any(_uri(modifier, each, plain(wanted)) for each in _versions(value))
        case "number":
            return _number(Fraction(value), Fraction(value), *prefix(wanted))
        case "quantity":
            return _quantity(value, wanted)
    raise AssertionError(kind)


def comparable(kind: str, code: str, value: Any) -> bool:  # noqa: ANN401  # JSON
    """Tell whether a value of that JSON can be compared as the kind does."""
    if kind == "date" and isinstance(value, dict):
        repeat = value.get("repeat", {}).get("boundsPeriod", {})
        return bool({"start", "end"} & value.keys() or value.get("event") or repeat)
    if kind == "date":
        return re.match(r"\d{4}(-|$)", str(value)) is not None
    if kind == "quantity":
        return any("value" in each for each in (value, value.get("low", {}), value.get("high", {})))
    if kind == "string":
        return any(True for _ in _texts(value))
    if kind == "token" and code in ("phone", "email", "telecom"):
        return "value" in value
    if kind == "reference" and isinstance(value, dict):
        written = value.get("reference", "")
        numbered = "value" in value.get("identifier", {})
        return bool(written and not written.startswith("#")) or numbered
    return True


def _ends_in_order(kind: str, value: Any, *, down: bool) -> list[Any]:  # noqa: ANN401  # JSON
    """What a value is ordered by: its beginning upwards, its end downwards."""
    match kind:
        case "date":
            return [_span(value)[1 if down else 0]]
        case "string":
            return [normal(each) for each in _texts(value)]
        case "uri":
            return _versions(value)
        case "number":
            return [Fraction(value)]
    raise AssertionError(kind)


# Tokens


def _token(code: str, modifier: str, value: Any, wanted: str) -> bool:  # noqa: ANN401  # JSON
    codings = list(_codings(code, value))
    if modifier == "text":
        return any(
            text is not None and normal(text).startswith(normal(plain(wanted)))
            for _, _, text in codings
        )
    parts = [plain(each) for each in split(wanted, "|")]
    if modifier == "of-type":
        kinds = value.get("type", {}).get("coding", [])
        held = [(each.get("system"), each.get("code"), value.get("value")) for each in kinds]
        return tuple(parts) in held
    if len(parts) == 1:
        return any(held == parts[0] for _, held, _ in codings)
    system, number = parts
    return any(
        (held or "") == system and (not number or code == number) for held, code, _ in codings
    )


def _codings(code: str, value: Any) -> Iterator[tuple[str | None, str | None, str | None]]:  # noqa: ANN401  # JSON
    """A token's system, code and text; `text` of a concept stands beside its codings."""
    if isinstance(value, bool):
        yield None, str(value).lower(), None
    elif isinstance(value, str):
        yield None, value, None
    elif code in ("phone", "email", "telecom"):
        yield None, value.get("value"), None
    elif "coding" in value or value.keys() <= {"text", "id", "extension"}:
        for each in value.get("coding", []):
            yield each.get("system"), each.get("code"), each.get("display")
        yield None, None, value.get("text")
    elif "code" in value or "display" in value:
        yield value.get("system"), value.get("code"), value.get("display")
    else:
        yield value.get("system"), value.get("value"), value.get("type", {}).get("text")


# Strings


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401  # JSON
    if isinstance(value, str):
        yield value
        return
    for name in ("text", "family", "given", "prefix", "suffix", "line", "city", "district",
                 "state", "postalCode", "country"):  # fmt: skip
        found = value.get(name, [])
        yield from (each for each in (found if isinstance(found, list) else [found]) if each)


def _string(modifier: str, text: str, wanted: str) -> bool:
    if modifier == "exact":
        return text == plain(wanted)
    if modifier == "contains":
        return normal(plain(wanted)) in normal(text)
    return normal(text).startswith(normal(plain(wanted)))


def normal(text: str) -> str:
    """Return a text without case, accents and surplus white space."""
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(each for each in letters if not unicodedata.combining(each))
    return " ".join(bare.casefold().split())


# Dates


def _span(value: Any) -> Span:  # noqa: ANN401  # JSON
    if isinstance(value, str):
        return moment_span(value)
    if "event" in value or "repeat" in value:
        spans = [moment_span(each) for each in value.get("event", [])]
        bounds = value.get("repeat", {}).get("boundsPeriod")
        spans += [_span(bounds)] if bounds else []
        return min(each[0] for each in spans), max(each[1] for each in spans)
    start = moment_span(value["start"])[0] if "start" in value else FIRST
    return start, moment_span(value["end"])[1] if "end" in value else LAST


def moment_span(text: str) -> Span:
    """Return from when to when a date is, by how precisely it is written."""
    if "T" not in text:
        year, month, day = ([int(each) for each in text.split("-")] + [0, 0])[:3]
        start = datetime(year, month or 1, day or 1, tzinfo=STOCKHOLM)
        if day:
            end = start.replace(tzinfo=None) + timedelta(days=1)
        elif month:
            end = datetime(year + month // 12, month % 12 + 1, 1)  # noqa: DTZ001  # next line
        else:
            end = datetime(year + 1, 1, 1)  # noqa: DTZ001  # next line
        return start.astimezone(UTC), end.replace(tzinfo=STOCKHOLM).astimezone(UTC)
    start = datetime.fromisoformat(text)
    start = (start if start.tzinfo else start.replace(tzinfo=STOCKHOLM)).astimezone(UTC)
    fraction = re.search(r"\.(\d+)", text)
    if fraction:
        return start, start + timedelta(microseconds=10 ** (6 - len(fraction[1])))
    whole = re.search(r"T\d\d:\d\d:\d\d", text)
    return start, start + (timedelta(seconds=1) if whole else timedelta(minutes=1))


def _date(held: Span, wanted: str, now: datetime) -> bool:
    how, written = prefix(wanted)
    low, high = held
    begin, end = moment_span(plain(written))
    within = begin <= low and high <= end
    if how == "ap":
        away = max(begin - now, now - end, timedelta(0)) / 10
        return low < end + away and begin - away < high
    return {
        "eq": within,
        "ne": not within,
        "gt": high > end,
        "lt": low < begin,
        "ge": within or high > end,
        "le": within or low < begin,
        "sa": low >= end,
        "eb": high <= begin,
    }[how]


# References and addresses


def local(reference: str) -> tuple[str, str] | None:
    """Return the type and id of a relative reference."""
    found = re.fullmatch(r"([A-Z]\w+)/([\w.-]{1,64})(?:/_history/[\w.-]+)?", reference, re.ASCII)
    return (found[1], found[2]) if found else None


def _reference(modifier: str, value: Any, wanted: str) -> bool:  # noqa: ANN401  # JSON
    if isinstance(value, str):
        return plain(wanted) in _versions(value)
    if modifier == "identifier":
        identifier = value.get("identifier", {})
        parts = [plain(each) for each in split(wanted, "|")]
        if len(parts) == 1:
            return identifier.get("value") == parts[0]
        same = identifier.get("system", "") == parts[0]
        return same and (not parts[1] or identifier.get("value") == parts[1])
    reference, asked = value.get("reference", ""), plain(wanted)
    if ":" in asked:
        return bool(reference == asked)
    kind, _, number = asked.rpartition("/")
    held = local(reference)
    return held is not None and held[1] == number and (kind or modifier or held[0]) == held[0]


def _versions(value: str) -> list[str]:
    return [value, value.partition("|")[0]]


def _uri(modifier: str, held: str, wanted: str) -> bool:
    def steps(uri: str) -> list[str]:
        return uri.rstrip("/").split("/")

    if modifier == "below":
        return held == wanted or steps(held)[: len(steps(wanted))] == steps(wanted)
    if modifier == "above":
        return held == wanted or steps(wanted)[: len(steps(held))] == steps(held)
    return held == wanted


# Numbers and quantities


def _number(low: Fraction | None, high: Fraction | None, how: str, written: str) -> bool:
    value = Fraction(written)
    exponent = Decimal(written).as_tuple().exponent
    assert isinstance(exponent, int)
    half = Fraction(5) * Fraction(10) ** (exponent - 1)
    within = low is not None and high is not None and value - half <= low and high < value + half
    near = abs(value) / 10
    return {
        "eq": within,
        "ne": not within,
        "gt": high is None or high > value,
        "lt": low is None or low < value,
        "ge": high is None or high >= value,
        "le": low is None or low <= value,
        "sa": low is not None and low > value,
        "eb": high is not None and high < value,
        "ap": (low is None or low <= value + near) and (high is None or high >= value - near),
    }[how]


MASS = {"g": Fraction(1), "mg": Fraction(1, 1000), "kg": Fraction(1000), "ug": Fraction(1, 10**6)}


def _quantity(value: Json, wanted: str) -> bool:
    number, *unit = [plain(each) for each in split(wanted, "|")]
    how, written = prefix(number)
    low, high = _ends(value)
    held = value if "value" in value else value.get("low") or value.get("high") or {}
    if not unit:
        return _number(low, high, how, written)
    system, code = unit
    if not system:
        return code in (held.get("code"), held.get("unit")) and _number(low, high, how, written)
    if system != held.get("system"):
        return False
    if system == UCUM and code in MASS:
        if held.get("code") not in MASS:
            return False
        ratio = MASS[held["code"]] / MASS[code]
        scaled = [None if each is None else each * ratio for each in (low, high)]
        return _number(*scaled, how, written)
    return (not code or code == held.get("code")) and _number(low, high, how, written)


def _ends(value: Json) -> tuple[Fraction | None, Fraction | None]:
    if "value" in value:
        exact, how = Fraction(value["value"]), value.get("comparator", "")
        return (None if "<" in how else exact), (None if ">" in how else exact)
    low, high = value.get("low", {}), value.get("high", {})
    return (
        Fraction(low["value"]) if "value" in low else None,
        Fraction(high["value"]) if "value" in high else None,
    )


# Expressions


def evaluated(expression: str, value: Any, at: str) -> list[Any]:  # noqa: ANN401  # JSON
    """Return what an expression finds in a resource or an element that stands at a path."""
    only = re.search(r"\.where\(resolve\(\) is (\w+)\)", expression)
    node = ResourceNode.create_node(value, at) if "." in at else value
    found = apply_parsed_path(node, _parsed(expression), {}, models["r4"])
    plainly = [getattr(each, "asStr", each) for each in found]
    return [each for each in plainly if not only or _type_of(each) == only[1]]


def _elements(expression: str, resource: Json, kind: str) -> Iterator[tuple[str, Any]]:
    """The elements that a composite is about, each with its path."""
    for path in expression.split(" | "):
        for each in [resource] if path == kind else evaluated(path, resource, kind):
            yield path, each


def _type_of(reference: Any) -> str:  # noqa: ANN401  # JSON
    written = reference.get("reference", "")
    found = re.search(r"(\w+)/[\w.-]+(?:/_history/[\w.-]+)?$", written)
    return str(found[1] if found else reference.get("type", "") if not written else "")


@cache
def _parsed(expression: str) -> Any:  # noqa: ANN401  # a tree
    expression = re.sub(r"\.where\(resolve\(\) is \w+\)", "", expression)
    expression = re.sub(r"\((\S+) as (\w+)\)", r"\1.ofType(\2)", expression)
    expression = expression.replace(".as(", ".ofType(").removeprefix("Resource.")
    return parse(
        re.sub(r"hasExtension\(('\S+')\)", r"extension.where(url = \1).exists()", expression)
    )


# What is written in a query


def prefix(value: str) -> tuple[str, str]:
    """Return the prefix and the rest."""
    return (value[:2], value[2:]) if value[:2].isalpha() else ("eq", value)


def split(text: str, separator: str) -> list[str]:
    """Return the parts between separators that are not escaped."""
    return re.findall(rf"((?:\\.|[^\\{separator}])*){re.escape(separator)}", text + separator)


def plain(text: str) -> str:
    """Return a text without its escapes."""
    return re.sub(r"\\([\\,$|])", r"\1", text)


def escaped(text: str) -> str:
    """Return a text with what has a meaning in a query escaped."""
    return re.sub(r"([\\,$|])", r"\\\1", text)
