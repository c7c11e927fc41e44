"""The draft itself: what was found, line by line, as a profile says it."""

from collections.abc import Iterable, Iterator, Mapping

from adapters.fitted.draft.columns import LONG, area_column, areas, codes, fields
from adapters.fitted.draft.kinds import Kind, kinds_of
from adapters.fitted.draft.links import Links
from adapters.fitted.draft.person import FoundPerson, is_number_column
from adapters.fitted.draft.shape import Column, Place, Shape
from adapters.fitted.draft.yaml_text import path, quoted, step
from adapters.fitted.words import CODES, CONCEPT_WORDS, FIELD_WORDS, LAWS, plain

_GROUPS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "person": {
        "relative": ("narstaende", "anhorig", "nextofkin"),
        "representative": ("foretradare", "godman", "guardian"),
    },
    "decision": {"service": ("insats", "service", "beviljat", "rad")},
    "investigation": {"need": ("behov", "need", "livsomrade")},
    "assignment": {"goal": ("mal", "goal")},
    "plan": {
        "goal": ("mal", "goal", "delmal"),
        "activity": ("aktivitet", "activit", "rad", "moment"),
    },
    "sip": {"goal": ("mal", "goal"), "activity": ("aktivitet", "activit", "atgard")},
    "follow_up": {"result": ("resultat", "result")},
}


