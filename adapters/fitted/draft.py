"""A draft of a source profile from an export that no profile fits yet.

Names are guessed by words that municipal systems use; what somebody must decide is marked DECIDE,
and is out of scope, or missing, until then wherever a wrong guess could let something in.

Source: INTERFACES, `mappings new`; DESIGN P6.
"""

import re
from collections import Counter
from collections.abc import Iterable

from adapters.delimited.members import members
from adapters.delimited.rows import Lines, encoding_of, guessed, some
from adapters.document import Unreadable
from adapters.fitted.unit import Pattern
from adapters.fitted.words import AREAS, CODES, CONCEPT_WORDS, FIELD_WORDS, plain
from adapters.incoming import Content, beginning
from adapters.json_export.nodes import node_of
from adapters.json_export.read import parsed
from adapters.xml_export.pieces import XmlPieces
from mappings.source_fit import FileFit
from mappings.source_node import SourceNode

_NUMBER = re.compile(r"(?:\d\d)?\d{6}[-+]?\d{4}")
LONG = 4
"""Shorter words hide in others by chance."""


def draft(content: Content, file: str, name: str) -> str:
    """Return the YAML of a draft.

    Raises:
        Unreadable: the export cannot be read in any of the formats.
    """
    start = beginning(content, 4096).replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    lines = [f"# A draft for {_safe(file)}. Every line marked DECIDE needs somebody who knows."]
    lines.append(f"profile: {_safe(name)}")
    if start.startswith(b"<"):
        top = XmlPieces(content, None, Pattern(())).tree()
        lines += ["format: xml", f"root: {_quoted(top.name)}"]
    elif start[:1] in (b"{", b"["):
        top = node_of(parsed(content, None))
        lines.append("format: json")
    else:
        top, files = _tables(content, file)
        lines += ["format: delimited", "files:", *files]
    return "\n".join([*lines, *_Draft(top, flat="files:" in lines).lines()]) + "\n"


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
        header = not any(
            _NUMBER.fullmatch(cell.strip(' "\r')) for cell in re.split(r"[;\t|,]", first)
        )
        fit = FileFit(table, "*", guessed(text), header=header)
        rows = Lines.of(member.open, fit, None)
        for row in rows.rows():
            node = rows.node(row)
            node.parent = top
            top.children.append(node)
        rows.close()
        written = "\\t" if fit.delimiter == "\t" else fit.delimiter
        lines.append(
            f'  {_quoted(table)}: {{name: {_quoted("*" + table + "*")}, delimiter: "{written}", '
            f"header: {str(header).lower()}}}"
        )
    if not top.children:
        text = "the document is no XML, JSON or delimited text that holds anything"
        raise Unreadable("nothing-to-draft", "document", text)
    return top, lines


