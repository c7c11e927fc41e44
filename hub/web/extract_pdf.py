"""An extract as a PDF to print or send.

Source: PDL 8:5. Text is put in as text: what looks like markup in a name stays as it is.
"""

import io
from html import escape
from typing import TYPE_CHECKING

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from hub.web.swedish import when

if TYPE_CHECKING:
    from hub.web.extracted import Extract

TITLE = "Loggutdrag"
FONT, BOLD = "Vera", "VeraBd"
WIDTHS = (36 * mm, 96 * mm, 42 * mm)
RULE = colors.HexColor("#767684")


def as_pdf(extract: "Extract") -> bytes:
    """Return the file."""
    for name in (FONT, BOLD):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
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
        lang="sv",
    )
    document.build(_story(extract), onFirstPage=_numbered, onLaterPages=_numbered)
    return content.getvalue()


def _story(extract: "Extract") -> list[object]:
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
            Paragraph(_text(line.sentence), body),
            Paragraph(f"{_text(line.what)}: {_text(line.outcome)}", body),
        ]
        for line in extract.lines
    ]
    table = Table(rows, colWidths=WIDTHS, repeatRows=1)
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
        Paragraph(_text(opening), body),
        Spacer(1, 2 * mm),
        Paragraph(why, body),
        Spacer(1, 4 * mm),
        table,
    ]


def _text(value: str) -> str:
    """Return text for a paragraph, which reads markup; what cannot be printed is a space."""
    return escape("".join(each if each.isprintable() else " " for each in value), quote=False)


def _numbered(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, f"Sida {document.page}")
