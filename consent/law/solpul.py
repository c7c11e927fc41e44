"""SoLPuL (2001:454): what an omsorgsgivare's own staff and systems process."""

from datetime import date

from consent.condition import either
from consent.item import held_as_service, own_as_omsorgsgivare, own_system
from consent.reader import for_own_lawful_purpose, for_service
from consent.section import Opens, Section, opens

SOLPUL_6 = Section(
    "SoLPuL 6",
    "An omsorgsgivare processes its own data; the person cannot block inside it",
    (
        opens(
            Opens.CONTENT,
            either(for_service, for_own_lawful_purpose),
            applies=[own_as_omsorgsgivare],
        ),
        opens(Opens.CONTENT, held_as_service, applies=[own_system]),
    ),
    in_force=date(2001, 10, 1),
)
