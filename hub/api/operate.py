"""Which operation a path names, and whether the token's scopes cover it.

Source: FHIR R4 operations.html#executing: GET where nothing is changed, POST always.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from hub.api.call import Answer, Call
from hub.api.consents import consents
from hub.api.everything import everything
from hub.api.lastn import lastn
from hub.api.meta import meta
from hub.api.operation_table import (
    CONSENTS,
    EVERYTHING,
    LASTN,
    META,
    SUMMARY,
    VALIDATE,
    Operation,
)
from hub.api.summary import summary
from hub.api.validate import validate
from hub.auth.scopes import Interaction
from hub.errors import MethodNotAllowed, NotAllowed
from hub.running import Hub

T = TypeVar("T")
CarryOut = Callable[[Hub, Call, str, str], Answer]
ON_INSTANCE: Mapping[Operation, tuple[CarryOut, Interaction]] = {
    CONSENTS: (consents, Interaction.READ),
    EVERYTHING: (everything, Interaction.READ),
    SUMMARY: (summary, Interaction.READ),
    META: (meta, Interaction.READ),
    VALIDATE: (validate, Interaction.READ),
}
ON_TYPE: Mapping[Operation, tuple[Callable[[Hub, Call, str, None], Answer], Interaction]] = {
    LASTN: (lastn, Interaction.SEARCH),
    VALIDATE: (validate, Interaction.READ),
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
            instance = _named(ON_INSTANCE, kind, name)
            if instance is None:
                return None
            _need(call, kind, instance[1])
            return instance[0](hub, call, kind, number)
        case [kind, name]:
            on_type = _named(ON_TYPE, kind, name)
            if on_type is None:
                return None
            _need(call, kind, on_type[1])
            return on_type[0](hub, call, kind, None)
    return None


def _named(table: Mapping[Operation, T], kind: str, name: str) -> T | None:
    for operation, how in table.items():
        if name == f"${operation.code}" and kind in operation.types:
            return how
    return None


def _need(call: Call, kind: str, interaction: Interaction) -> None:
    if call.method not in ("GET", "POST"):
        raise MethodNotAllowed
    if not call.caller.allows(kind, interaction):
        raise NotAllowed(
            "the token's scopes do not cover this operation with this type",
            code="insufficient-scope",
            headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
        )
