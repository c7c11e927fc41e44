"""FMU (2018:744): the wall around an insurance-medical investigation, seen from inside it."""

from datetime import date

from consent.condition import both
from consent.item import own_as_vardgivare, own_unit_or_process
from consent.law.operations import STAFFS
from consent.reader import for_fmu, is_staff
from consent.section import Section, gate

FMU_13 = Section(
    "FMU 13",
    "Who works in an investigation reads only what the investigation's own unit or process holds",
    "den som arbetar i en försäkringsmedicinsk utredning läser bara det som utredningen själv har",
    (gate(both(own_as_vardgivare, own_unit_or_process), applies=[is_staff, for_fmu], of=STAFFS),),
    in_force=date(2019, 1, 1),
)
