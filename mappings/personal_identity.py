"""Person numbers as sources write them, made into one form: FHIR system and twelve digits.

Sources write personnummer with ten or twelve digits, with hyphen, plus sign or spaces, under the
right OID, a wrong one or none; coordination numbers (day + 60) under the OID of personnummer; and
reserve numbers of many kinds. A failed checksum is a warning: real systems hold such numbers.

Source: rivta.md §3 and §7.5; folkbokföringslagen (SFS 1991:481) 18 § and 18 a §; HL7 Sweden base
profiles; INTERFACES (receipt: of ten digits the latest century that is not in the future).
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from personnummer import personnummer as checked

PERSONNUMMER = "http://electronichealth.se/identifier/personnummer"
SAMORDNINGSNUMMER = "http://electronichealth.se/identifier/samordningsnummer"
NATIONELLT_RESERVNUMMER = "http://electronichealth.se/identifier/nationelltReservnummer"
LMA_NUMMER = "http://electronichealth.se/identifier/LMA-nummer"

WARNINGS = {
    "failed-checksum": "the person number's check digit is wrong; it is used as written",
    "test-number": "the person number lies in Skatteverket's series of test numbers",
    "wrong-kind": "the person number is of another kind than the source says",
    "guessed-century": "the person number has ten digits; the latest possible century is taken",
}

_SWEDISH_KINDS = {
    "1.2.752.129.2.1.3.1": PERSONNUMMER,
    "1.2.752.129.2.1.3.3": SAMORDNINGSNUMMER,
    "1.2.752.129.2.1.3.2": NATIONELLT_RESERVNUMMER,
    "1.2.752.74.9.1": NATIONELLT_RESERVNUMMER,
    "1.2.752.74.9.2": NATIONELLT_RESERVNUMMER,
    "personnummer": PERSONNUMMER,
    "pnr": PERSONNUMMER,
    "samordningsnummer": SAMORDNINGSNUMMER,
    "reservnummer": NATIONELLT_RESERVNUMMER,
    "nationelltreservnummer": NATIONELLT_RESERVNUMMER,
    "lma-nummer": LMA_NUMMER,
}
_SWEDISH_KINDS |= {system.lower(): system for system in set(_SWEDISH_KINDS.values())}

_NO_NUMBER = frozenset({"", "?", "0", "-", "N/A"})
_BLANKS = re.compile(r"[\s\u00a0]")
_OID = re.compile(r"(?:urn:oid:)?([0-2](?:\.\d+)+)")
_NUMBER = re.compile(r"(\d\d)?(\d\d)(\d\d)(\d\d)([-+]?)(\d{3})(\d)")
_RESERVE = re.compile(r"[0-9A-ZÅÄÖ][0-9A-ZÅÄÖ./+_]{2,39}")

# Skatteverket's published test numbers use these serials; 980-999 are never given to a person.
_TEST_SERIALS = frozenset({"238", "239"}) | {str(serial) for serial in range(980, 1000)}
_DAYS_OF_EVERY_YEAR = frozenset(
    (day.month, day.day) for day in (date(2023, 1, 1) + timedelta(n) for n in range(365))
)
_LONG_KNOWN_TEST_NUMBERS = frozenset({"191212121212", "201212121212"})


class NotAnIdentity(ValueError):
    """The value does not identify a person; `reason` says why, without the value."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's number in one form, and the codes of what is odd about how it was written."""

    system: str
    value: str
    warnings: tuple[str, ...] = ()


