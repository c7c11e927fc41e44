"""The law's conditions in Swedish for those who review, made of the same parts as the English.

Source: consent/law, whose texts these are the words for. A condition that is several joined by and,
or and not is put together here as it is there, so that nothing of the rule is written twice; a test
fails for a condition that has no words. The law's own text stands beside it for lawyers.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from consent.condition import Condition
from consent.law import DRAFTS, SECTIONS
from consent.section import Section
from consent.trail import Tried

TABLE = Path(__file__).parent / "clauses.yaml"
JOINED = {" and ": ", och ", " or ": ", eller ", "not: ": "det är inte så att "}
VERDICTS = {"true": "ja", "false": "nej", "unknown": "går inte att veta"}
OPENS = {
    "closes": "Villkor som alltid måste vara uppfyllda.",
    "says when": "Anger när andra paragrafer kan öppna uppgiften.",
    "opens U0": "Ger besked om att ospärrade uppgifter finns hos andra.",
    "opens U1": "Ger besked om vilka som har ospärrade uppgifter.",
    "opens B0": "Ger besked om att spärrade uppgifter finns hos en annan vårdgivare.",
    "opens B1": "Ger besked om vilken vårdgivare som har spärrat.",
    "opens I0": "Ger besked om att uppgifter finns hos andra enheter.",
    "opens I1": "Ger besked om vilka enheter som har uppgifter.",
    "opens content": "Öppnar innehållet.",
}


def condition(text: str) -> str:
    """Return a condition in Swedish; a part without words stands as it is."""
    found = _parts().sub(lambda part: _words()[part[0]], text)
    return found[:1].upper() + found[1:] + "."


def section(tried: Tried) -> str:
    """Return what a section says, as a clause for people."""
    plain = {each.title: each.plain for each in _sections()}.get(tried.title)
    return "" if plain is None else plain[:1].upper() + plain[1:] + "."


def opens(what: str) -> str:
    """Return what a step does."""
    return OPENS.get(what, "Låter någon utföra en åtgärd.")


def verdict(code: object) -> str:
    """Return what a condition came to."""
    return VERDICTS.get(str(code), str(code))


def lacking(each: Condition) -> str:
    """Return what of a condition has no words; nothing where all has."""
    return _parts().sub("", each.text).strip()


@cache
def table() -> Mapping[str, str]:
    """Return the words that people have written, by the English."""
    rows = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {row["en"]: row["sv"] for row in rows}


@cache
def _words() -> Mapping[str, str]:
    standards = {
        each.title: f"villkoren i {each.citation} är uppfyllda" for each in _sections()
    } | {
        f"the content is open under {each.citation}": f"innehållet är öppet enligt {each.citation}"
        for each in _sections()
    }
    return {**standards, **table(), **JOINED}


@cache
def _parts() -> re.Pattern[str]:
    """The longest part first, so that a part inside another is not taken for itself."""
    return re.compile("|".join(map(re.escape, sorted(_words(), key=len, reverse=True))))


def _sections() -> tuple[Section, ...]:
    return (*SECTIONS, *(each for draft in DRAFTS.values() for each in draft))
