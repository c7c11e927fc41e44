"""From law references as municipalities write them to the section that a service rests on."""

from datetime import date

import pytest

from mappings.source_law import OUTSIDE, section_of, under_act_of


@pytest.mark.parametrize(
    ("law", "service", "recipient", "section"),
    [
        ("11 kap. 1 § SoL (2025:400)", "home_help", "older", "SoL 8:1"),
        ("11 kap 1 § SoL", "special_housing", "older", "SoL 8:4"),
        ("SoL 11:1", "special_housing", "disability", "SoL 8:11"),
        ("SoL 11:1", "housing_support", "disability", "SoL 8:10"),
        ("SoL 11:1", "home_help", "other", OUTSIDE),
        ("11 kap. 5 § SoL", "cleaning", "older", "SoL 11:5 home_help"),
        ("11 kap. 5 § SoL", "cleaning", "disability", OUTSIDE),
        ("SoL 8:1", "home_help", "other", OUTSIDE),
        ("SoL 11:5", "escort", "older", OUTSIDE),
        ("8 kap. 1 § socialtjänstlagen", None, "older", "SoL 8:1"),
        ("12 kap. 1 § SoL (2025:400)", None, "older", OUTSIDE),
        ("SoL 12:1", "home_help", "older", OUTSIDE),
        ("4 kap. 1 § SoL (2001:453)", "home_help", "older", "SoL2001 3:6"),
        ("SoL 4:1", "special_housing", "older", "SoL2001 5:5"),
        ("4 kap. 2 a § SoL", "home_help", "older", "SoL2001 4:2 a"),
        ("5 kap. 5 § SoL 2001:453", None, "older", "SoL2001 5:5"),
        ("9 § 10 LSS", "daily_activities", "disability", "LSS 9"),
        ("LSS 9:3", None, "disability", "LSS 9"),
        ("lag (1993:387) 9 § p. 9", None, "disability", "LSS 9"),
        ("LVU 3 §", "home_help", "older", OUTSIDE),
        ("4 § LVM", "home_help", "older", OUTSIDE),
        ("SoL", "safety_alarm", "older", "SoL 8:1"),
        (None, "daily_activities", "disability", "LSS 9"),
        ("11 kap. 1 § SoL", None, "older", None),
        ("skollagen", "home_help", "older", None),
    ],
)
def test_section(law: str | None, service: str | None, recipient: str, section: str | None) -> None:
    assert section_of(law, service, recipient) == section


def test_what_was_documented_before_the_new_act_is_old_law_documentation() -> None:
    assert under_act_of("SoL 8:1", date(2025, 6, 30)) == "SoL2001 3:6"
    assert under_act_of("SoL 8:1", date(2025, 7, 1)) == "SoL 8:1"
    assert under_act_of("LSS 9", date(2020, 1, 1)) == "LSS 9"
    assert under_act_of(None, date(2020, 1, 1)) is None
