"""Leaks of consents and of requests to lift: what concerns others is told of."""

# ruff: noqa: ANN401 -- what is planted takes and gives whatever the function in its place does

from collections.abc import Callable
from typing import Any

import hub.api.act.request_lift as request_lift_module
import hub.api.consent.search_consent as search_consent_module
import hub.api.consent.standing as standing_module
import hub.api.operation.everything as everything_module
from hub.errors import BadRequest, NotAllowed
from hub.store.schema.resource import RESOURCE
from tests.worlds.leaks import Patch, every_row


def a_request_to_lift_tells_that_something_is_held(patch: Patch) -> None:
    real = request_lift_module._may_ask

    def leaky(connection: Any, access: Any, asked: Any) -> bool:
        may = real(connection, access, asked)
        owner = RESOURCE.c.owner == asked.organisation
        if not may and every_row(connection, access.persons, owner):
            raise NotAllowed("what it holds is not blocked", code="nothing-to-lift")
        return may

    patch.setattr(request_lift_module, "_may_ask", leaky)


def others_answers_and_blocks_are_among_the_consents(patch: Patch) -> None:
    patch.setattr(standing_module, "concerns", lambda _access, _organisation: True)


def everything_holds_others_consents(patch: Patch) -> None:
    real = everything_module._consents

    def leaky(*given: Any) -> Any:
        with Patch.context() as inner:
            inner.setattr(standing_module, "concerns", lambda _access, _organisation: True)
            return real(*given)

    patch.setattr(everything_module, "_consents", leaky)


def the_total_of_consents_counts_others(patch: Patch) -> None:
    real, held = search_consent_module.standing, [0]

    def remember(*given: Any) -> Any:
        with Patch.context() as inner:
            inner.setattr(standing_module, "concerns", lambda _access, _organisation: True)
            held[0] = len(real(*given))
        return real(*given)

    bundle = search_consent_module.searchset

    def leaky(root: str, found: Any, links: Any, _total: int, said: Any) -> bytes:
        return bundle(root, found, links, held[0], said)

    patch.setattr(search_consent_module, "standing", remember)
    patch.setattr(search_consent_module, "searchset", leaky)


def a_wrong_search_of_consents_tells_that_there_are_any(patch: Patch) -> None:
    """What is wrong is found by comparing: with nothing to compare there is no error."""

    def later(asked: Any, now: Any) -> Callable[[Any], bool]:
        try:
            test = real(asked, now)
        except BadRequest as error:
            wrong.append(error)
            return lambda _: True
        return test

    wrong: list[BadRequest] = []
    real, stands = search_consent_module.compiled, standing_module.versions_of

    def compared(connection: Any, persons: Any) -> Any:
        found = stands(connection, persons)
        if wrong and len(found) > FEW:
            raise wrong.pop()
        wrong.clear()
        return found

    patch.setattr(search_consent_module, "compiled", later)
    patch.setattr(standing_module, "versions_of", compared)


FEW = 8
"""As many facts as the lesser of the known case's worlds has."""

LEAKS_OF_ACTS: tuple[Callable[[Patch], None], ...] = (
    a_request_to_lift_tells_that_something_is_held,
    others_answers_and_blocks_are_among_the_consents,
    everything_holds_others_consents,
    the_total_of_consents_counts_others,
    a_wrong_search_of_consents_tells_that_there_are_any,
)
"""Each is planted in the known case of an emergency."""