class _Draft:
    def __init__(self, top: SourceNode, *, flat: bool) -> None:
        self.top = top
        self.flat = flat
        self.by_path: dict[str, list[SourceNode]] = {}
        for node in top.walk():
            if node is not top:
                self.by_path.setdefault(node.path_from(top), []).append(node)
        self.number = ""
        self.person = self._person()
        self.notes: list[str] = []

    def _person(self) -> str:
        scored = []
        for path, found in self.by_path.items():
            numbers = [_number_of(node) for node in found]
            share = sum(n is not None for n in numbers) / len(found)
            if share > 0.5:  # noqa: PLR2004 - most of them
                named = any(w in plain(path.rpartition("/")[2]) for w in CONCEPT_WORDS["person"])
                scored.append((not named, path.count("/"), -len(found), path))
        if not scored:
            text = "nothing in the export looks like a person with a person number"
            raise Unreadable("no-person", "document", text)
        unnamed, _, _, best = min(scored)
        around, _, last = best.rpartition("/")
        # The number may stand in an element of its own within the person.
        if around and unnamed and len(self.by_path[around]) == len(self.by_path[best]):
            self.number = last
            return around
        return best

    def lines(self) -> list[str]:
        nodes_ = self.by_path[self.person]
        numbers = Counter(
            value for node in nodes_ for value in node.attributes.values() if _is_number(value)
        )
        grouped = bool(numbers) and max(numbers.values()) > 1
        self.table = self.person
        lines = self._grouped(nodes_) if grouped else self._joined(nodes_)
        each = "person" if grouped else self.person
        lines += [
            "",
            "every:",
            "  # DECIDE: whose documentation it is, as the sources file's owner_of maps it to",
            "  # owners, and under which act (SoL, LSS or HSL) each kind of record stands.",
            "  owner: {value: OWNER}",
            "  unit: {value: OWNER}",
            "  regime: {value: SoL}",
        ]
        cases = self._cases()
        if not cases:
            lines += self._recipient()
        lines += ["", "person:", f"  each: {_path(each)}"]
        prefix = f"{self.person}/" if grouped else ""
        lines += self._fields("person", nodes_, prefix, "  ")
        lines += cases
        lines += ["", "records:", *self._records(grouped=grouped)]
        return lines

    def _grouped(self, found: list[SourceNode]) -> list[str]:
        column = next(name for name in found[0].attributes if _is_number(found[0].attributes[name]))
        return [
            "",
            "persons:  # rows with the same number are one person's",
            f"  {_quoted(self.person)}: {_quoted(column)}",
        ]

    def _joined(self, persons: list[SourceNode]) -> list[str]:
        """Guess joins: a column of another table whose values are a column's of the persons."""
        keys = {name: {n.attributes.get(name) for n in persons} for name in persons[0].attributes}
        self.joins: dict[str, str] = {}
        lines: list[str] = []
        for path, rows in self.by_path.items():
            if path == self.person or path.startswith(f"{self.person}/") or not rows[0].attributes:
                continue
            pair = self._pair(rows, keys, len(persons))
            if pair is not None:
                self.joins[path] = path.rpartition("/")[2]
                lines.append(
                    f"  {_quoted(path)}: {{under: {_quoted(self.person)}, on: "
                    f"{{{_quoted(pair[0])}: {_quoted(pair[1])}}}}}"
                )
        return (
            ["", "joins:  # rows: whose row they belong under, own column: column there", *lines]
            if lines
            else []
        )

    def _pair(
        self, rows: list[SourceNode], keys: dict[str, set[str | None]], persons: int
    ) -> tuple[str, str] | None:
        best: tuple[int, str, str] | None = None
        words = ("person", "brukar", "klient", "individ", "pnr", "personnr")
        for own in {name for row in rows for name in row.attributes}:
            values = {row.attributes[own] for row in rows if own in row.attributes}
            for theirs, known in keys.items():
                if values and values <= known and len(known) == persons:
                    likely = any(w in plain(own) for w in words)
                    rank = (not likely) * 2 + (plain(own) != plain(theirs))
                    if best is None or rank < best[0]:
                        best = (rank, own, theirs)
        return best[1:] if best is not None else None

    def _recipient(self) -> list[str]:
        names = {
            name for found in self.by_path.values() for node in found for name in node.attributes
        }
        column = next(
            (n for n in sorted(names) if any(w in plain(n) for w in AREAS["words"])), None
        )
        if column is None:
            return [
                "  # DECIDE: who the services are for. This claims that the export holds older",
                "  # people's files and nothing else; take it away and nothing is let in.",
                "  recipient: {value: older}",
            ]
        values = _values([n for found in self.by_path.values() for n in found], column)
        return [
            "  # DECIDE: older, disability, other, or out (not covered by SVOD 1:1)",
            f"  recipient: {{from: {_attribute(column)}, codes: {_codes(values, area=True)}}}",
        ]

    def _under(self) -> list[tuple[str, str, list[SourceNode]]]:
        """Return the places under a person: path from the person, last name, nodes."""
        found = []
        for path, rows in self.by_path.items():
            if path.startswith(f"{self.person}/"):
                inner = path.removeprefix(f"{self.person}/")
                found.append((inner, inner.rpartition("/")[2], rows))
            elif path in getattr(self, "joins", {}):
                found.append((self.joins[path], self.joins[path], rows))
        return found

    def _cases(self) -> list[str]:
        for inner, last, rows in self._under():
            if any(w == plain(last) for w in CONCEPT_WORDS["case"]):
                columns = {name for row in rows for name in (*row.attributes, *_texts(row))}
                area = next(
                    (c for c in sorted(columns) if any(w in plain(c) for w in AREAS["words"])), None
                )
                own = _pick(columns, FIELD_WORDS["id"])
                if area is None or own is None:
                    continue
                values = _values(rows, area)
                return [
                    "",
                    "cases:",
                    f"  each: {_path(inner)}",
                    f"  id: {_at(rows, own)}",
                    "  # DECIDE: older, disability, other, or out (not covered by SVOD 1:1)",
                    f"  area: {{from: {_at(rows, area)}, codes: {_codes(values, area=True)}}}",
                    "  # DECIDE: what a case rests on before, or without, a decision",
                    '  service: {value: "SoL 8:1"}',
                ]
        return []

    def _records(self, *, grouped: bool) -> list[str]:
        places = (
            [(self.person, self.person.rpartition("/")[2], self.by_path[self.person])]
            if grouped
            else []
        )
        places += self._under()
        lines: list[str] = []
        taken: set[str] = set()
        for inner, last, rows in places:
            concept = _concept(last, rows, grouped=grouped)
            if concept is None or any(inner.startswith(f"{each}/") for each in taken):
                continue
            taken.add(inner)
            lines += [f"  - concept: {concept}", f"    each: {_path(inner)}"]
            lines += self._fields(concept, rows, "", "    ")
            if concept == "decision":
                lines += self._services(inner, rows)
        return lines or ["  []  # DECIDE: nothing looked like documentation"]

    def _services(self, inner: str, rows: list[SourceNode]) -> list[str]:
        for path, last, found in self._under():
            if path.startswith(f"{inner}/") and "insats" in plain(last):
                place, own = path.removeprefix(f"{inner}/"), found
                break
        else:
            place, own = ".", rows
        columns = {name for row in own for name in (*row.attributes, *_texts(row))}
        kind = _pick(columns, FIELD_WORDS["type"])
        if kind is None:
            return []
        lines = ["    groups:", "      service:", f"        each: {_path(place)}"]
        meanings = _codes(_values(own, kind), CODES["type"])
        ident = _pick(columns, FIELD_WORDS["id"])
        if ident:
            lines.append(f"        id: {_at(own, ident)}")
        lines += [
            "        # DECIDE: what each kind of service means; what is not named cannot be judged",
            f"        type: {{from: {_at(own, kind)}, codes: {meanings}}}",
        ]
        return lines

    def _fields(
        self, concept: str, rows: Iterable[SourceNode], prefix: str, indent: str
    ) -> list[str]:
        rows = list(rows)
        columns = {name for row in rows for name in (*row.attributes, *_texts(row))}
        lines: list[str] = []
        for name in FIELD_WORDS["of"][concept]:
            if concept == "person" and name == "number":
                column = next(
                    (c for c in sorted(columns) if any(_is_number(v) for v in _values(rows, c))),
                    None,
                )
            else:
                column = _pick(columns, FIELD_WORDS[name])
            if concept == "person" and name == "number" and self.number:
                inner = self.by_path[f"{self.person}/{self.number}"]
                column = next(c for c in inner[0].attributes if _is_number(inner[0].attributes[c]))
                lines.append(f"{indent}number: {_at(inner, column, self.number + '/')}")
                continue
            if column is None:
                if name == "text" and any(row.text for row in rows):
                    lines.append(f"{indent}text: .")
                continue
            where = _at(rows, column, prefix)
            if name in CODES:
                meanings = _codes(_values(rows, column), CODES[name])
                lines.append(f"{indent}{name}: {{from: {where}, codes: {meanings}}}  # DECIDE")
            else:
                lines.append(f"{indent}{name}: {where}")
        return lines


