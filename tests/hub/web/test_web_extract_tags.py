"""An extract's PDF for whoever listens: its structure, and that nothing is drawn outside it."""

import base64
import re
import zlib

from hub.audit.record import AccessRecord, Action, Outcome
from hub.web.extract_pdf import as_pdf
from hub.web.extracted import Extract, Line
from tests.worlds.hub_world import NOON

MARKED = re.MULTILINE | re.DOTALL
READ = AccessRecord(id="r", recorded=NOON, action=Action.READ, outcome=Outcome.PERMIT)


def _objects(pdf: bytes) -> dict[int, bytes]:
    """The file's objects by number."""
    found = re.findall(rb"(?<=\n)(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL)
    return {int(number): content for number, content in found}


def _numbered(content: bytes, name: str) -> list[int]:
    """The objects that an entry refers to."""
    entry = re.search(rb"/%s (\[.*?\]|\d+ 0 R)" % name.encode(), content, re.DOTALL)
    return [int(each) for each in re.findall(rb"(\d+) 0 R", entry[1])] if entry else []


def _tags(objects: dict[int, bytes], number: int) -> list[object]:
    """An element's tag and the elements within it, in order."""
    content = objects[number]
    tag = re.search(rb"/S /(\w+)", content)
    assert tag, content
    within = [] if b"/MCR" in content else _numbered(content, "K")
    return [tag[1].decode(), *(_tags(objects, each) for each in within)]


def _marks(objects: dict[int, bytes], page: bytes) -> tuple[list[bytes], int]:
    """The tags in a page's content, in the order they are drawn; how much is drawn outside them."""
    (stream,) = _numbered(page, "Contents")
    raw = re.search(rb"stream\r?\n(.*)endstream", objects[stream], re.DOTALL)
    assert raw
    content = zlib.decompress(base64.a85decode(raw[1].partition(b"~>")[0]))
    opened = re.findall(rb"^/(\w+) (?:BMC|<</MCID \d+>> BDC)", content, re.MULTILINE)
    outside = re.sub(rb"^/\w+ (?:BMC|<<.*?>> BDC)$.*?^EMC$", b"", content, flags=MARKED)
    return opened, len(re.findall(rb"\b(?:Tj|TJ|BDC|BMC|EMC|l S)\b", outside))


def _extract(lines: int, sentence: str = "En läkare läste.") -> bytes:
    line = Line(NOON, "", "", "läsning", "", "visat", sentence, READ)
    return as_pdf(Extract(("1",), "", "", (line,) * lines, NOON))


def test_the_pdf_has_its_structure_in_reading_order() -> None:
    pdf = _extract(2)
    objects = _objects(pdf)
    (catalog,) = [each for each in objects.values() if b"/Type /Catalog" in each]
    (marked_as,) = _numbered(catalog, "MarkInfo")
    assert b"/Marked true" in objects[marked_as]
    (tree,) = _numbered(catalog, "StructTreeRoot")
    (document,) = _numbered(objects[tree], "K")
    row = ["TR", ["TD"], ["TD"], ["TD"]]
    head = ["TR", ["TH"], ["TH"], ["TH"]]
    table = ["Table", head, row, row]
    assert _tags(objects, document) == ["Document", ["H1"], ["P"], ["P"], table]
    assert pdf.count(b"/Scope /Column") == 3
    pages = [each for each in objects.values() if re.search(rb"/Type /Page\n", each)]
    assert all(b"/StructParents" in each and b"/Tabs /S" in each for each in pages)


def test_nothing_is_drawn_outside_the_structure_on_any_page() -> None:
    """A heading row that is drawn again, lines and page numbers are artifacts."""
    objects = _objects(_extract(120))
    pages = [each for each in objects.values() if re.search(rb"/Type /Page\n", each)]
    assert len(pages) > 3
    for number, page in enumerate(pages):
        tags, outside = _marks(objects, page)
        assert outside == 0
        assert tags.count(b"TH") == (0 if number else 3)
        assert set(tags) <= {b"H1", b"P", b"TH", b"TD", b"Artifact"}
        assert b"Artifact" in tags
    cells = sum(_marks(objects, page)[0].count(b"TD") for page in pages)
    assert cells == 3 * 120


def test_a_cell_that_goes_on_over_the_page_is_one_part() -> None:
    pdf = _extract(1, "ord " * 20_000)
    assert len(re.findall(rb"/S /TD", pdf)) == 3
    assert pdf.count(b"/Type /MCR") > 6


def test_what_is_drawn_from_right_to_left_is_read_as_it_was_written() -> None:
    found = re.search(rb"/ActualText \((.*?)\)\s*/", _extract(1, "علي"), re.DOTALL)
    assert found
    raw = re.sub(rb"\\(\d{3})", lambda octal: bytes([int(octal[1], 8)]), found[1])
    assert raw.decode("utf-16") == "علي"
    assert b"/ActualText" not in _extract(1)
