"""Who is asking: a verified token held against the directory at the instant of the request.

Source: DESIGN §5, P4; PDL 4:1, 4:2; SVOD 4:3. A token only says under which assignment somebody
wants to act. Whether there is one is asked of the directory at every request, so that the end of
an assignment is felt in the next one. An organisation's own system needs none (PDL 2:4), and the
individual is known by their own number.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from consent.facts import Capacity, Purpose, Regime
from consent.period import STOCKHOLM
from hub.auth import claims
from hub.auth.commission import rights, under_assignment
from hub.auth.commission_right import Right
from hub.auth.issuer import TrustedIssuer
from hub.auth.refused import AssignmentRefused, Reason, TokenRefused
from hub.auth.scopes import NO_SCOPES, Scopes, parse_scopes
from hub.auth.verify import VerifiedToken
from hub.config.issuer import SpeaksFor
from hub.config.organisation import ASSIGNED, Assignment
from hub.store.directory import Directory
from mappings.personal_identity import Identity, NotAnIdentity, normalise

E = TypeVar("E", bound=StrEnum)
LONGEST_ID = 64
_WITHOUT_ASSIGNMENT = (Capacity.INDIVIDUAL, Capacity.SYSTEM)
_LEVELS = {
    Capacity.INDIVIDUAL: ("patient",),
    Capacity.GUARDIAN: ("patient",),
    Capacity.REPRESENTATIVE: ("patient",),
    Capacity.SYSTEM: ("system",),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, from where and as what, at one instant; what of it the directory bears out.

    `assignment` is the id of the directory's assignment, also of one that is not `in_force`.
    `purposes` are those that it allows; None: it is not asked (a system, an individual). `person`
    is the individual's own identity, or the only person whom the token is about. `regime` is the
    act that a registered system documents under. `rights` are what the assignment lets be read
    (None: the law alone says). `session` is a reading session that the token
    carries, opened by the token whose id is `opened_by`.
    """

    user: str
    organisation: str | None
    capacity: Capacity
    token_id: str
    unit: str | None = None
    authority: str | None = None
    process: str | None = None
    purpose: Purpose | None = None
    purposes: frozenset[Purpose] | None = None
    assignment: str | None = None
    in_force: bool = False
    strong_auth: bool = False
    person: Identity | None = field(default=None, repr=False)
    scopes: Scopes = NO_SCOPES
    issuer: str = ""
    jti: str | None = None
    client: str | None = None
    expires: int = 0
    rights: frozenset[Right] | None = None
    regime: Regime | None = None
    session: str | None = None
    opened_by: str | None = None

    def allows(self, resource_type: str, interaction: str) -> bool:
        """Tell whether the token's scopes cover an interaction with a type (a ceiling only)."""
        return self.scopes.allows(resource_type, interaction)

    @property
    def own_system(self) -> str | None:
        """Return the organisation whose own system asks; None where it is anybody else."""
        return self.organisation if self.capacity is Capacity.SYSTEM else None

    @property
    def opener(self) -> str:
        """Return what a reading session is known to be this caller's by: token and assignment.

        What somebody has stated as one organisation's is not the other's, whose assignment the same
        token may be used under too.
        """
        told = "\0".join((self.token_id, self.organisation or "", self.assignment or ""))
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def assignment_valid(self) -> bool:
        """Tell whether the assignment is in force and allows the purpose that is asked for."""
        return self.valid_for(self.purpose)

    def valid_for(self, purpose: Purpose | None) -> bool:
        """Tell whether the assignment is in force and allows a purpose, such as `$open` names."""
        return self.in_force and (self.purposes is None or purpose in self.purposes)


def caller_of(
    token: VerifiedToken, directory: Directory, at: datetime, chosen: str | None = None
) -> Caller:
    """Return who a verified token says is asking, as far as the directory bears it out.

    `chosen` is the assignment that the request is made under, of several that the token holds.

    Raises:
        TokenRefused: the token's claims do not say who is asking, or contradict themselves.
        AssignmentRefused: the chosen assignment is not the token's.
    """
    if token.issuer.acr_required and token.text("acr") not in token.issuer.acr:
        raise TokenRefused(Reason.ASSURANCE, strong=token.issuer.acr)
    token = under_assignment(token, chosen)
    capacity = _capacity(token, directory)
    caller = _named(token, capacity, at)
    if capacity in ASSIGNED:
        return _assigned(caller, _assignment(token, directory, caller, at), at)
    return replace(caller, in_force=capacity in _WITHOUT_ASSIGNMENT)


