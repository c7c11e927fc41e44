"""SoLPuL (2001:454): what an omsorgsgivare's own staff and systems process."""

from datetime import date

from consent.condition import both, either, unless
from consent.facts import Operation
from consent.item import held_as_service, own_as_omsorgsgivare, own_system
from consent.law.operations import SEARCH
from consent.operation import across_persons, target_is_outer
from consent.reader import for_own_lawful_purpose, for_service, is_omsorgspersonal
from consent.section import Opens, Section, gate, opens

SOLPUL_6 = Section(
    "SoLPuL 6",
    "An omsorgsgivare processes its own data; the person cannot block inside it",
    "omsorgsgivaren använder egna uppgifter, och en inre spärr finns inte där",
    (
        opens(
            Opens.CONTENT,
            either(for_service, for_own_lawful_purpose),
            applies=[own_as_omsorgsgivare],
        ),
        opens(Opens.CONTENT, held_as_service, applies=[own_system]),
        gate(
            target_is_outer,
            applies=[held_as_service],
            of={Operation.BLOCK},
            also=("SVOD 2:3", "PDL 4:4"),
        ),
    ),
    in_force=date(2001, 10, 1),
)
SOLPUL_7_A = Section(
    "SoLPuL 7 a",
    "Nobody searches across persons in documentation of social care",
    "ingen söker över flera personer i socialtjänstens dokumentation",
    (
        gate(
            unless(across_persons),
            applies=[
                across_persons,
                either(is_omsorgspersonal, both(own_system, held_as_service)),
            ],
            of=SEARCH,
        ),
    ),
    in_force=date(2001, 10, 1),
)
