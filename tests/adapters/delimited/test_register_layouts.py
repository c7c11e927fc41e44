"""The register files' columns, place by place, against what is known of their layouts.

Source: reference/sol.md §1.4 and §5 (c_layouts.json says of each place whether it is documented).
"""

import json
from pathlib import Path

import pytest

from mappings.source_profile import load

LAYOUTS = Path(__file__).parents[4] / "shared" / "sol_samples" / "c_layouts.json"
AS_PROFILES = {
    ("khsl", "khsl1", "c1_khsl1"): ["period", "kommun", "personnummer", "fatt"],
    ("khsl", "khsl2", "c2_khsl2"): [
        *("period", "kommun", "personnummer", "nummertyp", "reserv", "datum", "kva"),
        *("yrke1", "yrke2", "yrke3", "yrke4", "yrke5"),
    ],
    ("sol_register", "sol1", "c3_sol1"): [
        *("period", "kommun", "stadsdel", "personnummer", "boendeform", "hemtjanst"),
        *("hemtjanst_timmar", "trygghetslarm", "matdistribution", "ledsagning_timmar"),
        *("avlosning_timmar", "korttid_dygn", "dagverksamhet", "boendestod_timmar", "regi"),
    ],
    ("sol_register", "sol2", "c4_sol2"): [
        *("period", "kommun", "personnummer", "insats", "from", "tom", "regi", "beslutsdatum"),
    ],
}
WORDS = {
    "kommun": "kommunkod",
    "fatt": "fatt_kommunal_hsl",
    "nummertyp": "personnummer_typ",
    "kva": "kva_kod",
    "from": "verkstalld_from",
    "tom": "verkstalld_tom",
    "hemtjanst_timmar": "hemtjanst_timmar_manad",
}


@pytest.mark.parametrize("which", AS_PROFILES, ids=[which[1] for which in AS_PROFILES])
def test_each_place_is_the_layouts(which: tuple[str, str, str]) -> None:
    if not LAYOUTS.exists():
        pytest.skip("the shared layouts are missing")
    profile, table, layout = which
    (file,) = [each for each in load(profile).files if each.table == table]
    assert list(file.columns) == AS_PROFILES[which]
    places = json.loads(LAYOUTS.read_text(encoding="utf-8"))[layout]["columns"]
    assert [each["pos"] for each in places] == list(range(1, len(file.columns) + 1))
    for column, place in zip(file.columns, places, strict=True):
        wanted = WORDS.get(column, column).rstrip("12345")
        name = place["name"].replace("yrkeskod_", "yrke").rstrip("12345")
        assert name.startswith(wanted), (place["pos"], column, place["name"])


def test_the_lss_form_has_every_documented_heading() -> None:
    """Personkrets, assistance, escort, contact, relief, short stays, housing, daily activities."""
    written = repr(load("lss").document)
    for heading in (
        *("personnummer", "personkrets", "personlig_assistans", "ledsagarservice"),
        *("kontaktperson", "avlosarservice", "korttidsvistelse", "korttidstillsyn"),
        *("boende_barn", "boende_vuxna", "boendekommun", "daglig_verksamhet"),
    ):
        assert heading in written
