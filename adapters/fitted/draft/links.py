"""Which tables of an unknown export belong under which: columns that name another's rows."""

from dataclasses import dataclass, field

from adapters.fitted.draft.person import FoundPerson, is_number_column
from adapters.fitted.draft.shape import Column, Place, Shape
from adapters.fitted.words import FIELD_WORDS, plain

_MOST_FOUND = 0.8
_ENOUGH = 1


@dataclass(frozen=True, slots=True)
class Link:
    """Rows of a place name rows of another by equal values."""

    rows: Place
    under: Place
    own: Column
    there: Column


@dataclass(slots=True)
class Links:
    """The links of an export, and the places that stand under a person, with their paths there."""

    shape: Shape
    person: FoundPerson
    found: list[Link] = field(default_factory=list)
    under: dict[str, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the links, from the person outwards."""
        home = self.person.place.path
        if self.person.grouped:
            self.under = {home: self.person.place}
        self.under |= {p.path.removeprefix(f"{home}/"): p for p in self.shape.within(home)}
        if self.person.grouped:
            return
        reached = {home: "", **{p.path: inner for inner, p in self.under.items()}}
        waiting = [p for p in self.shape.places.values() if p.path not in reached and _is_table(p)]
        while waiting:
            best = max(
                ((self._best(place, reached), place) for place in waiting),
                key=lambda each: each[0][0],
            )
            (score, link), place = best
            if score < _ENOUGH or link is None:
                return
            waiting = [
                p for p in waiting if p is not place and not p.path.startswith(f"{place.path}/")
            ]
            self.found.append(link)
            around = reached[link.under.path]
            inner = f"{around}/{place.last}" if around else place.last
            reached[place.path] = inner
            self.under[inner] = place
            for below in self.shape.within(place.path):
                rest = below.path.removeprefix(f"{place.path}/")
                reached[below.path] = self_path = f"{inner}/{rest}"
                self.under[self_path] = below

    def _best(self, place: Place, reached: dict[str, str]) -> tuple[int, Link | None]:
        best: tuple[int, Link | None] = (0, None)
        for path in reached:
            other = self.shape.places[path]
            for own in place.columns.values():
                for there in other.columns.values():
                    score = _score(place, other, own, there)
                    if score > best[0]:
                        best = (score, Link(place, other, own, there))
        return best


def _is_table(place: Place) -> bool:
    return not place.holds_only


def _score(rows: Place, under: Place, own: Column, there: Column) -> int:
    """Return how likely it is that a column names another's rows."""
    known = set(there.values)
    if len(known) < len(there.values) or len(known) < len(under.rows) or own.forms() == ():
        return 0
    met = sum(value in known for value in own.values)
    if not met or met < _MOST_FOUND * len(own.values) or own.at.count("/") > there.at.count("/"):
        return 0
    mine, theirs, table = plain(own.name), plain(there.name), plain(under.last)
    ids = FIELD_WORDS["id"]
    score = 1 if is_number_column(there) else 0
    score += 3 if mine == theirs and mine not in ids else 0
    score += (
        2
        if len(table) > _ENOUGH and (table[:4] in mine or mine.rstrip("idnrkey") in table[:9])
        else 0
    )
    score += 1 if mine[:1] == table[:1] and mine not in ids else 0
    score += 1 if theirs in ids or theirs.endswith(("id", "nr", "key")) else 0
    if mine in ids or (mine == theirs and _is_own_key(rows, own)):
        score -= 4
    return score


def _is_own_key(rows: Place, own: Column) -> bool:
    return plain(own.name).startswith(plain(rows.last)[:3]) and len(set(own.values)) == len(
        rows.rows
    )
