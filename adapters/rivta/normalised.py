"""A message's text as an XML parser takes it: one way of writing for what means the same.

Line ends are one sign, comments are gone, CDATA is the text that it holds, and ">" in a text is a
reference. Systems write these in answers that are alike otherwise, and the hardened parser passes
over them just so: what is left is the same document. Only what may stand where it stands is
changed; a text with anything else that begins with "<!", or a "]]>" too much, is no plain one. Each
search ends where it could begin again, so that none takes longer than the text is long.

Source: XML 1.0 (fifth edition) 2.2, 2.4, 2.5, 2.7, 2.11.
"""

import re

NO_CHAR = r"\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff"
"""What no XML 1.0 document may hold, for a character class (surrogates are no text at all)."""

_CDATA = "<![CDATA["
_COMMENT = re.compile(rf"<!--[^-{NO_CHAR}]*+(?:-[^-{NO_CHAR}]++)*+-->")
_ASIDE = re.compile(rf"{_COMMENT.pattern}|<!\[CDATA\[((?:[^\]<]++|<(?!!)|\](?!\]>))*+)\]\]>")
_HERE = "\1"
_IN_TAG = re.compile(rf"{_HERE}[^<>{_HERE}]*>")
_IN_REFERENCE = re.compile(rf"&[^&;<>\s{_HERE}]*{_HERE}")
_TEXT = re.compile(r">([^<]*>[^<]*)")


def normalised(text: str) -> str | None:
    """Return the text in the one way of writing; None where it is not plain."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    left = _without_asides(text) if "<!" in text else text
    if left is None or left.count(">") == left.count("<"):
        return left
    if "]]>" in left:
        return None
    return _TEXT.sub(lambda found: ">" + found[1].replace(">", "&gt;"), left)


def _without_asides(text: str) -> str | None:
    if _HERE in text:
        return None
    found = _COMMENT.sub(_HERE, text) if _CDATA not in text else _ASIDE.sub(_given, text)
    # In a tag or a reference, or before all else, no parser would accept one.
    if "<!" in found or found.find(_HERE) < found.find("<"):
        return None
    if _IN_TAG.search(found) or _IN_REFERENCE.search(found):
        return None
    return found.replace(_HERE, "")


def _given(aside: re.Match[str]) -> str:
    given = aside[1]
    if given is None:
        return _HERE
    if not given.strip():
        return aside[0]  # blanks would not be seen where no text may stand
    escaped = given.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"{_HERE}{escaped}"
