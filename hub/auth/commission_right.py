"""One right of an assignment: what may be read under it, in HSA's words.

Source: HSA's `hsaCommissionRight`: activity; kind of information; reach, where the kind is a code
of KV Informationstyp (1.2.752.129.2.2.2.1). Its kinds and ours are not cut alike: our medication
holds what HSA calls ordination, prescription and dispensed drugs. What holds several of HSA's kinds
is read by whoever has a right to each of them, so that nobody reads more than was granted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from consent.facts import InfoType

READ, ALL = "läsa", "alla"
UNIT, CAREGIVER, BETWEEN = "VE", "VG", "SJF"
"""The own unit, the own caregiver, others too (SJF: sammanhållen journalföring)."""
REACHES = frozenset({UNIT, CAREGIVER, BETWEEN})
_PARTS = 3
_CODES = {
    "diagnos": "dia",
    "funktionstillstånd": "fun",
    "läkemedel": "lkm",
    "läkemedel förskrivning": "lkf",
    "läkemedel ordination": "lko",
    "padl": "pad",
    "undersökningsresultat": "und",
    "uppmärksamhetsinformation": "upp",
    "vårdbegäran": "vbe",
    "vård- och omsorgsdokument": "voo",
    "vård- och omsorgskontakt": "vko",
    "vård- och omsorgsplan": "vpo",
    "vård- och omsorgstagare": "vot",
}
"""The names that the codes have, for directories that write them out."""

HOLDS: Mapping[InfoType, frozenset[str]] = {
    InfoType.ALERT: frozenset({"upp"}),
    InfoType.CAREPLAN: frozenset({"vpo"}),
    InfoType.CONTACT: frozenset({"vko"}),
    InfoType.DEMOGRAPHICS: frozenset({"vot"}),
    InfoType.DIAGNOSIS: frozenset({"dia"}),
    InfoType.FUNCTIONAL_STATUS: frozenset({"fun", "pad"}),
    InfoType.IMAGING: frozenset({"und"}),
    InfoType.LAB: frozenset({"und"}),
    InfoType.MEDICATION: frozenset({"lkf", "lkm", "lko"}),
    InfoType.NOTE: frozenset({"voo"}),
    InfoType.REFERRAL: frozenset({"und", "vbe"}),
}
"""Our types of information, and what each holds in HSA's kinds. Of a type that is not here HSA has
no kind, and a right to `alla` alone reads it."""


@dataclass(frozen=True, slots=True)
class Right:
    """To read a kind of information (a code, or ALL) within a reach.

    A reach that is none of REACHES is the HSA id of a unit of the own caregiver's.
    """

    kind: str
    reach: str


def right_to_read(written: str) -> Right | None:
    """Return the right that a text such as `Läsa;dia;SJF` gives, None where it reads nothing.

    A kind that is not known opens nothing; nor does a reach that names no unit with anything in it.
    """
    parts = [part.strip() for part in written.split(";")]
    if len(parts) != _PARTS or parts[0].lower() != READ or not all(parts):
        return None
    kind = parts[1].lower()
    reach = parts[2].upper() if parts[2].upper() in REACHES else parts[2]
    return Right(_CODES.get(kind, kind), reach)
