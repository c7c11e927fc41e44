"""From a profile as written to its checked form, with every mistake named by key and remedy."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mappings.source_as_of import pattern_of_name
from mappings.source_codes import OUT, RECIPIENTS
from mappings.source_concepts import CONCEPTS, HEADER_FIELDS
from mappings.source_expression import (
    Condition,
    Expression,
    Fail,
    compile_condition,
    compile_expression,
)
from mappings.source_field import Field, Kind
from mappings.source_fit import (
    CaseFit,
    FileFit,
    Group,
    Join,
    LeftOut,
    Organisations,
    ProfileError,
    RecordFit,
    Rule,
    SourceProfile,
    Withhold,
)
from mappings.source_keys import DEFAULT_YES, FORMATS, KEYS, TOP_KEYS, WITHHELD
from mappings.source_path import BadPath, Path, compile_path


class Checker:
    """Turns a profile as written into its checked form, or says what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.tables: dict[str, Mapping[str, str]] = {}
        self.written: Mapping[str, object] = {}
        self.fail: Fail = lambda key, remedy: ProfileError(
            file, key, remedy, line_of(self.written, key)
        )

    def profile(self, written: Mapping[str, object]) -> SourceProfile:
        """Return the whole profile."""
        self.written = written
        self.known(written, TOP_KEYS, "")
        for key in ("profile", "format", "person"):
            if key not in written:
                raise self.fail(key, f"missing; every profile has {key}:")
        if written["format"] not in FORMATS:
            raise self.fail("format", f"write one of {', '.join(FORMATS)}")
        self.tables = {
            name: self.table(codes, f"codes.{name}")
            for name, codes in self.mapping(written.get("codes"), "codes").items()
        }
        every = self.mapping(written.get("every"), "every")
        self.known(every, HEADER_FIELDS, "every")
        root = written.get("root")
        if written["format"] == "xml" and not isinstance(root, str):
            raise self.fail("root", "write the name of the export's outermost element")
        name = pattern_of_name(written.get("as_of"), self.fail)
        person = {"concept": "person", **self.mapping(written["person"], "person")}
        return SourceProfile(
            name=str(written["profile"]),
            format=str(written["format"]),
            root=None if root is None else str(root),
            encoding=None if written.get("encoding") is None else str(written["encoding"]),
            date_forms=tuple(self.texts(written.get("dates"), "dates")),
            yes=frozenset(t.casefold() for t in self.texts(written.get("yes"), "yes"))
            | frozenset(["true"] if written.get("yes") else DEFAULT_YES),
            system=self.optional(written, "system"),
            as_of=None if name is not None else self.optional(written, "as_of"),
            as_of_name=name,
            organisations=self.organisations(written.get("organisations")),
            person=self.record(person, every, "person"),
            cases=tuple(
                self.case(self.mapping(case, key), key)
                for key, case in self.items(written.get("cases"), "cases")
            ),
            records=tuple(
                self.record(self.mapping(record, key), every, key)
                for key, record in self.items(written.get("records"), "records")
            ),
            withhold=tuple(
                self.withhold(self.mapping(rule, key), key)
                for key, rule in self.items(written.get("withhold"), "withhold")
            ),
            left_out=tuple(
                self.left_out(self.mapping(rule, key), key)
                for key, rule in self.items(written.get("left_out"), "left_out")
            ),
            files=tuple(
                self.file_fit(str(name), self.mapping(fit, f"files.{name}"))
                for name, fit in self.mapping(written.get("files"), "files").items()
            ),
            joins=tuple(
                self.join(str(name), self.mapping(join, f"joins.{name}"))
                for name, join in self.mapping(written.get("joins"), "joins").items()
            ),
            persons={
                str(table): str(column)
                for table, column in self.mapping(written.get("persons"), "persons").items()
            },
            rules=tuple(
                self.rule(self.mapping(rule, key), key)
                for key, rule in self.items(written.get("rules"), "rules")
            ),
            document=written,
        )

    def file_fit(self, name: str, written: Mapping[str, object]) -> FileFit:
        """Return how one file of a delimited export is called and written."""
        key = f"files.{name}"
        self.known(written, KEYS["files"], key)
        columns = self.texts(written.get("columns"), f"{key}.columns")
        header = written.get("header", not columns)
        if not isinstance(header, bool):
            raise self.fail(f"{key}.header", "write true or false")
        items = written.get("items")
        if items is not None and not isinstance(items, int):
            raise self.fail(f"{key}.items", "write how many items a row has, as a number")
        encoding = written.get("encoding")
        try:
            "".encode(str(encoding or "utf-8"))
        except LookupError:
            known = "utf-8, windows-1252, iso-8859-1 or utf-16"
            raise self.fail(f"{key}.encoding", f"not known; write {known}") from None
        delimiter = written.get("delimiter")
        if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1):
            raise self.fail(f"{key}.delimiter", 'write one sign, as ";" or "\\t" in double quotes')
        return FileFit(
            name,
            str(written.get("name", f"*{name}*")),
            delimiter,
            str(written.get("quote", '"')),
            None if encoding is None else str(encoding),
            header,
            tuple(columns),
            items,
        )

    def join(self, name: str, written: Mapping[str, object]) -> Join:
        """Return how rows of one table belong under rows of another."""
        key = f"joins.{name}"
        self.known(written, KEYS["joins"], key)
        pairs = self.mapping(written.get("on"), f"{key}.on")
        if not isinstance(written.get("under"), str) or not pairs:
            remedy = "write {under: the other table, on: {own column: column there}}"
            raise self.fail(key, remedy)
        for rows in (name, str(written["under"])):
            if "[" in rows and any(s.key for s in self.path(rows, key).steps[:-1]):
                raise self.fail(key, "a condition stands at the end, as item[@typ='person']")
        on = tuple((str(own), str(there)) for own, there in pairs.items())
        return Join(name, str(written["under"]), on)

    def rule(self, written: Mapping[str, object], key: str) -> Rule:
        """Return one rule that values of a register's layout follow."""
        self.known(written, KEYS["rules"], key)
        word = "must" if "must" in written else "must_not"
        try:
            pattern = re.compile(str(written[word]))
        except (KeyError, re.error):
            raise self.fail(f"{key}.{word}", "write a regular expression") from None
        severity = str(written.get("as", "error"))
        if severity not in ("error", "warning"):
            raise self.fail(f"{key}.as", "write error or warning")
        because = written.get("because")
        if not isinstance(because, str):
            raise self.fail(f"{key}.because", "say what the rule is, for whoever mends the file")
        return Rule(
            self.path(written.get("each"), f"{key}.each"),
            self.expression(written.get("value"), f"{key}.value", Field()),
            pattern,
            word == "must_not",
            severity,
            because,
        )

    def record(
        self, written: Mapping[str, object], every: Mapping[str, object], key: str
    ) -> RecordFit:
        """Return where one concept's records stand."""
        name = written.get("concept")
        concept = CONCEPTS.get(str(name))
        if concept is None:
            raise self.fail(f"{key}.concept", f"write one of {', '.join(CONCEPTS)}")
        own = ("concept", "each", "when", "unless", "groups")
        allowed = [*own, *concept.fields, *HEADER_FIELDS]
        self.known(written, allowed, key)
        groups = self.mapping(written.get("groups"), f"{key}.groups")
        self.known(groups, concept.groups, f"{key}.groups")
        header = {k: (v, "every") for k, v in every.items()}
        header |= {k: (v, key) for k, v in written.items() if k in HEADER_FIELDS}
        return RecordFit(
            concept=str(name),
            each=self.path(written.get("each"), f"{key}.each"),
            fields={
                k: self.expression(written[k], f"{key}.{k}", f)
                for k, f in concept.fields.items()
                if k in written
            },
            header={
                k: self.expression(v, f"{at}.{k}", HEADER_FIELDS[k])
                for k, (v, at) in header.items()
            },
            groups={
                k: tuple(
                    self.group(self.mapping(each, at), concept.groups[k], at)
                    for at, each in self.entries(g, f"{key}.groups.{k}")
                )
                for k, g in groups.items()
            },
            when=self.condition(written, key),
        )

    def entries(self, written: object, key: str) -> list[tuple[str, object]]:
        """Return one entry under its own key, or the entries of a list by number."""
        return self.items(written, key) if isinstance(written, list) else [(key, written)]

    def group(self, written: Mapping[str, object], fields: Mapping[str, Field], at: str) -> Group:
        """Return where the repeated things of a record stand."""
        self.known(written, [*KEYS["groups"], *fields], at)
        return Group(
            self.path(written.get("each"), f"{at}.each"),
            {
                k: self.expression(written[k], f"{at}.{k}", f)
                for k, f in fields.items()
                if k in written
            },
            self.condition(written, at, ("only", "except")),
        )

    def case(self, written: Mapping[str, object], key: str) -> CaseFit:
        """Return where cases stand and what their areas mean."""
        inherited = [k for k in HEADER_FIELDS if k != "case"]
        self.known(written, [*KEYS["cases"], *inherited], key)
        for needed in ("id", "area"):
            if needed not in written:
                raise self.fail(f"{key}.{needed}", "missing; without it no case can be judged")
        area = Field(Kind.CODE, RECIPIENTS | {OUT})
        return CaseFit(
            self.path(written.get("each"), f"{key}.each"),
            self.expression(written["id"], f"{key}.id", Field()),
            self.expression(written["area"], f"{key}.area", area),
            {
                k: self.expression(written[k], f"{key}.{k}", HEADER_FIELDS[k])
                for k in inherited
                if k in written
            },
        )

    def withhold(self, written: Mapping[str, object], key: str) -> Withhold:
        """Return one rule for what must not be stored."""
        self.known(written, KEYS["withhold"], key)
        reason = str(written.get("as"))
        if reason not in WITHHELD:
            raise self.fail(f"{key}.as", f"write one of {', '.join(WITHHELD)}")
        each = self.path(written.get("each"), f"{key}.each")
        return Withhold(each, reason, self.condition(written, key))

    def left_out(self, written: Mapping[str, object], key: str) -> LeftOut:
        """Return one place that is not mapped, with its reason."""
        self.known(written, KEYS["left_out"], key)
        because = written.get("because")
        if not isinstance(because, str) or not because.strip():
            raise self.fail(f"{key}.because", "say why it is left out")
        return LeftOut(self.path(written.get("path"), f"{key}.path"), because)

    def organisations(self, written: object) -> Organisations | None:
        """Return where organisations are listed, if anywhere."""
        if written is None:
            return None
        keys = self.mapping(written, "organisations")
        self.known(keys, ("each", "id", "name"), "organisations")
        if "id" not in keys:
            raise self.fail("organisations.id", "missing; say where the id of each stands")
        return Organisations(
            self.path(keys.get("each"), "organisations.each"),
            self.expression(keys["id"], "organisations.id", Field()),
            self.expression(keys["name"], "organisations.name", Field())
            if "name" in keys
            else None,
        )

    def expression(self, written: object, key: str, kind: Field) -> Expression:
        """Return one expression, its own words checked against the field's codes."""
        compiled = compile_expression(written, key, self.tables, self.fail)
        allowed = kind.codes
        if key.endswith(("service.type", ".recipient")):
            allowed = allowed | {OUT}
        if allowed:
            for meaning in compiled.every_meaning():
                if meaning not in allowed:
                    raise self.fail(
                        key, f"{meaning!r} is no meaning here; {near(meaning, allowed)}"
                    )
        return compiled

    def optional(self, written: Mapping[str, object], key: str) -> Expression | None:
        """Return the expression of a key that may be absent."""
        return self.expression(written[key], key, Field()) if written.get(key) else None

    def condition(
        self,
        written: Mapping[str, object],
        key: str,
        words: tuple[str, str] = ("when", "unless"),
    ) -> Condition | None:
        """Return the condition under which a rule, a record or a group's place counts."""
        found = [
            compile_condition(written[word], f"{key}.{word}", self.fail, negated=word == words[1])
            for word in words
            if word in written
        ]
        return replace(found[0], also=found[1]) if len(found) > 1 else found[0] if found else None

    def table(self, codes: object, key: str) -> Mapping[str, str]:
        """Return one table of local codes and their meanings."""
        pairs = self.mapping(codes, key)
        for code, meaning in pairs.items():
            if isinstance(meaning, Mapping | list | bool):
                raise self.fail(f"{key}.{code}", 'write "local code": meaning, in quotes')
        return {str(code).strip().casefold(): str(meaning) for code, meaning in pairs.items()}

    def path(self, written: object, key: str) -> Path:
        """Return a path that leads to elements."""
        if not isinstance(written, str):
            raise self.fail(key, "missing; write the path to the element")
        try:
            return compile_path(written)
        except BadPath as error:
            raise self.fail(key, str(error)) from None

    def mapping(self, written: object, key: str) -> Mapping[str, object]:
        """Return a value that must be keys and values, empty when absent."""
        if written is None:
            return {}
        if not isinstance(written, Mapping):
            raise self.fail(key, "write keys and values under it")
        return written

    def items(self, written: object, key: str) -> list[tuple[str, object]]:
        """Return the numbered entries of a list; a single entry may stand without one."""
        if written is None:
            return []
        entries = written if isinstance(written, list) else [written]
        return [(f"{key}[{n}]", entry) for n, entry in enumerate(entries)]

    def texts(self, written: object, key: str) -> list[str]:
        """Return a list of texts, empty when absent."""
        if written is None:
            return []
        if not isinstance(written, list):
            raise self.fail(key, "write a list")
        return [str(entry) for entry in written]

    def known(self, written: Mapping[str, object], allowed: Iterable[str], key: str) -> None:
        """Refuse keys that mean nothing, which are mostly misspellings."""
        names = list(allowed)
        for name in written:
            if name not in names:
                where = f"{key}.{name}" if key else str(name)
                raise self.fail(where, f"not known here; {near(str(name), names)}")


def line_of(written: object, key: str) -> int | None:
    """Return the line of the nearest thing around a key that knows its own."""
    line = getattr(written, "line", 0) or None
    for name, number in re.findall(r"([^.\[\]]+)|\[(\d+)\]", key):
        if name and isinstance(written, Mapping) and name in written:
            written = written[name]
        elif number and isinstance(written, list) and int(number) < len(written):
            written = written[int(number)]
        elif not (number and number == "0"):
            break
        line = getattr(written, "line", 0) or line
    return line


def near(word: str, allowed: Iterable[str]) -> str:
    """Return a hint at what could have been meant."""
    names = sorted(allowed)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{hint}Use one of {', '.join(names)}"
