"""Persons who stand several times in one delivery, such as under each authority that knows them."""

from collections import Counter
from collections.abc import Iterable

from adapters.fitted.headers import identity_of
from adapters.fitted.reading import Reading
from mappings.source_node import SourceNode
from mappings.source_profile import SourceProfile

SHORT = 10
"""Digits without the century, which an authority may leave out."""


def repeated(
    top: SourceNode, persons: Iterable[SourceNode], profile: SourceProfile
) -> set[SourceNode]:
    """Return the persons whose number stands at another one too."""
    reading = Reading(profile, top)
    numbers = {
        person: "".join(sign for sign in identity.value if sign.isalnum())[-SHORT:]
        for person in persons
        if (identity := identity_of(reading, person)) is not None
    }
    times = Counter(numbers.values())
    return {person for person, number in numbers.items() if times[number] > 1}