def _named(token: VerifiedToken, capacity: Capacity, at: datetime) -> Caller:
    """The caller as the token alone says, with an assignment still to be found."""
    individual = capacity is Capacity.INDIVIDUAL
    user = _name(token, "sub") if individual else _name(token, claims.EMPLOYEE, "sub")
    organisation = None if individual else _name(token, claims.PROVIDER)
    if user is None:
        raise TokenRefused(Reason.CLAIMS, told=f"the token names nobody: add {claims.EMPLOYEE}")
    if organisation is None and not individual:
        raise TokenRefused(
            Reason.CLAIMS,
            told=f"the claim {claims.PROVIDER} is missing: add it, or let the user choose an"
            " assignment at the log-in",
        )
    if not individual and is_person_number(user, at):
        raise TokenRefused(
            Reason.CLAIMS,
            told=f"the claim {claims.EMPLOYEE} holds a person number: write the user's HSA id",
        )
    person = _person(token, claims.PERSONAL_NUMBER if individual else claims.PERSON, at)
    if individual and person is None:
        raise TokenRefused(
            Reason.CLAIMS,
            told=f"the token has neither {claims.EMPLOYEE} (staff) nor {claims.PERSONAL_NUMBER}"
            " (an individual): add the one that is meant",
        )
    _require_purpose(token, individual=individual)
    _require_spoken_for(token.issuer, organisation, individual=individual)
    about_one = person is not None or token.session is not None
    levels = _LEVELS.get(capacity, ("user", "patient") if about_one else ("user",))
    return Caller(
        user=user,
        organisation=organisation,
        capacity=capacity,
        token_id=token.id,
        unit=None if individual else _name(token, claims.UNIT),
        purpose=_purpose(token, capacity),
        strong_auth=token.text("acr") in token.issuer.acr,
        person=person,
        scopes=_scopes(token).on(levels),
        issuer=token.issuer.name,
        jti=token.text("jti"),
        client=token.text("client_id"),
        expires=token.expires,
        rights=None if individual else rights(token),
        session=token.session,
        opened_by=token.opened_by,
    )


def require_assignment(caller: Caller) -> None:
    """Return if somebody who needs an assignment has one that is in force (P4).

    Raises:
        AssignmentRefused: they have none, or it has ended or not begun.
    """
    if caller.capacity in (*ASSIGNED, Capacity.OTHER) and not caller.in_force:
        raise AssignmentRefused(
            "no-assignment-in-force",
            "the assignment that the token is used under is not in force; use another one",
        )


def _require_spoken_for(
    issuer: TrustedIssuer, organisation: str | None, *, individual: bool
) -> None:
    """An issuer is believed about those alone whom it was configured to speak for."""
    whom = SpeaksFor.INDIVIDUAL if individual else SpeaksFor.STAFF
    elsewhere = issuer.organisations and not individual and organisation not in issuer.organisations
    if whom not in issuer.speaks_for:
        raise TokenRefused(
            Reason.CLAIMS,
            told=f"the issuer may not speak for this user: add {whom} to speaks_for in the issuers"
            " file of the hub",
        )
    if elsewhere:
        raise TokenRefused(
            Reason.CLAIMS,
            told=f"the issuer may not speak for the organisation in {claims.PROVIDER}: add it to"
            " organisations in the issuers file of the hub",
        )


def _scopes(token: VerifiedToken) -> Scopes:
    """The token's SMART scopes; of a token that names none, what its issuer's tokens have."""
    written = token.claims.get("scope")
    if isinstance(written, list) and all(isinstance(each, str) for each in written):
        text = " ".join(written)
    else:
        text = token.text("scope") or ""
    names_any = any("/" in word and ":" not in word for word in text.split(" "))
    return parse_scopes(text if names_any else token.issuer.scope)


def _assigned(caller: Caller, found: Assignment | None, at: datetime) -> Caller:
    if found is None:
        return replace(caller, purposes=frozenset())
    return replace(
        caller,
        unit=found.unit,
        authority=found.authority,
        process=found.process,
        assignment=found.id,
        purposes=found.purposes,
        in_force=found.period.holds(at),
    )


