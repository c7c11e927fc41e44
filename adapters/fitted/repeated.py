"""Persons who stand several times in one delivery, such as under each authority that knows them."""

from collections.abc import Iterable

from adapters.fitted.headers import identity_of
from adapters.fitted.reading import Reading
from adapters.fitted.row_index import RowIndex
from mappings.source_node import SourceNode
from mappings.source_profile import SourceProfile

SHORT = 10
"""Digits without the century, which an authority may leave out."""


class Repeated:
    """Learns the persons of a delivery, and tells whose number stands at another one too."""

    def __init__(self, index: RowIndex, profile: SourceProfile, top: SourceNode) -> None:
        self._index = index
        self._reading = Reading(profile, top)

    def learn(self, person: SourceNode) -> None:
        """Note a person's number."""
        number = self._number(person)
        if number is not None:
            self._index.number(number)

    def several(self, person: SourceNode) -> bool:
        """Tell whether another person has the same number."""
        number = self._number(person)
        return number is not None and self._index.several(number)

    def _number(self, person: SourceNode) -> str | None:
        identity = identity_of(self._reading, person)
        if identity is None:
            return None
        return "".join(sign for sign in identity.value if sign.isalnum())[-SHORT:]


def repeated(
    top: SourceNode, persons: Iterable[SourceNode], profile: SourceProfile
) -> set[SourceNode]:
    """Return the persons whose number stands at another one too."""
    among = list(persons)
    known = Repeated(RowIndex(), profile, top)
    for person in among:
        known.learn(person)
    return {person for person in among if known.several(person)}