def _concept(last: str, rows: list[SourceNode], *, grouped: bool) -> str | None:
    word = plain(last)
    for concept, words in CONCEPT_WORDS.items():
        if concept not in ("person", "case") and any(w in word for w in words):
            return concept
    if not grouped:
        return None
    columns = {name for row in rows for name in row.attributes}
    decided = _pick(columns, FIELD_WORDS["outcome"]) or _pick(columns, FIELD_WORDS["law"])
    return "decision" if decided else "note"


def _pick(columns: Iterable[str], words: Iterable[str]) -> str | None:
    for word in words:
        for column in sorted(columns):
            if plain(column) == word:
                return column
    for word in words:
        for column in sorted(columns):
            if len(word) > 3 and word in plain(column):  # noqa: PLR2004 - short words hide in others
                return column
    return None


def _texts(node: SourceNode) -> dict[str, str]:
    return {c.name: c.text for c in node.children if c.text and not c.attributes and not c.children}


def _values(rows: Iterable[SourceNode], column: str) -> list[str]:
    found = (row.attributes.get(column) or _texts(row).get(column) for row in rows)
    return sorted({value.strip() for value in found if value})


def _number_of(node: SourceNode) -> str | None:
    own = (*node.attributes.values(), *_texts(node).values())
    return next((value for value in own if _is_number(value)), None)


def _is_number(value: str) -> bool:
    return _NUMBER.fullmatch(value.strip()) is not None


def _at(rows: list[SourceNode], column: str, prefix: str = "") -> str:
    if any(column in row.attributes for row in rows):
        return _quoted(f"{prefix}@{_name(column)}")
    return _quoted(f"{prefix}{_name(column)}")


def _attribute(column: str) -> str:
    return _quoted(f"@{_name(column)}")


def _name(name: str) -> str:
    return name if re.fullmatch(r"\w[\w.\-]*", name) else f"{{{name}}}"


def _path(path: str) -> str:
    return _quoted(path if path == "." else "/".join(_name(step) for step in path.split("/")))


def _codes(values: list[str], meanings: object = None, *, area: bool = False) -> str:
    known = AREAS["codes"] if area else meanings
    assert isinstance(known, dict)  # noqa: S101 - tables of ours
    pairs = []
    for value in values[:60]:
        if len(value) > 40 or _is_number(value):  # noqa: PLR2004 - no code is that long
            continue
        word = plain(value)
        meaning = next(
            (m for w, m in known.items() if w == word or (len(w) >= LONG and w in word)), None
        )
        if meaning is None and area:
            meaning = "out"
        if meaning is not None:
            pairs.append(f"{_quoted(value)}: {_quoted(meaning)}")
    return "{" + ", ".join(pairs) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _safe(text: str) -> str:
    return re.sub(r"[^\w.-]+", "_", text)[:60] or "draft"


__all__ = ["draft"]
