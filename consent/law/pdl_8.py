"""PDL 8 kap.: what a vardgivare tells the patient about the access to their data."""

from consent.facts import Operation
from consent.item import held_as_care
from consent.law.pdl_4 import PDL
from consent.reader import is_individual_or_guardian
from consent.section import Section, allows

PDL_8_5 = Section(
    "PDL 8:5",
    "A vårdgivare tells the patient on request what access there has been",
    "vårdgivaren berättar på begäran vilka som har tagit del av uppgifterna",
    (allows(Operation.LOG_EXTRACT, is_individual_or_guardian, applies=[held_as_care]),),
    in_force=PDL,
)
