"""A draft: what Reg. (EU) 2025/327 (EHDS) art. 8 would change. It is not in force.

Art. 8 lets a person restrict access to their electronic health data, and lets nobody among the
health professionals see that something has been restricted. SVOD 2:5 shows just that.
"""

# OPEN: would SVOD 3:5 (which vårdgivare has blocked, when life is in danger) survive art. 8? The
# article leaves access in the vital interest to national law. Default of the draft: it does.

from dataclasses import replace
from datetime import date

from consent.law.svod_2 import SVOD_2_5

SVOD_2_5_UNDER_EHDS = replace(
    SVOD_2_5,
    title="That a vårdgivare's data are blocked is not shown (draft, EHDS art. 8)",
    plain="att uppgifter är spärrade syns inte för någon annan (förslag, EHDS art. 8)",
    steps=(),
    in_force=date.max,
)
