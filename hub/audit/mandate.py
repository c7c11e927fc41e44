"""Which records somebody may read in the log, and which parts of each.

Source: PDL 4:3, SVOD 4:4 (an organisation reviews its own staff and the access to its own data),
PDL 8:5, SVOD 4:2, 4:5 (the person: every access to their own data), OSL 25:2 (what another owner
gave is that owner's). Whoever reads about an access to another's data does not learn from the log
what that other holds: the record is shown with the parts of it that concern them. What is nobody
else's to review (a token that no issuer signed, an act of the hub's own operator) is the
operator's (docs/decisions/0019).
"""

from dataclasses import dataclass, replace

from hub.audit.record import AccessRecord

HUB = "samvy"
"""Stands for whoever runs the hub, where a record concerns no organisation."""
OPERATOR = "os:"
"""Stands before the name of an operating system's account: no HSA id and no person's own key."""


def acted(organisation: str | None, user: str | None, person: str | None) -> str | None:
    """Return whose act a record is: an organisation's, the operator's, or None: the person's."""
    if organisation is not None:
        return organisation
    return HUB if person is None or (user or "").startswith(OPERATOR) else None


@dataclass(frozen=True, slots=True)
class Mandate:
    """A log reader's mandate: organisations, or one person by every key that is linked to them.

    The organisations are an auditor's own and those that an authority supervises; `HUB` among them
    where it runs the hub.
    """

    organisations: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()

    @property
    def readers(self) -> tuple[str, ...]:
        """Return under whom the log has filed what may be read; none: nothing is found."""
        return tuple(sorted(self.persons or self.organisations))

    def covers(self, record: AccessRecord) -> bool:
        """Tell whether the record may be read at all."""
        if record.person is not None and record.person in self.persons:
            return True
        concerned = {
            *(shown.owner for shown in record.shown),
            *(name for rung in record.rungs for name in rung.organisations),
        } - {HUB}
        return bool((concerned | {_acted(record)}) & self.organisations)

    def part_of(self, record: AccessRecord) -> AccessRecord:
        """Return what of a record that is covered may be read.

        The reader's own organisation and the person read all of it. An owner whose data were read
        elsewhere reads who, when, why and what of its own, and nothing of other owners.
        """
        whole = _acted(record) in self.organisations or record.person in self.persons
        if whole:
            return record
        return replace(
            record,
            shown=tuple(each for each in record.shown if each.owner in self.organisations),
            rungs=tuple(
                replace(
                    rung,
                    organisations=tuple(n for n in rung.organisations if n in self.organisations),
                )
                for rung in record.rungs
                if set(rung.organisations) & self.organisations
            ),
            query=None,
            session=None,
            token=None,
        )


def _acted(record: AccessRecord) -> str | None:
    return acted(record.organisation, record.user, record.person)