class Drafted:
    """Writes the draft of one export."""

    def __init__(self, shape: Shape, person: FoundPerson, links: Links) -> None:
        self.shape = shape
        self.person = person
        self.links = links
        self.left_out: dict[str, str] = {}
        self.forms: dict[str, None] = {}
        self.case: tuple[str, Column] | None = None
        self.documented = False

    def lines(self) -> list[str]:
        """Return the draft's lines after its format."""
        cases = self._cases()
        every = list(self._every(has_cases=bool(cases)))
        person = list(self._person())
        records = list(self._records())
        self.documented = bool(records)
        links = list(self._links())
        forms = [f"dates: [{', '.join(map(quoted, self.forms))}]"] if self.forms else []
        if any("%d/%m" in form for form in self.forms):
            forms[0] += "  # DECIDE: the day before the month?"
        left_out = [
            f"  - {{path: {quoted(place)}, because: {why}}}" for place, why in self.left_out.items()
        ]
        return [
            *forms,
            *links,
            *every,
            *person,
            *cases,
            *("", "records:", *(records or ["  []  # DECIDE: nothing looked like documentation"])),
            *(["", "left_out:", *left_out] if left_out else []),
        ]

    def _links(self) -> Iterator[str]:
        if self.person.grouped:
            place, number = self.person.place, self.person.number
            column = "/".join(name.strip("@{}") for name in number.at.split("/"))
            yield from ("", "persons:  # rows with the same number are one person's")
            yield f"  {quoted(place.path)}: {quoted(column)}"
        if self.links.found:
            yield from ("", "joins:  # rows: whose row they belong under, own column: column there")
        for link in self.links.found:
            own, there = (each.at.replace("@", "").strip("{}") for each in (link.own, link.there))
            yield (
                f"  {quoted(link.rows.path)}: {{under: {quoted(link.under.path)}, "
                f"on: {{{quoted(own)}: {quoted(there)}}}}}"
            )

    def _every(self, *, has_cases: bool) -> Iterator[str]:
        places = [self.person.place, *self.links.under.values()]
        yield from ("", "every:")
        yield "  # DECIDE: whose documentation it is, as the sources file's owner_of maps it to"
        yield "  # owners, and under which act (SoL, LSS or HSL) each kind of record stands."
        owner = self._first(places, FIELD_WORDS["owner"])
        own = f"[{quoted(owner.at)}, {{value: OWNER}}]" if owner else "{value: OWNER}"
        yield f"  owner: {own}"
        yield f"  unit: {own}"
        act = next((c for p in places for c in p.columns.values() if _is_act(c)), None)
        if act is None:
            yield "  regime: {value: SoL}"
        else:
            known = ", ".join(
                f"{quoted(v)}: {LAWS[plain(v)]}" for v in act.codes if plain(v) in LAWS
            )
            yield f"  regime: {{from: {quoted(act.at)}, codes: {{{known}}}}}"
        yield '  service: {value: "SoL 8:1"}  # DECIDE: what rests on no decision'
        struck = self._first(places, FIELD_WORDS["struck_out"])
        if struck is not None:
            yield f"  struck_out: {quoted(struck.at)}"
        if not has_cases:
            yield from self._recipient(places)

    def _recipient(self, places: list[Place]) -> Iterator[str]:
        found = [(p, c) for p in places if (c := area_column(p)) is not None]
        if not found:
            yield "  # DECIDE: who the services are for. This claims that the export holds older"
            yield "  # people's files and nothing else; take it away and nothing is let in."
            yield "  recipient: {value: older}"
            return
        yield "  # DECIDE: older, disability, other, or out (not covered by SVOD 1:1)"
        merged: dict[str, list[str]] = {}
        for place, column in found:
            at = column.at
            if place is self.person.place and not self.person.grouped:
                merged[f"../{at}"] = [*merged.get(f"../{at}", []), *column.values]
                merged[f"../../{at}"] = merged[f"../{at}"]
            merged[at] = [*merged.get(at, []), *column.values]
        ways = ", ".join(
            f"{{from: {quoted(at)}, codes: {areas(Column(at, at, tuple(values)))}}}"
            for at, values in merged.items()
        )
        yield f"  recipient: [{ways}]"

    def _first(self, places: Iterable[Place], words: Iterable[str]) -> Column | None:
        columns = [column for place in places for column in place.columns.values()]
        return next(
            (c for word in words for c in columns if plain(c.name) == word and "/" not in c.at),
            None,
        )

    def _person(self) -> Iterator[str]:
        place, number = self.person.place, self.person.number
        each = "person" if self.person.grouped else place.path
        prefix = f"{place.path}/" if self.person.grouped else ""
        yield from ("", "person:", f"  each: {path(each)}")
        yield f"  number: {quoted(self._prefixed(prefix, number.at))}"
        taken = {number.at, *self._joining(place)}
        if self.person.grouped:
            # What the rows say of themselves is not the person's.
            names = [n for n in FIELD_WORDS["of"]["person"] if n in ("century", "given", "family")]
            names += ["name"]
        else:
            names = list(FIELD_WORDS["of"]["person"])
        own = Place(
            place.path, place.rows, {a: c for a, c in place.columns.items() if self._own(a)}
        )
        for name, column in fields(own, names, taken):
            yield from self._field(name, column, "  ", prefix)
            if self.person.grouped:
                self.left_out[f"{_names(prefix)}{column.at}"] = "The person's"
        groups = [] if self.person.grouped else list(self._groups("", place, "person", taken))
        if groups:
            yield from ("  groups:", *(line.removeprefix("  ") for line in groups))
        if self.person.grouped:
            self.left_out[f"{_names(prefix)}{number.at}"] = "Identifies the person"

    def _own(self, at: str) -> bool:
        """Tell whether a column may be about the person and not about somebody within the row."""
        around, _, _ = at.rpartition("/")
        told = any(word in plain(around) for word in ("namn", "name", "adress", "address"))
        beside, _, _ = self.person.number.at.rpartition("/")
        return not around or told or (bool(beside) and at.startswith(f"{beside}/"))

    def _prefixed(self, prefix: str, at: str) -> str:
        return f"{_names(prefix)}{at}"

    def _joining(self, place: Place) -> set[str]:
        found = {link.own.at for link in self.links.found if link.rows is place}
        return found | {
            link.there.at
            for link in self.links.found
            if link.under is place and place is self.person.place
        }

    def _cases(self) -> list[str]:
        for inner, place in self.links.under.items():
            if not any(word == plain(place.last) for word in CONCEPT_WORDS["case"]):
                continue
            area = area_column(place)
            own = next(iter(fields(place, ["id"], self._joining(place))), None)
            if area is None or own is None:
                continue
            self.left_out[f"{_names(inner + '/')}{area.at}"] = "Says who it is for"
            self.case = (inner, own[1])
            return [
                "",
                "cases:",
                f"  each: {path(inner)}",
                f"  id: {quoted(own[1].at)}",
                "  # DECIDE: older, disability, other, or out (not covered by SVOD 1:1)",
                f"  area: {{from: {quoted(area.at)}, codes: {areas(area)}}}",
                "  # DECIDE: what a case rests on before, or without, a decision",
                '  service: {value: "SoL 8:1"}',
            ]
        return []

    def _records(self) -> Iterator[str]:
        taken: list[str] = []
        home = self.person.place.path if self.person.grouped else None
        for inner, place in self.links.under.items():
            grouped = inner == home
            if any(inner.startswith(f"{each}/") for each in taken):
                continue
            if any(word == plain(place.last) for word in CONCEPT_WORDS["case"]):
                continue
            kinds = list(kinds_of(place, grouped=grouped))
            for kind in kinds:
                yield from self._record(inner, place.only(kind.condition), kind)
            if kinds and not grouped:
                taken.append(inner)
            for link in self.links.found if kinds else ():
                if link.rows is place:
                    self.left_out[f"{_names(inner + '/')}{link.own.at}"] = "Joins"
            self._leave(inner, place, kinds)

    def _leave(self, inner: str, place: Place, kinds: list[Kind]) -> None:
        area = area_column(place) if kinds else None
        if area is not None:
            self.left_out[f"{_names(inner + '/')}{area.at}"] = "Says who it is for"
        for kind in kinds:
            if kind.condition is not None:
                self.left_out[f"{_names(inner + '/')}{kind.condition[0]}"] = "Tells the kinds apart"

    def _record(self, inner: str, place: Place, kind: Kind) -> Iterator[str]:
        area = area_column(place)
        taken = self._joining(place) | ({area.at} if area else set())
        taken |= {column.at for column in place.columns.values() if is_number_column(column)}
        where = "/".join(map(step, inner.split("/")))
        if kind.condition is not None:
            at, value = kind.condition
            taken.add(at)
            where = f"{where}[{at}='{value}']" if "/" not in at else where
        yield f"  - concept: {kind.concept}"
        yield f"    each: {quoted(where)}"
        if kind.condition is not None and "/" in kind.condition[0]:
            yield f"    when: {{{quoted(kind.condition[0])}: {quoted(kind.condition[1])}}}"
        case = self._case_of(inner, place, taken)
        if case is not None:
            taken.add(case)
            yield f"    case: {quoted(case)}"
        names = FIELD_WORDS["of"][kind.concept]
        reserved = set(_service_columns(place)) if kind.concept == "decision" else set()
        for name, column in fields(place, names, taken | reserved):
            taken.add(column.at)
            yield from self._field(name, column, "    ")
        groups = list(self._groups(inner, place, kind.concept, taken))
        if groups:
            yield from ("    groups:", *groups)

    def _groups(self, inner: str, place: Place, concept: str, taken: set[str]) -> Iterator[str]:
        for name, words in _GROUPS.get(concept, {}).items():
            below = self._below(inner, words)
            if below is None and name == "service" and list(_service_columns(place)):
                below = (".", place)
            if below is None:
                continue
            where, rows = below
            used = set(taken) if rows is place else self._joining(rows)
            used |= {column.at for column in rows.columns.values() if is_number_column(column)}
            found = list(fields(rows, FIELD_WORDS["groups"][name], used))
            if not found:
                continue
            yield from (f"      {name}:", f"        each: {path(where)}")
            if name == "service":
                yield "        # DECIDE: what each kind of service means; what is not named cannot"
                yield "        # be judged, and out is what SVOD 1:1 does not list"
            for key, column in found:
                yield from self._field(key, column, "        ")
            for link in self.links.found:
                if link.rows is rows:
                    at = f"{_names(inner + '/' + where + '/')}{link.own.at}"
                    self.left_out[at] = "Joins"

    def _case_of(self, inner: str, place: Place, taken: set[str]) -> str | None:
        """Return the column by which a record that lies beside the cases names its own."""
        if self.case is None or inner.startswith(f"{self.case[0]}/"):
            return None
        known = set(self.case[1].values)
        fitting = [c for c in place.columns.values() if c.at not in taken and known & set(c.values)]
        words = CONCEPT_WORDS["case"]
        return next((c.at for c in fitting if any(w in plain(c.name) for w in words)), None)

    def _below(self, inner: str, words: Iterable[str]) -> tuple[str, Place] | None:
        """Return what stands within a record and is called so, itself or what holds it."""
        start = f"{inner}/" if inner else ""
        for other, found in self.links.under.items():
            within = other.startswith(start) and other != inner
            names = [*other.removeprefix(start).split("/"), *found.path.split("/")[-2:]]
            if within and found.columns and any(w in plain(n) for w in words for n in names):
                return other.removeprefix(start), found
        return None

    def _field(self, name: str, column: Column, indent: str, prefix: str = "") -> Iterator[str]:
        if name not in ("id", "text", "quantity", "century"):
            self.forms |= dict.fromkeys(column.forms() or ())
        where = quoted(self._prefixed(prefix, column.at))
        known = CODES.get(name)
        if known is None:
            yield f"{indent}{name}: {where}"
        else:
            yield f"{indent}{name}: {{from: {where}, codes: {codes(column, known)}}}  # DECIDE"


def _names(names: str) -> str:
    """Return a path of plain names, with its last slash, as a profile writes it."""
    return "".join(f"{step(each)}/" for each in names.split("/") if each)


def _service_columns(place: Place) -> Iterator[str]:
    """Yield the columns by which a decision's own row says which service it is about."""
    for column in place.columns.values():
        word = plain(column.name)
        if any(word == each or (len(each) > LONG and each in word) for each in FIELD_WORDS["type"]):
            yield column.at


def _is_act(column: Column) -> bool:
    known = sum(plain(value) in LAWS for value in column.codes)
    return known > 1 or (known == 1 == len(column.codes))


__all__ = ["Drafted"]
