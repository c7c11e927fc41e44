"""Every claim of Inera's IdP, in each form that it comes in and in those that it must not have."""

from dataclasses import replace

import pytest
from auth_tokens import IDP, NOON, OTHER, claims, external, signed

from consent.facts import Capacity, Purpose
from hub.auth import claims as names
from hub.auth.commission_right import Right
from hub.auth.issuer import TrustedIssuer
from hub.auth.reader import Caller, caller_of
from hub.auth.refused import AssignmentRefused, Reason, TokenRefused
from hub.auth.verify import Verifier
from hub.config.issuer import SpeaksFor
from hub.config.organisation import Assignment, StaffMember
from hub.store.directory import Directory

NUMBER = "191212121212"
WARD = Assignment("a1", Capacity.VARDPERSONAL, "Medicine", purposes=frozenset({Purpose.VARD}))
SURGERY = Assignment("a2", Capacity.VARDPERSONAL, "Surgery", purposes=frozenset({Purpose.VARD}))
DIRECTORY = Directory(staff={("RegionA", "N1"): StaffMember("N1", None, (WARD, SURGERY))})
COMMISSION: dict[str, object] = {
    names.COMMISSION: "a1",
    names.COMMISSION_PURPOSE: "Vård och behandling",
    names.UNIT: "Medicine",
    names.PROVIDER: "RegionA",
}
STAFF: dict[str, object] = {names.EMPLOYEE: "N1", "acr": names.LOA3, **COMMISSION}


def _caller(
    changes: dict[str, object], chosen: str | None = None, issuer: TrustedIssuer | None = None
) -> Caller:
    body = claims(iss=IDP, aud="urn:hub", **{**STAFF, **changes})
    verified = Verifier([issuer or external()]).verify(signed(body, key=OTHER, kid="ec"), NOON)
    return caller_of(verified, DIRECTORY, NOON, chosen)


TAKEN: dict[str, dict[str, object]] = {
    "each a text": {},
    "each a list of one": {name: [value] for name, value in STAFF.items() if name != "acr"},
    "no unit": {names.UNIT: None},
    "an empty unit": {names.UNIT: ""},
    "no purpose": {names.COMMISSION_PURPOSE: None},
    "an empty list": {names.COMMISSION_PURPOSE: []},
    "the commission among all": {names.ALL_COMMISSIONS: [COMMISSION]},
    "a number beside the HSA id": {names.PERSONAL_NUMBER: NUMBER},
    "a sub that is a number beside the HSA id": {"sub": NUMBER},
}


@pytest.mark.parametrize("form", TAKEN)
def test_a_form_that_is_taken(form: str) -> None:
    found = _caller(TAKEN[form])
    assert (found.user, found.organisation, found.unit) == ("N1", "RegionA", "Medicine")
    assert (found.assignment, found.capacity) == ("a1", Capacity.VARDPERSONAL)
    assert found.in_force
    assert found.strong_auth
    assert found.person is None


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "nobody": ({names.EMPLOYEE: None}, f"neither {names.EMPLOYEE}"),
    "an empty name": ({names.EMPLOYEE: ""}, f"neither {names.EMPLOYEE}"),
    "a name that is a number": ({names.EMPLOYEE: 7}, f"{names.EMPLOYEE} is not text"),
    "a name that is an object": ({names.EMPLOYEE: {"a": 1}}, f"{names.EMPLOYEE} is not text"),
    "a name that is true": ({names.EMPLOYEE: True}, f"{names.EMPLOYEE} is not text"),
    "two names": ({names.EMPLOYEE: ["N1", "N2"]}, f"{names.EMPLOYEE} has several values"),
    "a list in a list": ({names.EMPLOYEE: [["N1"]]}, f"{names.EMPLOYEE} has several values"),
    "a person number as HSA id": ({names.EMPLOYEE: NUMBER}, "holds a person number"),
    "a number with a hyphen": ({names.EMPLOYEE: "121212-1212"}, "holds a person number"),
    "a long name": ({names.EMPLOYEE: "N" * 65}, f"{names.EMPLOYEE} is no id"),
    "a name with a line break": ({names.EMPLOYEE: "N\n1"}, f"{names.EMPLOYEE} is no id"),
    "no provider": ({names.PROVIDER: None}, f"{names.PROVIDER} is missing"),
    "two providers": ({names.PROVIDER: ["RegionA", "B"]}, f"{names.PROVIDER} has several values"),
    "two units": ({names.UNIT: ["Medicine", "Surgery"]}, f"{names.UNIT} has several values"),
    "two commissions": ({names.COMMISSION: ["a1", "a2"]}, f"{names.COMMISSION} has several values"),
    "rights that are an object": ({names.COMMISSION_RIGHT: {"a": 1}}, "commissionRight is no list"),
    "too many rights": (
        {names.COMMISSION_RIGHT: ["Läsa;dia;VE"] * 201},
        "commissionRight is no list",
    ),
    "rights that are numbers": ({names.COMMISSION_RIGHT: [1]}, "commissionRight is no list"),
    "all commissions a number": ({names.ALL_COMMISSIONS: 7}, "allCommissions is no list"),
    "all commissions an object": ({names.ALL_COMMISSIONS: {"a": 1}}, "allCommissions is no list"),
    "all commissions broken": ({names.ALL_COMMISSIONS: "[{"}, "allCommissions is no list"),
    "an entry without id": ({names.ALL_COMMISSIONS: [{}]}, "an entry without commissionHsaId"),
    "an entry that is text": ({names.ALL_COMMISSIONS: ["a1"]}, "an entry without commissionHsaId"),
    "a strength that is a list": ({"acr": [names.LOA3]}, "acr is not text"),
}


