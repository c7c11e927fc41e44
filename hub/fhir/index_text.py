"""Texts as the search index compares them.

Source: FHIR R4 search.html#string: case, accents and surplus white space do not count.
"""

import hashlib
import unicodedata

MAX_KEY = 200
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


def start(text: str) -> str:
    """Return as much of a normalised text's beginning as a database's index holds."""
    return text[:MAX_KEY]
