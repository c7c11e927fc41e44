"""SoL: documentation of social care is for those who work with the person's case.

The duty moved with the new act: SoL (2001:453) 11:5 until, SoL (2025:400) 14:7 from 2025-07-01.
"""

from datetime import date

from consent.item import own_as_omsorgsgivare
from consent.law.operations import STAFFS
from consent.law.svod_1 import NEW_SOL
from consent.reader import takes_part
from consent.section import Section, gate

SECRECY = ("OSL 26:1",)
TITLE = "Only those who work with the person's case or service reach what is documented"

SOL_14_7 = Section(
    "SoL 14:7",
    TITLE,
    "socialtjänstens dokumentation är för dem som arbetar med ärendet",
    (gate(takes_part, applies=[own_as_omsorgsgivare], of=STAFFS, also=SECRECY),),
    in_force=NEW_SOL,
)
SOL_2001_11_5 = Section(
    "SoL 11:5",
    TITLE,
    "socialtjänstens dokumentation är för dem som arbetar med ärendet",
    (gate(takes_part, applies=[own_as_omsorgsgivare], of=STAFFS, also=SECRECY),),
    in_force=date(2002, 1, 1),
    until=NEW_SOL,
)
