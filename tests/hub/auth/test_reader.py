from dataclasses import replace
from datetime import timedelta

import pytest
from auth_tokens import IDP, KEY, NOON, OTHER, built_in, claims, external, signed

from consent.facts import Capacity, Purpose
from consent.period import Period, period
from hub.auth import claims as names
from hub.auth.built_in import TokenRequest, UnusableTokenRequestError, issue_token
from hub.auth.reader import Caller, caller_of
from hub.auth.refused import Reason, TokenRefused
from hub.auth.verify import Verifier
from hub.config.organisation import Assignment, StaffMember
from hub.store.directory import Directory

DAY = timedelta(days=1)
CARE = Assignment(
    "a1",
    Capacity.VARDPERSONAL,
    unit="Medicine",
    process="stroke",
    purposes=frozenset({Purpose.VARD, Purpose.KVALITET}),
    period=Period(NOON - DAY, NOON + DAY),
)
NURSE = TokenRequest("N1", "RegionA", Capacity.VARDPERSONAL, unit="Medicine")


def _directory(*assignments: Assignment) -> Directory:
    return Directory(staff={("RegionA", "N1"): StaffMember("N1", None, assignments)})


def _caller(
    asked: TokenRequest, directory: Directory | None = None, after: timedelta = timedelta()
) -> Caller:
    token = issue_token(KEY, replace(asked, minutes=7 * 24 * 60), NOON)
    verified = Verifier([built_in()]).verify(token, NOON + after)
    return caller_of(verified, _directory(CARE) if directory is None else directory, NOON + after)


def test_staff_reads_under_an_assignment_that_the_directory_has() -> None:
    caller = _caller(NURSE)
    assert (caller.user, caller.organisation, caller.unit) == ("N1", "RegionA", "Medicine")
    assert caller.capacity is Capacity.VARDPERSONAL
    assert caller.purpose is Purpose.VARD
    assert caller.assignment == "a1"
    assert caller.process == "stroke"
    assert caller.assignment_valid
    assert caller.strong_auth
    assert caller.allows("Observation", "search")
    assert len(caller.token_id) <= 64


def test_an_assignment_counts_until_the_instant_that_it_ends() -> None:
    before = DAY - timedelta(microseconds=1)
    assert _caller(NURSE, after=before).assignment_valid
    assert not _caller(NURSE, after=DAY).assignment_valid
    future = replace(CARE, period=period(NOON + timedelta(seconds=1), None))
    assert not _caller(NURSE, _directory(future)).assignment_valid


@pytest.mark.parametrize(
    "asked",
    [
        replace(NURSE, user="N2"),
        replace(NURSE, organisation="RegionB"),
        replace(NURSE, unit="Surgery"),
        replace(NURSE, as_=Capacity.OMSORGSPERSONAL),
        replace(NURSE, as_=Capacity.OFFICER),
        replace(NURSE, as_=Capacity.AUDITOR),
        replace(NURSE, purpose=Purpose.FORSKNING),
        replace(NURSE, commission="a2"),
        replace(NURSE, as_=Capacity.OTHER),
        replace(NURSE, as_=Capacity.GUARDIAN),
    ],
)
def test_what_the_directory_does_not_bear_out_is_no_assignment(asked: TokenRequest) -> None:
    assert not _caller(asked).assignment_valid


def test_another_purpose_has_to_be_allowed_too() -> None:
    caller = _caller(NURSE)
    assert caller.valid_for(Purpose.KVALITET)
    assert not caller.valid_for(Purpose.FORSKNING)
    assert not caller.valid_for(None)


def test_of_several_assignments_the_one_that_fits_best_is_meant() -> None:
    ended = replace(CARE, id="a0", period=Period(None, NOON))
    other = replace(CARE, id="a2", purposes=frozenset({Purpose.KVALITET}))
    found = _directory(ended, other, CARE)
    assert _caller(NURSE, found).assignment == "a1"
    assert _caller(replace(NURSE, commission="a2"), found).assignment == "a2"
    assert not _caller(replace(NURSE, commission="a2"), found).assignment_valid
    elsewhere = replace(CARE, id="a3", unit="Surgery")
    assert _caller(replace(NURSE, unit=None), _directory(elsewhere)).unit == "Surgery"


def test_a_system_needs_no_assignment() -> None:
    caller = _caller(TokenRequest("S1", "RegionA", Capacity.SYSTEM), Directory())
    assert caller.assignment_valid
    assert caller.allows("Observation", "create")
    assert caller.assignment is None


