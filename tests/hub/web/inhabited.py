"""A console with something on every page, and every state that its pages can be in.

What goes through all of them (accessibility, pictures) is complete when a new page is: a test holds
the list against the table of pages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from consent.facts import BlockKind, Danger, Emergency, Purpose
from hub.auth.built_in import TokenRequest
from hub.config.organisation import OrganisationEntry
from hub.review.looking import look
from hub.review.sample import commit
from hub.store.directory import load_organisations
from hub.store.lift_requests import LiftRequest, LiftState, ask
from tests.hub.web.screen import Screen
from tests.hub.web.visiting import INJECTED, Visitor, access, fill_log
from tests.worlds.hub_world import (
    AUDITOR,
    CLINIC,
    EMERGENCY_DOCTOR,
    FROM,
    OFFICER,
    OLOF,
    ORGANISATIONS,
    OTHER_REGION,
    REGION,
    SIGNE,
    SIGNE_HERSELF,
    WARD,
    World,
    stated,
)
from tests.worlds.usual import CONSENT, facts, fill

SECOND_AUDITOR = replace(AUDITOR, user="auditor-2")
LIST = "/granskning/arbetslista"
WAITING, ANSWERED = "lift-request-waiting", "lift-request-answered"
JUDGED = {"atgard": "none", "anteckning": "Remiss finns.", "bedomning": "justified"}


def reviewed() -> tuple[OrganisationEntry, ...]:
    """The organisations, with two reviewers at the region, who both judge emergencies."""
    (region, *others) = ORGANISATIONS
    auditor = next(each for each in region.staff if each.id == "auditor")
    staff = (*region.staff, replace(auditor, id="auditor-2"))
    return replace(region, staff=staff, four_eyes=("emergency",)), *others


def inhabit(world: World) -> None:
    """Documents, a log, two reviewers, accesses that wait, are judged once and are done."""
    fill(world)
    world.know(facts(consents=(replace(CONSENT, organisation=OTHER_REGION),)))
    with world.store.write() as connection:
        load_organisations(connection, reviewed(), FROM)
    commit(world.hub)
    fill_log(world)
    session = world.session(EMERGENCY_DOCTOR, *stated(relevance=True, reason="x"))
    patient = {"patient": world.person()}
    assert world.get(EMERGENCY_DOCTOR, "/fhir/Condition", patient, session=session).json["total"]
    unexplained = {"flags": ("no-relation",), "person": world.person(OLOF)}
    world.hub.log.append_all(
        [
            access(world, 20, grounds=("SVOD 3:6",)),
            access(world, 21, **unexplained),
            access(world, 22, grounds=("SVOD 3:6",)),
            access(world, 24, user="auditor", **unexplained),
            *(access(world, n, **unexplained) for n in range(100, 160)),
        ]
    )
    world.hub.sequencer.sequence_now()
    while look(world.hub).remaining:
        pass
    _ask_for_lifts(world)
    visitor = Visitor(world)
    visitor.log_in(AUDITOR)
    for number in (21, 22):
        form = {"csrf": visitor.proof(), "sedda": "0", **JUDGED}
        assert visitor.post(f"{LIST}/record-{number}", form).status == 303
    added = {"csrf": visitor.proof(), "skal": f"En anhörig har hört av sig. {INJECTED}"}
    assert visitor.post("/granskning/atkomster/record-0/granska", added).status == 303


def _ask_for_lifts(world: World) -> None:
    """One request waits, and has been escalated; one has been answered."""
    asked, until = world.clock.now - timedelta(minutes=20), world.clock.now + timedelta(hours=4)
    emergency = Emergency(Danger.LIFE, False, False, True)  # as they stand in the law
    waits = LiftRequest(
        WAITING,
        CLINIC,
        BlockKind.OUTER,
        REGION,
        WARD,
        "ward-doctor",
        Purpose.VARD,
        "Medvetslös, okänd medicinering.",
        emergency,
        asked,
        until,
        level=1,
        escalated=world.clock.now,
    )
    done = replace(
        waits,
        id=ANSWERED,
        state=LiftState.GRANTED,
        answered=asked,
        answered_by=OFFICER.user,
        answer_reason="Prövat.",
        until=until,
    )
    with world.store.write() as connection:
        for each in (waits, done):
            ask(connection, world.person(OLOF), each)


@dataclass(frozen=True, slots=True)
class State:
    """A page as somebody meets it; `then` is what they do there, `answers` the statuses met."""

    path: str
    who: TokenRequest | None = AUDITOR
    then: Callable[[Screen], None] = lambda _: None
    answers: frozenset[int] = frozenset()


def _could_see(screen: Screen) -> None:
    page = screen.page
    page.get_by_label("Person (personnummer)").fill(SIGNE)
    page.get_by_label("Läsare (användar-id)").fill("ward-doctor")
    page.get_by_label("Dag", exact=True).fill("2026-03-10")
    page.get_by_role("button", name="Pröva").click()
    page.get_by_text("skulle ha visats").wait_for()
    _opened(screen)


def _radius(screen: Screen) -> None:
    screen.page.get_by_label("Person (personnummer)").fill(SIGNE)
    screen.page.get_by_role("button", name="Pröva").click()
    screen.page.get_by_text("Utkast till besked").wait_for()


def _opened(screen: Screen) -> None:
    screen.page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")


def _again(screen: Screen) -> None:
    screen.page.get_by_text("Pröva åtkomsten på nytt").click()
    screen.page.get_by_text("Med det som är känt nu").wait_for()


def _by_hand(screen: Screen) -> None:
    screen.page.get_by_role("link", name="Lägg på arbetslistan").click()
    screen.page.get_by_label("Varför ska åtkomsten granskas?").wait_for()


def _without_a_reason(screen: Screen) -> None:
    screen.page.get_by_label("Varför ska åtkomsten granskas?").fill(" ")
    screen.page.get_by_role("button", name="Lägg på arbetslistan").click()
    screen.page.get_by_role("alert").wait_for()


def _too_little(screen: Screen) -> None:
    screen.page.get_by_label("Går inte att avgöra").check()
    screen.page.get_by_role("button", name="Spara").click()
    screen.page.get_by_text("Skriv varför").wait_for()


def _part_of_nothing(screen: Screen) -> None:
    screen.page.get_by_label("Häv en del av den").check()
    screen.page.get_by_label("Varför").fill("Prövat.")
    screen.page.get_by_role("button", name="Svara").click()
    screen.page.get_by_role("alert").wait_for()
    _opened(screen)


def _wrong_number(screen: Screen) -> None:
    screen.page.get_by_label("personnummer").fill("x")
    screen.page.get_by_role("button", name="Sök person").click()
    screen.page.get_by_text("inte läsa").or_(screen.page.get_by_role("alert")).first.wait_for()


def _wrong_token(screen: Screen) -> None:
    screen.page.get_by_label("Intyg").fill("x")
    screen.page.get_by_role("button", name="Logga in").click()
    screen.page.get_by_role("alert").wait_for()


NOT_FOUND, BAD, UNKNOWN = frozenset({404}), frozenset({400}), frozenset({401})
STATES: Mapping[str, State] = {
    "login": State("/logga-in", None),
    "login-failed": State("/logga-in", None, _wrong_token, UNKNOWN),
    "accesses": State("/atkomster"),
    "accesses-none": State("/atkomster?fran=2020-01-01&till=2020-01-02"),
    "accesses-wrong-number": State("/atkomster", AUDITOR, _wrong_number, BAD),
    "access": State("/atkomster/record-3"),
    "access-attacks": State("/atkomster/record-7"),
    "access-again": State("/atkomster/record-3", AUDITOR, _again),
    "access-again-page": State("/atkomster/record-3/prova"),
    "access-by-hand": State("/atkomster/record-1", AUDITOR, _by_hand),
    "by-hand": State("/atkomster/record-1/granska"),
    "by-hand-without-a-reason": State(
        "/atkomster/record-1/granska", AUDITOR, _without_a_reason, BAD
    ),
    "by-hand-elsewhere": State("/atkomster/record-3/granska"),
    "review-by-hand": State("/arbetslista/record-0"),
    "worklist": State("/arbetslista?period=2026-03"),
    "worklist-second": State("/arbetslista?period=2026-03&lage=second"),
    "worklist-done": State("/arbetslista?period=2026-03&lage=done", AUDITOR, _opened),
    "worklist-empty": State("/arbetslista?period=2026-04", AUDITOR, _opened),
    "review": State("/arbetslista/record-20"),
    "review-own": State("/arbetslista/record-24"),
    "review-second": State("/arbetslista/record-22", SECOND_AUDITOR),
    "review-too-little": State("/arbetslista/record-20", AUDITOR, _too_little, BAD),
    "month": State("/manad?period=2026-03"),
    "charts": State("/diagram?period=2026-03"),
    "charts-tables": State("/diagram?period=2026-03", AUDITOR, _opened),
    "could-see": State("/kunde-se"),
    "could-see-answer": State("/kunde-se", AUDITOR, _could_see),
    "block-radius": State("/sparr"),
    "block-radius-answer": State("/sparr", AUDITOR, _radius),
    "proof": State("/bevis", AUDITOR, _opened),
    "requests": State("/havningar", OFFICER),
    "request": State(f"/havningar/{WAITING}", OFFICER, _opened),
    "request-incomplete": State(f"/havningar/{WAITING}", OFFICER, _part_of_nothing, BAD),
    "request-answered": State(f"/havningar/{ANSWERED}", OFFICER),
    "time": State("/tid"),
    "nothing": State("/finns-inte", AUDITOR, answers=NOT_FOUND),
    "person-accesses": State("/atkomster", SIGNE_HERSELF),
    "person-access": State("/atkomster/record-3", SIGNE_HERSELF),
    "person-extract": State("/utdrag", SIGNE_HERSELF),
    "person-extract-none": State("/utdrag?fran=2020-01-01&till=2020-01-02", SIGNE_HERSELF),
    "person-proof": State("/bevis", SIGNE_HERSELF),
    "reviewer-extract": State("/utdrag?patient={person}"),
}


UNSETTLED = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"


def brought(screen: Screen, name: str) -> None:
    """Bring the window to a state; whoever has to be is logged in first."""
    state = STATES[name]
    screen.expected |= state.answers
    screen.as_(state.who)
    screen.go("/granskning" + state.path.format(person=screen.world.person()))
    state.then(screen)
    # what a part brings is there before htmx has settled it, and moves the focus until it has
    screen.page.locator(UNSETTLED).first.wait_for(state="detached")
