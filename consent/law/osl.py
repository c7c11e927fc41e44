"""OSL 12 kap.: secrecy towards the individual, and who disposes over it for a child."""

from datetime import date

from consent.facts import READING
from consent.law.svod_1 import LOG
from consent.reader import guardian_may_see, is_guardian
from consent.section import Section, gate

OSL_12_3 = Section(
    "OSL 12:3",
    "Secrecy holds towards a child's guardian, who sees only where the child's age allows it",
    "sekretess gäller också mot vårdnadshavaren, utom där barnets ålder medger insyn",
    (gate(guardian_may_see, applies=[is_guardian], of=READING | LOG),),
    in_force=date(2009, 6, 30),
)
