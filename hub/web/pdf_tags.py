"""The structure of a PDF for whoever listens: headings, paragraphs, tables, in reading order.

Source: PDF 32000-1 14.6 to 14.8 (marked content, logical structure, tagged PDF); PDF/UA-1 7.1, 7.2,
7.5. The library draws and knows no tags, so each paragraph is marked as it is drawn, and the tree
is written when all is. What only adorns is an artifact: lines, page numbers, a heading row again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFName,
    PDFObjectReference,
    PDFString,
    PDFtrue,
)
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table

HEAD = "TH"


@dataclass(eq=False, slots=True)
class Element:
    """A part of the document: its tag, the parts within it, and where it is drawn.

    `places`: pages, and the number of the marked content there. `read`: the text as it is read,
    where that is not what is drawn.
    """

    tag: str
    read: str = ""
    parts: list["Element"] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)

    def part(self, tag: str, read: str = "") -> "Element":
        """Return a new part at the end of this one."""
        self.parts.append(Element(tag, read))
        return self.parts[-1]


class Tagged(Paragraph):  # type: ignore[misc]  # the library has no types
    """A paragraph that is drawn as a part of the document, also when pages share it."""

    element: Element

    def draw(self) -> None:
        """Draw it within its mark."""
        with self.canv.marked(self.element):
            super().draw()

    def split(self, width: float, height: float) -> list["Tagged"]:
        """Return the pieces, each of the same part."""
        pieces: list[Tagged] = super().split(width, height)
        for each in pieces:
            each.element = self.element
        return pieces


def tagged(text: str, style: ParagraphStyle, element: Element) -> Tagged:
    """Return a paragraph that is drawn as a part of the document."""
    made = Tagged(text, style)
    made.element = element
    return made


class TaggedTable(Table):  # type: ignore[misc]
    """A table whose lines are artifacts; its cells are tagged paragraphs."""

    def _drawLines(self) -> None:  # noqa: N802  # the library's name
        with self.canv.artifact():
            super()._drawLines()


class TaggedCanvas(Canvas):  # type: ignore[misc]
    """A canvas that marks what is drawn, and writes the document's structure at the end."""

    def __init__(self, *given: Any, root: Element, **more: Any) -> None:  # noqa: ANN401  # the library's
        self.root = root
        self._here: list[Element] = []
        self._pages: list[list[Element]] = []
        super().__init__(*given, **more)

    @contextmanager
    def marked(self, element: Element) -> Iterator[None]:
        """Mark what is drawn as a part; a heading that is drawn again is an artifact."""
        if element.tag == HEAD and element.places:
            with self.artifact():
                yield
            return
        number = len(self._here)
        self._here.append(element)
        element.places.append((len(self._pages), number))
        self._code.append(f"/{element.tag} <</MCID {number}>> BDC")
        yield
        self._code.append("EMC")

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """Mark what is drawn as nothing to be read."""
        self._code.append("/Artifact BMC")
        yield
        self._code.append("EMC")

    def showPage(self) -> None:  # noqa: N802  # the library's name
        """End the page, and tell it where its marks are looked up."""
        super().showPage()
        page = self._doc.Pages.pages[-1]
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents, page.Tabs = len(self._pages), PDFName("S")
        self._pages.append(self._here)
        self._here = []

    def save(self) -> None:
        """Write the structure, and the file."""
        if self._code:
            self.showPage()
        document, tree = self._doc, PDFDictionary({"Type": PDFName("StructTreeRoot")})
        pages = [document.Reference(each) for each in document.Pages.pages]
        root, written = document.Reference(tree), dict[Element, PDFObjectReference]()
        tree["K"] = self._written(self.root, root, pages, written)
        numbers: list[object] = []
        for page, elements in enumerate(self._pages):
            parents = PDFArray([written[each] for each in elements])
            numbers += [page, document.Reference(parents)]
        tree["ParentTree"] = PDFDictionary({"Nums": PDFArray(numbers)})
        tree["ParentTreeNextKey"] = len(self._pages)
        document.Catalog.StructTreeRoot = root
        document.Catalog.MarkInfo = PDFDictionary({"Marked": PDFtrue})
        super().save()

    def _written(
        self,
        element: Element,
        parent: PDFObjectReference,
        pages: list[PDFObjectReference],
        written: dict[Element, PDFObjectReference],
    ) -> PDFObjectReference:
        found = PDFDictionary({"Type": PDFName("StructElem"), "S": PDFName(element.tag)})
        written[element] = reference = self._doc.Reference(found)
        found["P"] = parent
        if element.tag == HEAD:
            found["A"] = PDFDictionary({"O": PDFName("Table"), "Scope": PDFName("Column")})
        if element.read:
            found["ActualText"] = PDFString(element.read)
        within: list[object] = [
            self._written(each, reference, pages, written) for each in element.parts
        ]
        within += [
            PDFDictionary({"Type": PDFName("MCR"), "Pg": pages[page], "MCID": number})
            for page, number in element.places
        ]
        found["K"] = PDFArray(within)
        return reference
