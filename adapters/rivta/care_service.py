"""Whose documentation a record of GetCareServices is: health care's or social care's.

The kommun is vardgivare for home health care (HSJV); what else the contract knows is the namnd's as
omsorgsgivare. The contract names no section: the one that such a service rests on stands here, by
the act in force when it was recorded.

Source: sol.md §1.5 (codes), SVOD 1:1 (services that the act lists), SoL (2025:400) and (2001:453).
"""

from datetime import datetime

from msgspec.structs import replace

from adapters.document import AccessHeader, Note
from mappings.local_time import STOCKHOLM

NEW_ACT = datetime(2025, 7, 1, tzinfo=STOCKHOLM)
SECTIONS = {
    "HTJ": ("SoL 8:1", "SoL2001 3:6"),
    "SVTJ": ("SoL 11:5 home_help", "SoL2001 4:2 a home_help"),
    "SÄBO": ("SoL 8:4", "SoL2001 5:5"),
}


def with_regime(
    header: AccessHeader, kind: str | None, place: str
) -> tuple[AccessHeader, list[Note]]:
    """Return the header with the act that a kind of service is given under, and what is odd."""
    if kind == "HSJV":
        return header, []
    if kind == "LSS":
        return replace(header, regime="LSS", service="LSS 9"), []
    if kind not in SECTIONS:
        note = Note(
            "error",
            "unknown-care-service",
            place,
            "the kind of service is none of HSJV, HTJ, SVTJ, SÄBO and LSS, so that nobody can tell "
            "which act it is under; correct it at the source",
        )
        return replace(header, regime="unknown"), [note]
    new, old = SECTIONS[kind]
    earlier = header.date_from is not None and header.date_from < NEW_ACT
    return replace(header, regime="SoL", service=old if earlier else new), []
