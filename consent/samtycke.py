"""Conditions about the person's own answers: consent and refusal, their reach and their life.

Source: SVOD 3:1, 3:2, 3:6. Of several own answers that cover the reader the one given last counts,
of the same time the no. An own answer given on or after the day when the person lost the ability is
void.
"""

from consent.condition import fact
from consent.facts import Ability, Giver, Samtycke
from consent.situation import Situation, Switch


def answer(situation: Situation, giver: Giver = Giver.SELF) -> bool | None:
    """Return the person's own answer to this reader in force at the instant; None without one.

    Another giver's is asked for where the law lets them answer for the person.
    """
    given = [each for each in situation.facts.consents if _counts(situation, each, giver)]
    if len(given) <= 1:
        return given[0].answer if given else None
    latest = max((each.period.start for each in given if each.period.start), default=None)
    last = [each for each in given if each.period.start == latest]
    return all(each.answer for each in last)


def _counts(situation: Situation, samtycke: Samtycke, giver: Giver) -> bool:
    return (
        samtycke.giver is giver
        and _covers(situation, samtycke)
        and _in_force(situation, samtycke)
        and not (giver is Giver.SELF and _given_while_unable(situation, samtycke))
    )


def _covers(situation: Situation, samtycke: Samtycke) -> bool:
    reader = situation.request.reader
    return (
        samtycke.organisation == reader.organisation
        and samtycke.unit in (None, reader.unit)
        and samtycke.user in (None, reader.user)
        and samtycke.as_ in (None, reader.as_)
    )


def _in_force(situation: Situation, samtycke: Samtycke) -> bool:
    at = situation.request.at
    withdrawn = samtycke.withdrawn_at is not None and samtycke.withdrawn_at <= at
    return samtycke.period.holds(at) and not withdrawn


def _given_while_unable(situation: Situation, samtycke: Samtycke) -> bool:
    person = situation.facts.person
    if person.capacity is Ability.FULL:
        return False
    if person.lacking_since is None:
        counts = situation.switches[Switch.UNDATED_LOSS_KEEPS_CONSENT] or not samtycke.answer
        return person.capacity is Ability.LASTING_LACK and not counts
    return samtycke.period.start is not None and samtycke.period.start >= person.lacking_since


person_consents = fact(
    "samtycke.given",
    "the person has consented, for this reader, and the consent is in force",
    lambda s: answer(s) is True and s.facts.person.can_consent_self,
)
guardian_consents = fact(
    "samtycke.guardian_consents",
    "a guardian, whose consent is taken to suffice, has consented for the child",
    lambda s: s.switches[Switch.GUARDIAN_CONSENTS_FOR_CHILD] and answer(s, Giver.GUARDIAN) is True,
)
no_own_refusal = fact(
    "samtycke.no_own_refusal",
    "no refusal by the person covers the reader",
    lambda s: answer(s) is not False,
)
no_refusal_that_bars_emergency = fact(
    "samtycke.no_refusal_that_bars_emergency",
    "the person has not, while able, refused this reader",
    lambda s: answer(s) is not False or not s.switches[Switch.REFUSAL_BARS_EMERGENCY],
)
could_be_asked = fact(
    "samtycke.could_be_asked",
    "the person has not answered, and could be asked",
    lambda s: (
        answer(s) is None
        and s.facts.person.can_consent_self
        and s.facts.person.capacity is Ability.FULL
        and s.request.emergency.consent_obtainable
    ),
)
