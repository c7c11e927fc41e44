"""Which interaction with Consent a request is.

Source: FHIR R4 http.html#summary. A Consent is neither patched nor deleted: what was said was said.
"""

import re

from hub.api.call import Answer, Call, need
from hub.api.consent.read_consent import history_consent, read_consent, vread_consent
from hub.api.consent.search_consent import search_consent
from hub.api.consent.write_consent import create_consent, update_consent
from hub.auth.scopes import Interaction
from hub.errors import MethodNotAllowed, NotFound
from hub.running import Hub

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_VERSION = re.compile(r"[1-9][0-9]{0,8}")


def interact(hub: Hub, call: Call, path: list[str]) -> Answer:
    """Return the answer to a request at a path below /fhir/Consent.

    Raises:
        MethodNotAllowed: there is no such interaction.
        NotAllowed: the token's scopes do not cover it.
    """
    match (call.method, path):
        case ("GET", []) | ("POST", ["_search"]):
            need(call, "Consent", Interaction.SEARCH)
            return search_consent(hub, call)
        case ("POST", []):
            need(call, "Consent", Interaction.CREATE)
            return create_consent(hub, call)
        case (_, [number, *_]) if number.startswith("_"):
            raise MethodNotAllowed
        case (_, [number, *_]) if not _ID.fullmatch(number):
            raise NotFound
        case ("GET", [number]):
            need(call, "Consent", Interaction.READ)
            return read_consent(hub, call, number)
        case ("PUT", [number]):
            need(call, "Consent", Interaction.UPDATE)
            return update_consent(hub, call, number)
        case ("GET", [number, "_history"]):
            need(call, "Consent", Interaction.HISTORY_INSTANCE)
            return history_consent(hub, call, number)
        case ("GET", [number, "_history", version]) if _VERSION.fullmatch(version):
            need(call, "Consent", Interaction.VREAD)
            return vread_consent(hub, call, number, int(version))
    raise MethodNotAllowed
