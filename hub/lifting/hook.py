"""The call to an owner's own alarm: that somebody is to log in, and nothing of whom it is about.

Source: SVOD 3:5; FHIR R4 subscription.html (rest-hook). The address is the organisations file's;
what it answers is not read. It is https, or http on 127.0.0.1 under --dev, and no redirect is
followed: a part of the address may be a secret.
"""

import asyncio
from collections.abc import Mapping

import httpx

from hub.config.address import secure
from hub.store.lift_alerts import Alert, AlertKind

SECONDS = 5.0
"""For all of a call: no alarm that is slow keeps other owners' waiting."""
PAGE = "/granskning/havningar"
TEXTS: Mapping[AlertKind, str] = {
    AlertKind.ASKED: "En begäran att häva en spärr väntar på svar. Logga in.",
    AlertKind.ESCALATED: "En begäran att häva en spärr är obesvarad och har gått vidare. Logga in.",
    AlertKind.LAPSED: "En begäran att häva en spärr besvarades inte i tid. Logga in.",
    AlertKind.TOLD: "En person har fått ett meddelande i navet om sin spärr. Se till att det når"
    " fram.",
}


class NotDelivered(Exception):
    """The call did not arrive; says why, in words of ours and without the address."""


def call(address: str, alert: Alert, base: str, *, dev: bool) -> None:
    """Return once the alarm has taken the alert (any 2xx).

    Raises:
        NotDelivered: it has not.
    """
    if not secure(address, dev=dev):
        raise NotDelivered("the address is not https (http: only 127.0.0.1, with --dev)")
    said = {
        "id": alert.id,
        "kind": alert.kind.value,
        "level": alert.level,
        "text": TEXTS[alert.kind],
        "url": f"{base}{PAGE}",
    }
    try:
        status = asyncio.run(asyncio.wait_for(_status(address, said), SECONDS))
    except TimeoutError:
        raise NotDelivered(f"no answer within {SECONDS:.0f} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as why:
        raise NotDelivered(f"no answer ({type(why).__name__})") from None
    if not httpx.codes.is_success(status):
        raise NotDelivered(f"the answer was {status}")


async def _status(address: str, said: Mapping[str, object]) -> int:
    async with (
        httpx.AsyncClient(timeout=SECONDS, follow_redirects=False) as client,
        client.stream("POST", address, json=said) as answer,
    ):
        return answer.status_code