def _assignment(
    token: VerifiedToken, directory: Directory, caller: Caller, at: datetime
) -> Assignment | None:
    """The assignment that the token means: the one that it names, otherwise the best that fits.

    One fits that has the capacity and the unit (a token without a unit fits any). Of several, one
    that is in force and allows the purpose goes before one that is in force, before any other.
    """
    named = _name(token, claims.COMMISSION)
    fitting = [
        each
        for each in directory.assignments(caller.organisation or "", caller.user)
        if each.as_ is caller.capacity
        and caller.unit in (None, each.unit)
        and named in (None, each.id)
    ]

    def fit(each: Assignment) -> tuple[bool, bool]:
        return each.period.holds(at), caller.purpose in each.purposes

    return max(fitting, key=fit, default=None)


def _capacity(token: VerifiedToken, directory: Directory) -> Capacity:
    """In which capacity: as our own claim says, or as the assignment that the token means.

    Where those that it may mean are of several capacities, it is in none.
    """
    said = _code(token, claims.CAPACITY, Capacity)
    if said is not None:
        return said
    user, named = token.text(claims.EMPLOYEE), token.text(claims.COMMISSION)
    if user is None:
        return Capacity.INDIVIDUAL
    unit = token.text(claims.UNIT)
    found = {
        each.as_
        for each in directory.assignments(token.text(claims.PROVIDER) or "", user)
        if named in (None, each.id) and unit in (None, each.unit)
    }
    return found.pop() if len(found) == 1 else Capacity.OTHER


def _purpose(token: VerifiedToken, capacity: Capacity) -> Purpose | None:
    if capacity is Capacity.INDIVIDUAL:
        return Purpose.EGEN
    said = _code(token, claims.PURPOSE, Purpose)
    if said is not None:
        return said
    return claims.COMMISSION_PURPOSES.get(token.text(claims.COMMISSION_PURPOSE) or "")


def _code(token: VerifiedToken, name: str, kind: type[E]) -> E | None:
    """A claim of ours; of an issuer that is not to be believed about it, nothing."""
    text = token.text(name) if token.issuer.own_claims else None
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        raise TokenRefused(
            Reason.CLAIMS,
            told=f"the claim {name} has a value that is not known; see docs/tokens.md",
        ) from None


def _name(token: VerifiedToken, *names: str) -> str | None:
    """The first of these claims that is there, as an id."""
    name, text = next(
        ((name, found) for name in names if (found := token.text(name)) is not None), ("", None)
    )
    if text is not None and (len(text) > LONGEST_ID or not text.isprintable()):
        raise TokenRefused(
            Reason.CLAIMS,
            told=f"the claim {name} is no id: between 1 and {LONGEST_ID} printable characters",
        )
    return text


def is_person_number(text: str, at: datetime) -> bool:
    """Tell whether a text that should name a user is somebody's number."""
    try:
        normalise(text, None, at.astimezone(STOCKHOLM).date())
    except NotAnIdentity:
        return False
    return True


def _require_purpose(token: VerifiedToken, *, individual: bool) -> None:
    """An assignment for what the hub does not serve is no assignment to read under."""
    said = None if individual else token.text(claims.COMMISSION_PURPOSE)
    if said is not None and said not in claims.COMMISSION_PURPOSES:
        raise AssignmentRefused(
            "purpose-not-served",
            f"the assignment of the token is for a purpose ({claims.COMMISSION_PURPOSE}) that the"
            " hub does not serve; choose one for "
            + ", ".join(each for each in claims.COMMISSION_PURPOSES),
        )


def _person(token: VerifiedToken, name: str, at: datetime) -> Identity | None:
    """The person of a claim, written as `system|value` or as a number alone."""
    if name == claims.PERSON and not token.issuer.own_claims:
        return None
    text = token.text(name)
    if text is None:
        return None
    system, bar, value = text.rpartition("|")
    try:
        return normalise(value, system if bar else None, at.astimezone(STOCKHOLM).date())
    except NotAnIdentity:
        raise TokenRefused(
            Reason.CLAIMS,
            told=f"the claim {name} is no person number: write twelve digits, or system|value",
        ) from None
