"""Texts as the search index compares them.

Source: FHIR R4 search.html#string: case, accents and surplus white space do not count.
"""

import hashlib
import unicodedata

from hub.fhir.ucum import SYSTEM as UCUM

MAX_KEY = 200
CASE_COUNTS = frozenset({UCUM})
"""Code systems in which two codes differ by case alone."""
_KEPT = 150


def normalised(text: str) -> str:
    """Return a text without case, accents and surplus white space."""
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", text)
        text = "".join(each for each in letters if not unicodedata.combining(each))
    return " ".join(text.casefold().split())


def key(text: str) -> str:
    """Return a text that fits a database's index: a long one is cut, and its hash appended.

    The same is done to what is searched for, so that equal stays equal.
    """
    if len(text) <= MAX_KEY:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[:_KEPT]}#{digest[:32]}"


def code_key(system: str | None, code: str) -> str:
    """Return a code as the index holds it: in one case, unless its system tells codes apart by it.

    R4 has servers that cannot know take tokens without case, since what is left out does more harm
    than what is found besides (search.html#token). An identifier's value is none: its case counts
    (datatypes.html#Identifier).
    """
    return key(code if system in CASE_COUNTS else code.casefold())


def code_keys(system: str | None, code: str) -> list[str]:
    """Return what the index may hold of a code that is searched for; no system: of any."""
    if system in CASE_COUNTS:
        return [key(code)]
    return list(dict.fromkeys((key(code.casefold()), key(code))))


def of_type(code: str, value: str) -> str:
    """Return an identifier's value under a code of its type, as the index holds it."""
    return key(f"{code.casefold()}|{value}")


def start(text: str) -> str:
    """Return as much of a normalised text's beginning as a database's index holds."""
    return text[:MAX_KEY]
