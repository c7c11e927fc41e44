"""An unknown export as a tree, and what a profile must say so that it is read."""

import re

from adapters.delimited.members import members
from adapters.delimited.rows import Lines, encoding_of, guessed, some
from adapters.document import Unreadable
from adapters.fitted.draft.yaml_text import quoted
from adapters.fitted.unit import Pattern
from adapters.incoming import Content, beginning
from adapters.json_export.nodes import node_of
from adapters.json_export.read import parsed
from adapters.xml_export.pieces import XmlPieces
from mappings.source_fit import FileFit
from mappings.source_node import SourceNode

_NUMBERED = re.compile(r"[\d\s.,:/+-]*\d[\d\s.,:/+-]*")


def read_export(content: Content, file: str) -> tuple[SourceNode, list[str]]:
    """Return an export's tree, and the lines that say its format.

    Raises:
        Unreadable: it is in none of the formats.
    """
    start = beginning(content, 4096).replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start.startswith(b"<"):
        return _xml(content)
    if start[:1] in (b"{", b"["):
        return node_of(parsed(content, None)), ["format: json"]
    top, lines = _tables(content, file)
    return top, ["format: delimited", "files:", *lines]


def _xml(content: Content) -> tuple[SourceNode, list[str]]:
    lines = ["format: xml"]
    try:
        top = XmlPieces(content, None, Pattern(())).tree()
    except Unreadable as why:
        if why.code != "wrong-encoding" or why.hostile:
            raise
        top = XmlPieces(content, "windows-1252", Pattern(())).tree()
        lines.append("encoding: windows-1252  # it says another one, which it is not in")
    return top, [*lines, f"root: {quoted(top.name)}"]


def _tables(content: Content, file: str) -> tuple[SourceNode, list[str]]:
    top = SourceNode("tables")
    lines: list[str] = []
    for member in members(content, file):
        name = member.name
        with member.open() as opened:
            text = some(opened, *encoding_of(opened, None))
        table = re.sub(r"\W+", "_", name.rpartition(".")[0] or name).strip("_").lower()
        table = re.sub(r"_?\d{6,}$", "", table) or "rader"
        first = text.partition("\n")[0]
        cells = [cell.strip(' "\r') for cell in re.split(r"[;\t|,]", first)]
        # No column is called by a number: a first row with one is a row, and may be a person's.
        header = not any(_NUMBERED.fullmatch(cell) for cell in cells)
        fit = FileFit(table, "*", guessed(text), header=header)
        rows = Lines.of(member.open, fit, None)
        for row in rows.rows():
            node = rows.node(row)
            node.parent = top
            top.children.append(node)
        rows.close()
        delimiter = "\\t" if fit.delimiter == "\t" else fit.delimiter
        known = f'delimiter: "{delimiter}", header: {str(header).lower()}'
        pattern = re.sub(r"\d{6,}", "*", name)
        lines.append(f"  {quoted(table)}: {{name: {quoted(pattern)}, {known}}}")
    if not top.children:
        text = "the document is no XML, JSON or delimited text that holds anything"
        raise Unreadable("nothing-to-draft", "document", text)
    return top, lines