@pytest.mark.parametrize("form", REFUSED)
def test_a_form_that_is_refused_names_the_claim_and_no_value(form: str) -> None:
    changes, told = REFUSED[form]
    with pytest.raises(TokenRefused) as caught:
        _caller(changes)
    assert caught.value.reason is Reason.CLAIMS
    assert caught.value.told
    assert told in caught.value.told
    for value in ("N1", "N2", NUMBER, "Medicine", "RegionA"):
        assert value not in caught.value.told
    assert f'error_description="{caught.value.told}"' in caught.value.challenge


def test_more_assignments_than_anybody_has_are_refused() -> None:
    with pytest.raises(TokenRefused) as caught:
        _caller({names.ALL_COMMISSIONS: [{names.COMMISSION: "a"}] * 201})
    assert "more than 200" in str(caught.value.told)


INDIVIDUAL: dict[str, object] = {name: None for name in STAFF if name != "acr"}


def test_an_individual_is_known_by_a_number_and_by_no_hsa_id() -> None:
    issuer = replace(external(), speaks_for=frozenset({SpeaksFor.INDIVIDUAL}))
    for number in (NUMBER, [NUMBER], f"urn:oid:1.2.752.129.2.1.3.1|{NUMBER}"):
        found = _caller({**INDIVIDUAL, names.PERSONAL_NUMBER: number}, issuer=issuer)
        assert found.capacity is Capacity.INDIVIDUAL
        assert found.person is not None
        assert found.person.value == NUMBER
    for wrong, told in (
        ("SE2329999990-P001", "personalIdentityNumber is no person number"),
        ([NUMBER, NUMBER], "personalIdentityNumber has several values"),
        (int(NUMBER), "personalIdentityNumber is not text"),
    ):
        with pytest.raises(TokenRefused) as caught:
            _caller({**INDIVIDUAL, names.PERSONAL_NUMBER: wrong}, issuer=issuer)
        assert told in str(caught.value.told)


def test_whom_an_issuer_may_not_speak_for_is_told_with_the_remedy() -> None:
    staff = replace(external(), speaks_for=frozenset({SpeaksFor.STAFF}))
    with pytest.raises(TokenRefused) as caught:
        _caller({**INDIVIDUAL, names.PERSONAL_NUMBER: NUMBER}, issuer=staff)
    assert "add individual to speaks_for" in str(caught.value.told)
    with pytest.raises(TokenRefused) as caught:
        _caller({}, issuer=replace(external(), organisations=frozenset({"RegionB"})))
    assert f"organisation in {names.PROVIDER}" in str(caught.value.told)


@pytest.mark.parametrize(
    "purpose", ["Administration", "Utbildning", "Forskning", "vård och behandling", "Tillsyn"]
)
def test_an_assignment_for_another_purpose_is_none_to_read_under(purpose: str) -> None:
    with pytest.raises(AssignmentRefused) as caught:
        _caller({names.COMMISSION_PURPOSE: purpose})
    assert caught.value.code == "purpose-not-served"
    assert "Vård och behandling" in str(caught.value)
    assert purpose not in str(caught.value) or purpose == "vård och behandling"


