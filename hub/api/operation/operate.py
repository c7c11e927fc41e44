"""Which operation a path names, and whether the token's scopes cover it.

Source: FHIR R4 operations.html#executing: GET where nothing is changed, POST always. What changes
answers and blocks needs scopes of Consent.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from hub.api.act.answer_lift_request import answer_lift_request
from hub.api.act.assessment_act import end_assessment, register_assessment
from hub.api.act.block import register_block
from hub.api.act.consent_act import register_consent, withdraw_consent
from hub.api.act.end_lift import end_lift
from hub.api.act.lift import lift_block
from hub.api.act.lift_temporarily import lift_temporarily
from hub.api.act.notices import notices
from hub.api.act.relation_act import end_relation, register_relation
from hub.api.act.request_lift import request_lift
from hub.api.act.void_block import void_block
from hub.api.call import Answer, Call, need
from hub.api.consent.consents import consents
from hub.api.opening.open import open_session
from hub.api.operation.everything import everything
from hub.api.operation.export import export
from hub.api.operation.lastn import lastn
from hub.api.operation.meta import meta
from hub.api.operation.meta_change import meta_add, meta_delete
from hub.api.operation.operation_shape import Operation
from hub.api.operation.operation_table import (
    ANSWER_LIFT_REQUEST,
    CONSENTS,
    END_ASSESSMENT,
    END_LIFT,
    END_RELATION,
    EVERYTHING,
    EXPORT,
    LASTN,
    LIFT_BLOCK,
    LIFT_BLOCK_TEMPORARILY,
    META,
    META_ADD,
    META_DELETE,
    NOTICES,
    OPEN,
    REGISTER_ASSESSMENT,
    REGISTER_BLOCK,
    REGISTER_CONSENT,
    REGISTER_RELATION,
    REQUEST_LIFT,
    SUMMARY,
    VALIDATE,
    VOID_BLOCK,
    WITHDRAW_CONSENT,
)
from hub.api.operation.summary import summary
from hub.api.operation.validate import validate
from hub.auth.scopes import Interaction
from hub.errors import MethodNotAllowed
from hub.running import Hub

N = TypeVar("N", str, None)


@dataclass(frozen=True, slots=True)
class How(Generic[N]):
    """What carries an operation out, and the interaction that a token's scopes have to cover.

    `of` is the type that they have to cover it with; None: that of the path.
    """

    carry_out: Callable[[Hub, Call, str, N], Answer]
    interaction: Interaction
    of: str | None = None


ON_INSTANCE: Mapping[Operation, How[str]] = {
    OPEN: How(open_session, Interaction.READ),
    REGISTER_BLOCK: How(register_block, Interaction.CREATE, "Consent"),
    LIFT_BLOCK: How(lift_block, Interaction.UPDATE, "Consent"),
    LIFT_BLOCK_TEMPORARILY: How(lift_temporarily, Interaction.UPDATE, "Consent"),
    REGISTER_CONSENT: How(register_consent, Interaction.CREATE, "Consent"),
    WITHDRAW_CONSENT: How(withdraw_consent, Interaction.UPDATE, "Consent"),
    REQUEST_LIFT: How(request_lift, Interaction.CREATE, "Task"),
    ANSWER_LIFT_REQUEST: How(answer_lift_request, Interaction.UPDATE, "Task"),
    REGISTER_RELATION: How(register_relation, Interaction.CREATE, "Consent"),
    END_RELATION: How(end_relation, Interaction.UPDATE, "Consent"),
    REGISTER_ASSESSMENT: How(register_assessment, Interaction.CREATE, "Consent"),
    END_ASSESSMENT: How(end_assessment, Interaction.UPDATE, "Consent"),
    END_LIFT: How(end_lift, Interaction.UPDATE, "Consent"),
    VOID_BLOCK: How(void_block, Interaction.UPDATE, "Consent"),
    NOTICES: How(notices, Interaction.READ, "Communication"),
    CONSENTS: How(consents, Interaction.READ, "Consent"),
    EVERYTHING: How(everything, Interaction.READ),
    SUMMARY: How(summary, Interaction.READ),
    META: How(meta, Interaction.READ),
    META_ADD: How(meta_add, Interaction.UPDATE),
    META_DELETE: How(meta_delete, Interaction.UPDATE),
    VALIDATE: How(validate, Interaction.READ),
}
ON_TYPE: Mapping[Operation, How[None]] = {
    LASTN: How(lastn, Interaction.SEARCH),
    VALIDATE: How(validate, Interaction.READ),
    EXPORT: How(export, Interaction.READ),
}
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


def operate(hub: Hub, call: Call, path: list[str]) -> Answer | None:
    """Return the answer of the operation at a path below /fhir; None when it names none of these.

    Raises:
        MethodNotAllowed: neither GET nor POST.
        NotAllowed: the token's scopes do not cover it.
    """
    match path:
        case [kind, number, name] if _ID.fullmatch(number):
            return _carried_out(hub, call, ON_INSTANCE, kind, name, number)
        case [kind, name]:
            return _carried_out(hub, call, ON_TYPE, kind, name, None)
    return None


def _carried_out(  # the path's three parts, and what they are looked up in
    hub: Hub, call: Call, table: Mapping[Operation, How[N]], kind: str, name: str, number: N
) -> Answer | None:
    for operation, how in table.items():
        if name != f"${operation.code}" or kind not in operation.types:
            continue
        if call.method not in (("POST",) if operation.affects_state else ("GET", "POST")):
            raise MethodNotAllowed
        need(call, how.of or kind, how.interaction)
        return how.carry_out(hub, call, kind, number)
    return None
