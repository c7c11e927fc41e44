"""An extract as a PDF to print or send.

Source: PDL 8:5; PDF/UA-1 7.1, 7.2, 7.5: title, language, and the structure (hub/web/pdf_tags.py).
Text is put in as text: what looks like markup in a name stays as it is.
"""

import io
from functools import partial
from typing import TYPE_CHECKING

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)

from hub.web.pdf_tags import HEAD, Element, TaggedCanvas, TaggedTable, tagged
from hub.web.pdf_text import BOLD, FONT, glyphs, marked, read_as
from hub.web.swedish import when

if TYPE_CHECKING:
    from hub.web.extracted import Extract

TITLE = "Loggutdrag"
WIDTHS = (36 * mm, 91.5 * mm, 42 * mm)
RULE = colors.HexColor("#767684")


def as_pdf(extract: "Extract") -> bytes:
    """Return the file."""
    content = io.BytesIO()
    document = SimpleDocTemplate(
        content,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=TITLE,
        author="Samvy",
        subject="Vilka som har tagit del av uppgifter om en person, varifrån och när",
        lang="sv-SE",
        displayDocTitle=1,
        initialFontName=FONT,
    )
    root = Element("Document")
    document.build(
        _story(extract, root),
        onFirstPage=_numbered,
        onLaterPages=_numbered,
        canvasmaker=partial(TaggedCanvas, root=root),
    )
    return content.getvalue()


def _story(extract: "Extract", root: Element) -> list[object]:
    for font in (FONT, BOLD):
        glyphs(font)
    body = ParagraphStyle("body", fontName=FONT, fontSize=8.5, leading=11.5)
    head = ParagraphStyle("head", parent=body, fontName=BOLD)
    title = ParagraphStyle("title", parent=head, fontSize=16, leading=20, spaceAfter=3 * mm)
    period = f"{extract.first or 'början'} till {extract.last or 'nu'}"
    about = ", ".join(extract.numbers) or "okänt nummer"
    opening = (
        f"Gäller: {about}. Period: {period}. Gjort {when(extract.made)} (svensk tid)."
        f" Antal åtkomster: {len(extract.lines)}."
    )
    why = (
        "Här står vilka som har tagit del av uppgifterna, eller försökt, varifrån och när. Om du"
        " tycker att en åtkomst inte var motiverad: vänd dig till den som står på raden."
    )
    first = [
        tagged(TITLE, title, root.part("H1")),
        tagged(marked(opening), body, root.part("P", read_as(opening))),
        Spacer(1, 2 * mm),
        tagged(why, body, root.part("P")),
        Spacer(1, 4 * mm),
    ]
    whole = root.part("Table")
    rows = [_row(whole.part("TR"), HEAD, head, ("Tid", "Vad som hände", "Utfall"))]
    rows += [
        _row(
            whole.part("TR"),
            "TD",
            body,
            (when(line.at), line.sentence, f"{line.what}: {line.outcome}"),
        )
        for line in extract.lines
    ]
    table = TaggedTable(rows, colWidths=WIDTHS, repeatRows=1, splitInRow=1, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return [*first, table]


def _row(row: Element, tag: str, style: ParagraphStyle, texts: tuple[str, ...]) -> list[object]:
    return [tagged(marked(each), style, row.part(tag, read_as(each))) for each in texts]


def _numbered(canvas: TaggedCanvas, document: BaseDocTemplate) -> None:
    with canvas.artifact():
        canvas.setFont(FONT, 8)
        canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, f"Sida {document.page}")