ALL_BETWEEN, ALL_CAREGIVER, ALL_UNIT = (Right("alla", each) for each in ("SJF", "VG", "VE"))
RIGHTS: dict[str, tuple[object, set[Right] | None]] = {
    "none": (None, None),
    "an empty list": ([], None),
    "an empty text": ("", None),
    "one text": ("Läsa;alla;SJF", {ALL_BETWEEN}),
    "with spaces and capitals": (["LÄSA; Alla ;sjf"], {ALL_BETWEEN}),
    "several": (["Läsa;alla;VE", "Läsa;alla;VG"], {ALL_CAREGIVER, ALL_UNIT}),
    "writing reads nothing": (["Läsa;alla;VE", "Skriva;alla;SJF"], {ALL_UNIT}),
    "writing alone": (["Skriva;alla;SJF"], set()),
    "one kind of information": (["Läsa;dia;SJF"], {Right("dia", "SJF")}),
    "a kind by its name": (["Läsa;Diagnos;SJF"], {Right("dia", "SJF")}),
    "a kind that is not known": (["Läsa;xyz;SJF"], {Right("xyz", "SJF")}),
    "a unit": (["Läsa;und;SE1-2"], {Right("und", "SE1-2")}),
    "two parts": (["Läsa;alla"], set()),
    "four parts": (["Läsa;alla;SJF;x"], set()),
    "no kind": (["Läsa;;SJF"], set()),
    "no reach": (["Läsa;alla;"], set()),
    "an empty right": ([""], set()),
}


@pytest.mark.parametrize("form", RIGHTS)
def test_what_rights_let_be_read(form: str) -> None:
    written, rights = RIGHTS[form]
    assert _caller({names.COMMISSION_RIGHT: written}).rights == rights


def test_of_several_assignments_the_chosen_one_s_own_claims_count() -> None:
    top: dict[str, object] = dict.fromkeys(COMMISSION)
    ward = {**COMMISSION, names.COMMISSION_RIGHT: ["Läsa;alla;VE"]}
    surgery = {**COMMISSION, names.COMMISSION: "a2", names.UNIT: "Surgery"}
    several = {**top, names.ALL_COMMISSIONS: [ward, surgery]}
    assert _caller(several, "a1").rights == {ALL_UNIT}
    assert (_caller(several, "a2").unit, _caller(several, "a2").rights) == ("Surgery", None)
    for chosen, code in ((None, "choose-assignment"), ("a3", "not-your-assignment")):
        with pytest.raises(AssignmentRefused) as caught:
            _caller(several, chosen)
        assert caught.value.code == code
    twice = {**top, names.ALL_COMMISSIONS: [ward, ward]}
    with pytest.raises(AssignmentRefused):
        _caller(twice, "a1")
    # an entry that does not say whose it is names nobody's staff
    with pytest.raises(TokenRefused) as refused:
        _caller({**top, names.ALL_COMMISSIONS: [{names.COMMISSION: "a1"}]})
    assert f"{names.PROVIDER} is missing" in str(refused.value.told)
    # a right at the top is not the chosen one's
    wide = {**several, names.COMMISSION_RIGHT: ["Läsa;alla;SJF"]}
    assert _caller(wide, "a1").rights == {ALL_UNIT}


def test_a_weak_log_in_is_told_which_would_do() -> None:
    levels = frozenset({names.LOA3, "http://id.elegnamnden.se/loa/1.0/loa3"})
    issuer = replace(external(), acr=levels, acr_required=True)
    for acr in ("http://id.sambi.se/loa/loa2", None, "", "HTTP://ID.SAMBI.SE/LOA/LOA3"):
        with pytest.raises(TokenRefused) as caught:
            _caller({"acr": acr}, issuer=issuer)
        assert caught.value.reason is Reason.ASSURANCE
        assert caught.value.challenge.endswith(
            'acr_values="http://id.elegnamnden.se/loa/1.0/loa3 http://id.sambi.se/loa/loa3"'
        )
    for acr in levels:
        assert _caller({"acr": acr}, issuer=issuer).strong_auth
