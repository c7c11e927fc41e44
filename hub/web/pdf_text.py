"""Text as a PDF can show it: each character by an embedded font that has it, or by its number.

Source: PDF 32000-1 9.9 (embedded fonts); Unicode UAX #9 (text from right to left). Names come as
they were written anywhere: Latin, Greek and Cyrillic letters of all kinds and Arabic are shown.
What no font here has stands as its code point, so that nothing is left out unseen.
"""

from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path

import fontpkg_noto_sans
import fontpkg_noto_sans_arabic
from arabic_reshaper import reshape
from bidi import get_display
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONT, ARABIC, BOLD = "Noto Sans", "Noto Sans Arabic", "VeraBd"
FILES = {
    FONT: Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf",
    ARABIC: Path(fontpkg_noto_sans_arabic.ROOT) / "files" / "NotoSansArabic[wdth,wght].ttf",
    BOLD: Path("VeraBd.ttf"),
}


@cache
def glyphs(font: str) -> frozenset[int]:
    """Return the code points that a font has; it is made known to the PDF's writer."""
    found = TTFont(font, str(FILES[font]))
    pdfmetrics.registerFont(found)
    return frozenset(found.face.charToGlyph)


def marked(value: str) -> str:
    """Return text for a paragraph, whose markup is only ours; what cannot be printed is a space."""
    if value.isprintable() and {ord(each) for each in value} <= glyphs(FONT):
        return escape(value, quote=False)
    printable = "".join(each if each.isprintable() else " " for each in value)
    shown = get_display(reshape(printable), base_dir="L") if _leftward(printable) else printable
    return "".join(_run(font, "".join(run)) for font, run in groupby(shown, _font))


def read_as(value: str) -> str:
    """Return text as it is read aloud where it is drawn in other characters; else nothing."""
    if {ord(each) for each in value} <= glyphs(FONT):
        return ""
    return "".join(each if each.isprintable() else " " for each in value)


def _leftward(text: str) -> bool:
    return any(ord(each) in glyphs(ARABIC) and ord(each) not in glyphs(FONT) for each in text)


def _font(character: str) -> str:
    return next((font for font in (FONT, ARABIC) if ord(character) in glyphs(font)), "")


def _run(font: str, text: str) -> str:
    if not font:
        return "".join(f"[U+{ord(each):04X}]" for each in text)
    safe = escape(text, quote=False)
    return safe if font == FONT else f'<font name="{font}">{safe}</font>'