def normalise(value: str, kind: str | None, today: date) -> Identity:
    """Return the identity that a written number means, in the form that all sources share.

    Raises:
        NotAnIdentity: it is missing, no number of its kind, or has a date that does not exist.
    """
    text = value
    if not value.isdecimal():
        text = _BLANKS.sub("", value).replace("\u2013", "-").upper()
    if text in _NO_NUMBER or not text.strip("0"):
        raise NotAnIdentity("there is no person number")
    said = _kind(kind)
    if said is not None and said not in {PERSONNUMMER, SAMORDNINGSNUMMER}:
        return _reserve(said, text)
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise NotAnIdentity("the person number does not have ten or twelve digits")
    century, year, month, day, sign, serial, check = match.groups()
    warnings: list[str] = []
    coordination = int(day) > 60  # noqa: PLR2004 - the 60 of coordination numbers
    if century is None:
        century = _century(int(year), int(month), int(day) % 60 or 1, sign, today)
        warnings.append("guessed-century")
    _check_date(int(century + year), int(month), int(day), today)
    number = f"{century}{year}{month}{day}{serial}{check}"
    if not _valid(year, month, day, serial, check):
        warnings.append("failed-checksum")
    if serial in _TEST_SERIALS or number in _LONG_KNOWN_TEST_NUMBERS:
        warnings.append("test-number")
    system = SAMORDNINGSNUMMER if coordination or int(day) == 60 else PERSONNUMMER  # noqa: PLR2004
    if said is not None and said != system:
        warnings.append("wrong-kind")
    return Identity(system, number, tuple(warnings))


def _kind(kind: str | None) -> str | None:
    """Return the FHIR system that a kind means; None when it says nothing that can be used."""
    text = (kind or "").strip()
    if text in _SWEDISH_KINDS:
        return _SWEDISH_KINDS[text]
    oid = _OID.fullmatch(text)
    known = _SWEDISH_KINDS.get(oid[1] if oid else text.lower())
    if known is not None:
        return known
    if oid is not None:
        return f"urn:oid:{oid[1]}"
    return text if text.startswith(("http://", "https://", "urn:")) else None


def _reserve(system: str, text: str) -> Identity:
    text = text.replace("-", "")
    if _RESERVE.fullmatch(text) is None:
        raise NotAnIdentity("the reserve number holds signs that no reserve number has")
    return Identity(system, text)


def _century(year: int, month: int, day: int, sign: str, today: date) -> str:
    for century in range(today.year // 100, 17, -1):
        full = century * 100 + year
        # A plus sign is written from the year in which the person turns a hundred.
        if sign == "+" and full > today.year - 100:
            continue
        if (full, month, day) <= (today.year, today.month, today.day):
            return str(century)
    raise NotAnIdentity("the person number's birth date lies in the future")


def _check_date(year: int, month: int, day: int, today: date) -> None:
    # A coordination number may leave month (00) or day (60) open when the birth date is unknown.
    if day >= 60:  # noqa: PLR2004 - the 60 of coordination numbers
        day, month = max(day - 60, 1), max(month, 1)
    if (month, day) not in _DAYS_OF_EVERY_YEAR or not year:
        try:
            date(year, month, day)
        except ValueError:
            raise NotAnIdentity("the person number's birth date does not exist") from None
    if year < 1800:  # noqa: PLR2004 - nobody in a record was born before
        raise NotAnIdentity("the person number's birth date lies before 1800")
    if year > today.year + 1:
        raise NotAnIdentity("the person number's birth date lies in the future")


def _sums(digits: int, weights: tuple[int, ...]) -> dict[str, int]:
    """Return what each text of so many digits adds to the sum of Luhn's algorithm."""
    found = {}
    for number in range(10**digits):
        text = f"{number:0{digits}}"
        products = [int(sign) * weight for sign, weight in zip(text, weights, strict=True)]
        found[text] = sum(product // 10 + product % 10 for product in products)
    return found


_TWO, _THREE = _sums(2, (2, 1)), _sums(3, (2, 1, 2))


def _valid(year: str, month: str, day: str, serial: str, check: str) -> bool:
    """Tell whether the check digit is right (Luhn's algorithm over the ten digits)."""
    try:
        total = _TWO[year] + _TWO[month] + _TWO[day] + _THREE[serial]
    except KeyError:  # digits of another script: each is worth what it says
        return bool(checked._luhn(year + month + day + serial) == int(check))  # noqa: SLF001 - the library's only Luhn
    return (total + int(check)) % 10 == 0
