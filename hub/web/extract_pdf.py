"""An extract as a PDF to print or send.

Source: PDL 8:5; PDF/UA-1 7.1, 7.2 as far as the library goes: title and language; it makes no tags,
so whoever listens is better served by the page or the CSV, which hold the same. Text is put in as
text: what looks like markup in a name stays as it is.
"""

import io
from typing import TYPE_CHECKING

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from hub.web.pdf_text import BOLD, FONT, glyphs, marked
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
    document.build(_story(extract), onFirstPage=_numbered, onLaterPages=_numbered)
    return content.getvalue()


def _story(extract: "Extract") -> list[object]:
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
    rows = [[Paragraph(each, head) for each in ("Tid", "Vad som hände", "Utfall")]]
    rows += [
        [
            Paragraph(when(line.at), body),
            Paragraph(marked(line.sentence), body),
            Paragraph(marked(f"{line.what}: {line.outcome}"), body),
        ]
        for line in extract.lines
    ]
    table = Table(rows, colWidths=WIDTHS, repeatRows=1, splitInRow=1, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    why = (
        "Här står vilka som har tagit del av uppgifterna, eller försökt, varifrån och när. Om du"
        " tycker att en åtkomst inte var motiverad: vänd dig till den som står på raden."
    )
    return [
        Paragraph(TITLE, title),
        Paragraph(marked(opening), body),
        Spacer(1, 2 * mm),
        Paragraph(why, body),
        Spacer(1, 4 * mm),
        table,
    ]


def _numbered(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, f"Sida {document.page}")
