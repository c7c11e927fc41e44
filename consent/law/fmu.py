"""FMU (2018:744): the wall around an insurance-medical investigation, seen from inside it."""

from datetime import date

from consent.condition import unless
from consent.item import anothers, own_as_vardgivare, own_unit_or_process
from consent.law.operations import STAFFS
from consent.reader import for_fmu, is_omsorgspersonal, is_vardpersonal
from consent.section import Section, gate

FMU_13 = Section(
    "FMU 13",
    "Who works in an investigation reads only what the investigation's own unit or process holds",
    "den som arbetar i en försäkringsmedicinsk utredning läser bara det som utredningen själv har",
    (
        gate(
            own_unit_or_process,
            applies=[own_as_vardgivare, for_fmu],
            of=STAFFS,
            also=("PDL 4:2",),
        ),
        gate(
            unless(for_fmu),
            applies=[anothers, is_vardpersonal],
            of=STAFFS,
            also=("SVOD 3:1", "SVOD 3:7"),
        ),
        # The third paragraph is silent about who reads as an omsorgsgivare; an investigation is no
        # service under SVOD 1:1, so that nothing is open either way, and this says why.
        gate(
            unless(for_fmu),
            applies=[unless(own_as_vardgivare), is_omsorgspersonal],
            of=STAFFS,
            also=("SVOD 3:2", "SVOD 3:7"),
        ),
    ),
    in_force=date(2019, 1, 1),
)
