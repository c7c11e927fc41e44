"""`:in`, `:not-in`, `:above`, `:below` of a token: value sets that the hub holds, and hierarchies.

Source: FHIR R4 search.html#modifiers. The value sets are those that R4 binds the elements of the
types in use to (hub/fhir/definitions); a code without a system stands in an element that such a set
binds. Subsumption is known of the code systems whose codes are built of their parents' codes:
ICD-10 and ATC; and a media type is above the same with parameters (search.html#mimetype).
"""

import re
from functools import cache

from sqlalchemy import ColumnElement, and_, or_

from hub.fhir.definitions import table
from hub.fhir.index_text import code_keys, key
from hub.store.search_asked import Asked
from hub.store.search_values import BadSearch, plain

FHIR_VALUE_SETS = "http://hl7.org/fhir/ValueSet/"
ICD_10 = frozenset(
    {
        "http://hl7.org/fhir/sid/icd-10",
        "http://hl7.org/fhir/sid/icd-10-se",
        "urn:oid:1.2.752.116.1.1.1.1.1",
        "urn:oid:1.2.752.116.1.1.1.1.3",
    }
)
ATC = frozenset({"http://www.whocc.no/atc", "urn:oid:1.2.752.129.2.2.3.1.1"})
ATC_LEVELS = (1, 3, 4, 5, 7)
_SAFE = re.compile(r"[A-Za-z0-9.]{1,12}")
_MIME = re.compile(r"[A-Za-z0-9.+-]{1,64}/[A-Za-z0-9.+-]{1,64}")
_CATEGORY = 3
_WITH_SYSTEM = 2


def in_value_set(asked: Asked) -> ColumnElement[bool]:
    """Return whether a row's code is in a value set, named by its canonical address.

    Raises:
        BadSearch: the hub does not hold that value set.
    """
    row = asked.row.c
    codes = _value_sets().get(plain(asked.value).partition("|")[0])
    if codes is None:
        raise BadSearch(
            asked.name,
            f"with :{asked.modifier}, write the address of a value set that R4 binds an element of"
            " the types in use to; the hub holds those",
        )
    return or_(
        *(
            and_(
                or_(row.system == key(system), row.system.is_(None)),
                row.code.in_(_held(system, listed)),
            )
            for system, listed in codes.items()
        )
    )


def _held(system: str, listed: list[str]) -> list[str]:
    """The codes as the index may hold them."""
    return [each for code in listed for each in code_keys(system, code)]


@cache
def _value_sets() -> dict[str, dict[str, list[str]]]:
    return {f"{FHIR_VALUE_SETS}{name}": codes for name, codes in table("value_sets").items()}


def in_hierarchy(asked: Asked, found: list[str]) -> ColumnElement[bool]:
    """Return whether a row's code is the one asked for, or below it, or above it.

    Raises:
        BadSearch: the system is not one whose codes are built of their parents' codes.
    """
    row = asked.row.c
    if asked.modifier == "below" and len(found) == 1 and _MIME.fullmatch(found[0]):
        bare = found[0].casefold()
        return or_(row.code == bare, row.code.startswith(f"{bare};", autoescape=True))
    system, code = found if len(found) == _WITH_SYSTEM else ("", "")
    if system not in ICD_10 | ATC or not _SAFE.fullmatch(code):
        raise BadSearch(
            asked.name,
            f"with :{asked.modifier}, write system|code with a code of ICD-10 or ATC, or a media"
            " type with :below; of no other code system the hub knows what is above and below",
        )
    code = code.casefold()
    if asked.modifier == "below":
        fits: ColumnElement[bool] = or_(
            row.code == code, row.code.startswith(code, autoescape=True)
        )
    else:
        fits = row.code.in_(_above(system, code))
    return and_(row.system == system, fits)


def _above(system: str, code: str) -> list[str]:
    """The code itself, and those that it is built on."""
    if system in ATC:
        return [code[:length] for length in ATC_LEVELS if length < len(code)] + [code]
    shorter = [code[:end].rstrip(".") for end in range(_CATEGORY, len(code))]
    return list(dict.fromkeys([*shorter, code]))