def test_an_individual_is_known_by_their_number_and_belongs_to_nobody() -> None:
    asked = TokenRequest("W1", "RegionA", Capacity.INDIVIDUAL, person="19121212-1212")
    caller = _caller(asked, Directory())
    assert caller.person is not None
    assert caller.person.value == "191212121212"
    assert caller.organisation is None
    assert caller.purpose is Purpose.EGEN
    assert caller.allows("Observation", "read")
    assert not caller.allows("Observation", "create")
    assert "1912" not in repr(caller)


def test_a_token_for_an_individual_needs_a_person() -> None:
    with pytest.raises(UnusableTokenRequestError, match="add --person"):
        _caller(TokenRequest("W1", "RegionA", Capacity.INDIVIDUAL))
    with pytest.raises(TokenRefused) as caught:
        _caller(TokenRequest("W1", "RegionA", Capacity.INDIVIDUAL, person="nobody"))
    assert caught.value.reason is Reason.CLAIMS


def test_a_scope_of_another_level_grants_nothing() -> None:
    assert not _caller(replace(NURSE, scope="system/*.cruds")).allows("Observation", "read")
    bound = _caller(replace(NURSE, scope="patient/*.rs", person="191212121212"))
    assert bound.allows("Observation", "read")
    assert not _caller(replace(NURSE, scope="patient/*.rs")).allows("Observation", "read")


def test_another_issuer_is_not_believed_about_capacity() -> None:
    body = claims(
        iss=IDP,
        aud="urn:hub",
        scope="system/*.cruds user/*.rs",
        acr=names.LOA3,
        **{
            names.CAPACITY: "system",
            names.PURPOSE: "forskning",
            names.PERSON: "191212121212",
            names.EMPLOYEE: "N1",
            names.PROVIDER: "RegionA",
            names.UNIT: "Medicine",
            names.COMMISSION: "a1",
            names.COMMISSION_PURPOSE: "Vård och behandling",
        },
    )
    verified = Verifier([external()]).verify(signed(body, key=OTHER, kid="ec"), NOON)
    caller = caller_of(verified, _directory(CARE), NOON)
    assert caller.capacity is Capacity.VARDPERSONAL
    assert caller.purpose is Purpose.VARD
    assert caller.person is None
    assert caller.assignment_valid
    assert not caller.allows("Observation", "create")
    unknown = caller_of(verified, Directory(), NOON)
    assert unknown.capacity is Capacity.OTHER
    assert not unknown.assignment_valid


@pytest.mark.parametrize(
    "changes",
    [
        {names.PROVIDER: None},
        {names.PROVIDER: 7},
        {names.PROVIDER: "x" * 65},
        {names.EMPLOYEE: ["N1", "N2"]},
        {names.CAPACITY: "chief"},
        {names.CAPACITY: None, names.EMPLOYEE: None},
        {names.PURPOSE: "curiosity"},
        {names.PERSON: "42"},
        {names.UNIT: "a\nb"},
        {"scope": {"a": 1}},
        {"acr": 3},
    ],
)
def test_claims_that_do_not_say_who_asks_are_refused(changes: dict[str, object]) -> None:
    usual: dict[str, object] = {
        names.CAPACITY: "vardpersonal",
        names.EMPLOYEE: "N1",
        names.PROVIDER: "RegionA",
    }
    body = claims(**(usual | changes))
    verified = Verifier([built_in()]).verify(signed(body), NOON)
    with pytest.raises(TokenRefused) as caught:
        caller_of(verified, _directory(CARE), NOON)
    assert caught.value.reason is Reason.CLAIMS


def test_a_weak_log_in_is_known_as_one() -> None:
    body = claims(
        acr="http://id.sambi.se/loa/loa2",
        **{names.CAPACITY: "vardpersonal", names.EMPLOYEE: "N1", names.PROVIDER: "RegionA"},
    )
    verified = Verifier([built_in()]).verify(signed(body), NOON)
    assert not caller_of(verified, _directory(CARE), NOON).strong_auth


@pytest.mark.parametrize("minutes", [0, -1, 366 * 24 * 60])
def test_a_lifetime_that_cannot_be_meant_is_refused(minutes: int) -> None:
    with pytest.raises(UnusableTokenRequestError, match="--minutes"):
        issue_token(KEY, replace(NURSE, minutes=minutes), NOON)


def test_a_scope_that_grants_nothing_is_refused_when_asked_for() -> None:
    with pytest.raises(UnusableTokenRequestError, match="--scope"):
        issue_token(KEY, replace(NURSE, scope="user/Observation.read"), NOON)
