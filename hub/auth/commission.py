"""The assignment that a token is used under, when it holds several; and what an assignment allows.

Source: the attribute list of Inera's IdP: `allCommissions` is every assignment of a user who has
chosen none at the log-in, `commissionRight` what HSA allows under one (activity; kind of
information; reach). PDL 4:2: an assignment limits what somebody may read. The law decides within
that; a right never gives anything.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from hub.auth import claims
from hub.auth.commission_right import Right, right_to_read
from hub.auth.refused import AssignmentRefused, Reason, TokenRefused
from hub.auth.verify import VerifiedToken

MOST = 200


def under_assignment(token: VerifiedToken, chosen: str | None) -> VerifiedToken:
    """Return the token as it reads under the chosen assignment (an id of HSA's), or its only one.

    Raises:
        AssignmentRefused: it holds several and none is chosen, or not the one that is.
        TokenRefused: its assignments cannot be read.
    """
    named = token.text(claims.COMMISSION)
    listed = _listed(token.claims.get(claims.ALL_COMMISSIONS))
    if named is not None:
        if chosen in (None, named):
            return token
    elif not listed:
        return token if chosen is None else _with(token, {claims.COMMISSION: chosen})
    elif chosen is None and len(listed) > 1:
        raise AssignmentRefused(
            "choose-assignment",
            "the token holds several assignments (allCommissions); name one in X-Samvy-Assignment,"
            " by its commissionHsaId",
        )
    wanted = chosen or listed[0].get(claims.COMMISSION)
    found = [each for each in listed if each.get(claims.COMMISSION) == wanted]
    if len(found) != 1:
        raise AssignmentRefused("not-your-assignment", "the token does not hold that assignment")
    return _with(token, {name: found[0].get(name) for name in claims.OF_A_COMMISSION})


def rights(token: VerifiedToken) -> frozenset[Right] | None:
    """Return what the assignment's rights let somebody read; None: the law alone says.

    Without any right there is no such ceiling. Rights of which none reads let nothing be read.

    Raises:
        TokenRefused: they cannot be read.
    """
    written = token.claims.get(claims.COMMISSION_RIGHT)
    if written in (None, "", []):
        return None
    each = written if isinstance(written, list) else [written]
    if len(each) > MOST or not all(isinstance(text, str) for text in each):
        raise TokenRefused(
            Reason.CLAIMS,
            told=f"the claim commissionRight is no list of at most {MOST} texts such as"
            " Lasa;alla;SJF",
        )
    found = (right_to_read(cast("str", text)) for text in each)
    return frozenset(right for right in found if right is not None)


def _with(token: VerifiedToken, changed: Mapping[str, object]) -> VerifiedToken:
    """The token with other claims; those that become None are left out."""
    merged = {**token.claims, **changed}
    return replace(token, claims={name: v for name, v in merged.items() if v is not None})


def _listed(written: object) -> list[dict[str, object]]:
    """The entries of allCommissions: a list, or the same as text."""
    if written in (None, "", []):
        return []
    if isinstance(written, str):
        try:
            written = json.loads(written)
        except (ValueError, RecursionError):
            raise _unreadable("is no list") from None
    if not isinstance(written, list):
        raise _unreadable("is no list")
    if len(written) > MOST:
        raise _unreadable(f"has more than {MOST} entries")
    if not all(
        isinstance(each, dict) and isinstance(each.get(claims.COMMISSION), str) for each in written
    ):
        raise _unreadable("has an entry without commissionHsaId")
    return cast("list[dict[str, object]]", written)


def _unreadable(what: str) -> TokenRefused:
    return TokenRefused(
        Reason.CLAIMS,
        told=f"the claim allCommissions {what}; let the issuer write a list of objects, each with"
        " commissionHsaId, healthCareUnitHsaId and healthCareProviderHsaId",
    )
