"""Person numbers in every form that sources write them, in one form."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from personnummer import personnummer as checked

from mappings.personal_identity import (
    NATIONELLT_RESERVNUMMER,
    PERSONNUMMER,
    SAMORDNINGSNUMMER,
    NotAnIdentity,
    normalise,
)

TODAY = date(2026, 3, 2)
PNR = "1.2.752.129.2.1.3.1"
SAM = "1.2.752.129.2.1.3.3"


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("193803142383", PNR, "193803142383"),
        ("19380314-2383", PNR, "193803142383"),
        (" 19380314 2383 ", None, "193803142383"),
        ("193803142383", "?", "193803142383"),
        ("193803142383", "urn:oid:" + PNR, "193803142383"),
        ("193803142383", PERSONNUMMER, "193803142383"),
        ("380314-2383", "pnr", "193803142383"),
        ("3803142383", PNR, "193803142383"),
        # Two centuries are possible: the latest that is not in the future.
        ("160229-2388", PNR, "201602292388"),
        ("260302-2386", PNR, "202603022386"),
        ("260303-2385", PNR, "192603032385"),
        ("160229+2388", PNR, "191602292388"),
        ("260302+2386", PNR, "192603022386"),
        ("270101+2380", PNR, "182701012380"),
    ],
)
def test_personnummer(written: str, kind: str | None, value: str) -> None:
    found = normalise(written, kind, TODAY)
    assert (found.system, found.value) == (PERSONNUMMER, value)


@pytest.mark.parametrize(
    ("written", "kind", "warned"),
    [
        ("197010632391", SAM, False),
        ("19701063-2391", PNR, True),
        ("701063-2391", None, False),
        ("197000602386", SAM, False),
    ],
)
def test_coordination_number(written: str, kind: str | None, warned: bool) -> None:  # noqa: FBT001
    found = normalise(written, kind, TODAY)
    assert found.system == SAMORDNINGSNUMMER
    assert ("wrong-kind" in found.warnings) is warned


def test_personnummer_said_to_be_a_coordination_number() -> None:
    found = normalise("193803142383", SAM, TODAY)
    assert found.system == PERSONNUMMER
    assert "wrong-kind" in found.warnings


@pytest.mark.parametrize(
    ("written", "kind", "system", "value"),
    [
        ("22TESTA12345", "1.2.752.74.9.1", NATIONELLT_RESERVNUMMER, "22TESTA12345"),
        ("99-1234-ab12", "1.2.752.97.3.1.3", "urn:oid:1.2.752.97.3.1.3", "991234AB12"),
        (
            "SE2329999990-SYS1.77",
            "1.2.752.129.2.1.2.1",
            "urn:oid:1.2.752.129.2.1.2.1",
            "SE2329999990SYS1.77",
        ),
    ],
)
def test_reserve_number(written: str, kind: str, system: str, value: str) -> None:
    found = normalise(written, kind, TODAY)
    assert (found.system, found.value, found.warnings) == (system, value, ())


@pytest.mark.parametrize(
    ("written", "warnings"),
    [
        ("193803142384", ("failed-checksum", "test-number")),
        ("191212121212", ("test-number",)),
        ("195001019985", ("failed-checksum", "test-number")),
        ("380314-2383", ("guessed-century", "test-number")),
    ],
)
def test_what_is_odd_is_a_warning(written: str, warnings: tuple[str, ...]) -> None:
    assert normalise(written, PNR, TODAY).warnings == warnings


@pytest.mark.parametrize(
    "written",
    [
        "",
        "?",
        "0",
        "000000000000",
        "N/A",
        "12345",
        "19381314-2383",
        "193802302383",
        "2999010123",
        "299901012380",
        "150001012380",
        "1938031423838",
        "abc",
        "193803142383 och",
    ],
)
def test_what_identifies_nobody(written: str) -> None:
    with pytest.raises(NotAnIdentity) as caught:
        normalise(written, PNR, TODAY)
    assert caught.value.reason
    if len(written) > 4:
        assert written not in caught.value.reason


@pytest.mark.parametrize("written", ["<script>", "", "a", "1'; drop"])
def test_what_is_no_reserve_number(written: str) -> None:
    with pytest.raises(NotAnIdentity):
        normalise(written, "1.2.752.97.3.1.3", TODAY)


def test_all_forms_of_a_number_are_one_person() -> None:
    forms = ("193803142383", "19380314-2383", "380314-2383", "3803142383", " 380314 2383")
    assert len({normalise(form, PNR, TODAY).value for form in forms}) == 1


TEST_SERIALS = st.sampled_from(["238", "239", *(str(serial) for serial in range(980, 1000))])


@given(st.dates(date(1900, 1, 1), TODAY), TEST_SERIALS, st.integers(0, 9))
def test_the_check_digit_is_that_of_luhn(born: date, serial: str, check: int) -> None:
    nine = f"{born:%y%m%d}{serial}"
    found = normalise(f"{born:%Y%m%d}{serial}{check}", PNR, TODAY)
    assert ("failed-checksum" in found.warnings) == (checked._luhn(nine) != check)


def test_digits_of_another_script_are_worth_what_they_say() -> None:
    number = "193803142383".translate({ord("0") + digit: 0x660 + digit for digit in range(10)})
    assert "failed-checksum" not in normalise(number, PNR, TODAY).warnings


@pytest.mark.parametrize("year", [0, 1799, 1800, 1900, 2000, 2023, 2024, 2027, 2028, 9999])
def test_only_days_that_exist_are_birth_dates(year: int) -> None:
    for month in range(14):
        for day in range(33):
            try:
                exists = bool(date(year, month, day)) and 1800 <= year <= TODAY.year + 1
            except ValueError:
                exists = False
            try:
                normalise(f"{year:04}{month:02}{day:02}9802", PNR, TODAY)
            except NotAnIdentity:
                assert not exists
            else:
                assert exists
