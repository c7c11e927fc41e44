"""A draft: what Reg. (EU) 2025/327 (EHDS) art. 8 would change. It is not in force.

Art. 8 lets a person restrict access to their electronic health data, and lets nobody among the
health professionals see that something has been restricted. SVOD 2:5 and PDL 4:4 show just that.
"""

# OPEN: would SVOD 3:5 (which vårdgivare has blocked, when life is in danger) and PDL 4:5 survive
# art. 8? The article leaves access in the vital interest to national law. In the draft `ehds` both
# do, and a unit is named where its block has been lifted or may be asked to be; in `ehds_strict`
# nobody learns who has blocked before it has been lifted.

from dataclasses import replace
from datetime import date

from consent.condition import either, unless
from consent.item import own_unit_or_process
from consent.law.pdl_4 import INNER_BLOCKED, PDL_4_4, PDL_4_5, needed_without_consent
from consent.law.svod_2 import SVOD_2_5
from consent.law.svod_3 import SVOD_3_5
from consent.reader import for_care, looks_beyond
from consent.section import Opens, opens
from consent.sparr import every_inner_block_lifted, inner_lifted_without_consent

SVOD_2_5_UNDER_EHDS = replace(
    SVOD_2_5,
    title="That a vårdgivare's data are blocked is not shown (draft, EHDS art. 8)",
    plain="att uppgifter är spärrade syns inte för någon annan (förslag, EHDS art. 8)",
    steps=(),
    in_force=date.max,
)
PDL_4_4_UNDER_EHDS = replace(
    PDL_4_4,
    title="That another unit's data are blocked is not shown (draft, EHDS art. 8)",
    plain="en inre spärr stänger uppgifterna, och att den finns syns inte (förslag, EHDS art. 8)",
    steps=(
        *(step for step in PDL_4_4.steps if step.opens is not Opens.I0),
        opens(
            Opens.I0,
            for_care,
            either(own_unit_or_process, looks_beyond),
            every_inner_block_lifted,
            applies=INNER_BLOCKED,
        ),
    ),
    in_force=date.max,
)
SVOD_3_5_UNDER_EHDS_STRICT = replace(
    SVOD_3_5,
    title="Which vårdgivare has blocked is not shown either (strict draft, EHDS art. 8)",
    plain="vem som har spärrat syns inte heller i en nödsituation (strängt förslag, EHDS art. 8)",
    steps=tuple(step for step in SVOD_3_5.steps if step.opens is not Opens.B1),
    in_force=date.max,
)
PDL_4_5_UNDER_EHDS_STRICT = replace(
    PDL_4_5,
    title="A unit whose block has not been lifted is not named (strict draft, EHDS art. 8)",
    plain="en enhet som har spärrat nämns inte förrän spärren är hävd (strängt förslag)",
    steps=(
        opens(
            Opens.I1,
            for_care,
            either(own_unit_or_process, looks_beyond),
            every_inner_block_lifted,
            either(unless(inner_lifted_without_consent), needed_without_consent),
            applies=INNER_BLOCKED,
        ),
        *(step for step in PDL_4_5.steps if step.opens is not Opens.I1),
    ),
    in_force=date.max,
)
