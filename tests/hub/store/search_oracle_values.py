"""When a value is what a search wants, as FHIR says it: one value, one comparison at a time.

Source: FHIR R4 search.html. Nothing here is shared with the index and its SQL: exact fractions and
aware instants. Used by tests/hub/store/search_oracle.py.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
UCUM = "http://unitsofmeasure.org"
CONTACTS = ("phone", "email", "telecom")
Json = dict[str, Any]
Span = tuple[datetime, datetime]


def of_token(code: str, modifier: str, value: Any, wanted: str) -> bool:  # noqa: ANN401  # JSON
    codings = list(_codings(code, value))
    if modifier == "text":
        return any(
            text is not None and normal(text).startswith(normal(plain(wanted)))
            for _, _, text in codings
        )
    parts = [plain(each) for each in split(wanted, "|")]
    if modifier == "of-type":
        kinds = value.get("type", {}).get("coding", [])
        held = [(each.get("system"), _case(each.get("code")), value.get("value")) for each in kinds]
        return (parts[0], _case(parts[1]), parts[2]) in held
    exact = isinstance(value, dict) and "value" in value and code not in CONTACTS  # an identifier
    if len(parts) == 1:
        wanted = parts[0]
        return any(
            each and _same(system or "", each, wanted, exact=exact) for system, each, _ in codings
        )
    system, number = parts
    return any(
        (known or "") == system and (not number or _same(system, each, number, exact=exact))
        for known, each, _ in codings
    )


def _case(text: str | None) -> str:
    return (text or "").lower()


def _same(system: str, code: str | None, number: str, *, exact: bool) -> bool:
    """Case does not count, but in UCUM and in identifiers."""
    return code == number if exact or system == UCUM else _case(code) == _case(number)


def _codings(code: str, value: Any) -> Iterator[tuple[str | None, str | None, str | None]]:  # noqa: ANN401  # JSON
    """A token's system, code and text; `text` of a concept stands beside its codings."""
    if isinstance(value, bool):
        yield None, str(value).lower(), None
    elif isinstance(value, str):
        yield None, value, None
    elif code in CONTACTS:
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


def of_string(modifier: str, text: str, wanted: str) -> bool:
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


def span(value: Any) -> Span:  # noqa: ANN401  # JSON
    if isinstance(value, str):
        return moment_span(value)
    if "event" in value or "repeat" in value:
        spans = [moment_span(each) for each in value.get("event", [])]
        bounds = value.get("repeat", {}).get("boundsPeriod")
        spans += [span(bounds)] if bounds else []
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


def of_date(held: Span, wanted: str, now: datetime) -> bool:
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


def of_reference(modifier: str, value: Any, wanted: str) -> bool:  # noqa: ANN401  # JSON
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


def of_uri(modifier: str, held: str, wanted: str) -> bool:
    def steps(uri: str) -> list[str]:
        return uri.rstrip("/").split("/")

    if modifier == "below":
        return held == wanted or steps(held)[: len(steps(wanted))] == steps(wanted)
    if modifier == "above":
        return held == wanted or steps(wanted)[: len(steps(held))] == steps(held)
    return held == wanted


# Numbers and quantities


def of_number(low: Fraction | None, high: Fraction | None, how: str, written: str) -> bool:
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


def of_quantity(value: Json, wanted: str) -> bool:
    number, *unit = [plain(each) for each in split(wanted, "|")]
    how, written = prefix(number)
    low, high = ends(value)
    held = value if "value" in value else value.get("low") or value.get("high") or {}
    if not unit:
        return of_number(low, high, how, written)
    system, code = unit
    if not system:
        return code in (held.get("code"), held.get("unit")) and of_number(low, high, how, written)
    if system != held.get("system"):
        return False
    if system == UCUM and code in MASS:
        if held.get("code") not in MASS:
            return False
        ratio = MASS[held["code"]] / MASS[code]
        scaled = [None if each is None else each * ratio for each in (low, high)]
        return of_number(*scaled, how, written)
    return (not code or code == held.get("code")) and of_number(low, high, how, written)


def ends(value: Json) -> tuple[Fraction | None, Fraction | None]:
    if "value" in value:
        exact, how = Fraction(value["value"]), value.get("comparator", "")
        return (None if "<" in how else exact), (None if ">" in how else exact)
    low, high = value.get("low", {}), value.get("high", {})
    return (
        Fraction(low["value"]) if "value" in low else None,
        Fraction(high["value"]) if "value" in high else None,
    )


# Expressions


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
