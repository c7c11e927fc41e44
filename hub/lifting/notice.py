"""What the person is told, in Swedish, of what was done with their blocks.

Source: SVOD 3:5, 4:2. In words that somebody who was unconscious then can understand.
"""

from collections.abc import Mapping
from datetime import datetime

from consent.facts import Lift
from hub.lifting.back import Back
from hub.local_clock import told
from hub.store.lift_requests import LiftRequest, LiftState

Names = Mapping[str, str]
LOG = "Vilka som har läst står i loggen, som du kan begära ut."
AGAIN: Mapping[Back, str] = {
    Back.ALL: f"Nu gäller spärren igen för alla. {LOG}",
    Back.SOME: f"Nu gäller spärren igen, utom för den som den fortfarande är hävd för. {LOG}",
    Back.GONE: f"Spärren finns inte längre. {LOG}",
}


def answered(request: LiftRequest, names: Names) -> str:
    """Return what is told of the officer's answer."""
    owner, asker = _who(request, names)
    if request.state is LiftState.REFUSED or request.until is None:
        return f"{_asked(request, names)} {owner} hävde den inte."
    part = "en del av det som du har spärrat" if request.state is LiftState.IN_PART else "spärren"
    return (
        f"{_asked(request, names)} {owner} hävde {part} för {asker} till {_time(request.until)}."
        f" Efter det gäller spärren igen. {LOG}"
    )


def lapsed(request: LiftRequest, names: Names) -> str:
    """Return what is told where nobody has answered."""
    owner, _ = _who(request, names)
    return f"{_asked(request, names)} {owner} svarade inte i tid, och spärren har gällt hela tiden."


def ended(request: LiftRequest, names: Names, stands: Back) -> str:
    """Return what is told when what was granted is over."""
    owner, asker = _who(request, names)
    return f"Den tid är slut då {owner} hade hävt din spärr för {asker}. {AGAIN[stands]}"


def lifted(lift: Lift, owner: str, names: Names) -> str:
    """Return what is told of a lift that nobody asked for here."""
    until = _time(lift.period.end) if lift.period.end else ""
    return (
        f"{names.get(owner, owner)} har hävt en spärr för"
        f" {names.get(lift.organisation or owner, owner)} till {until}. Efter det gäller den igen."
    )


def lift_ended(lift: Lift, owner: str, names: Names, stands: Back) -> str:
    """Return what is told when such a lift is over."""
    whom = names.get(lift.organisation or owner, owner)
    who = names.get(owner, owner)
    return f"Den tid är slut då {who} hade hävt en spärr för {whom}. {AGAIN[stands]}"


def ended_early(lift: Lift, owner: str, names: Names, stands: Back) -> str:
    """Return what is told when a lift is ended before its time."""
    who, whom = names.get(owner, owner), names.get(lift.organisation or owner, lift.organisation)
    return f"Hävningen av en spärr hos {who} för {whom} har avslutats i förtid. {AGAIN[stands]}"


def _who(request: LiftRequest, names: Names) -> tuple[str, str]:
    return (
        names.get(request.owner, request.owner),
        names.get(request.organisation, request.organisation),
    )


def _asked(request: LiftRequest, names: Names) -> str:
    owner, asker = _who(request, names)
    return (
        f"{asker} bad den {_time(request.asked)} {owner} att häva din spärr, eftersom det var fara"
        " för liv eller hälsa och du inte kunde tillfrågas."
    )


def _time(moment: datetime) -> str:
    return told(moment, "%Y-%m-%d kl. %H.%M")
