"""Facts drawn at random, for properties of storing and reading them."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import TypeVar

from hypothesis import strategies as st

from consent.facts import (
    Assessment,
    Facts,
    Lift,
    Person,
    Relation,
    Samtycke,
    Sparr,
)
from consent.period import Period

T = TypeVar("T")
INSTANTS = st.datetimes(
    datetime(1800, 1, 1),  # noqa: DTZ001 - hypothesis wants it naive and adds the zone
    datetime(2999, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
PERIODS = st.builds(Period, st.none() | INSTANTS, st.none() | INSTANTS)

for _kind, _strategy in ((datetime, INSTANTS), (Period, PERIODS), (str, NAMES)):
    st.register_type_strategy(_kind, _strategy)


def every_field(kind: type[T], **given: st.SearchStrategy[object]) -> st.SearchStrategy[T]:
    """Values of a dataclass in which also the fields that have a default are drawn."""
    drawn = {field.name: given.get(field.name, ...) for field in fields(kind)}  # type: ignore[arg-type]
    return st.builds(kind, **drawn)


FACTS = st.builds(
    Facts,
    organisations=st.just({}),
    person=every_field(Person, age=st.integers(0, 130)),
    relations=st.lists(every_field(Relation), max_size=4).map(tuple),
    consents=st.lists(every_field(Samtycke), max_size=4).map(tuple),
    blocks=st.lists(every_field(Sparr), max_size=4, unique_by=lambda each: each.id).map(tuple),
    lifts=st.lists(every_field(Lift), max_size=4).map(tuple),
    assessments=st.lists(every_field(Assessment), max_size=4).map(tuple),
)
