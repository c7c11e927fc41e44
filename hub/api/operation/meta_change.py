"""$meta-add and $meta-delete: profiles, tags and labels of a vendor's own resource, changed alone.

Source: FHIR R4 resource-operation-meta-add.html, -meta-delete.html. An update, of one's own and
of the version that stands. It makes a new version, so that history and log say what was done.
"""

from collections.abc import Mapping
from typing import Any

from hub.api.call import Answer, Call, resource_in
from hub.api.interaction.patch import content_to_patch
from hub.api.interaction.update import replace_own
from hub.api.own_documents import writer
from hub.errors import BadRequest, Unprocessable
from hub.fhir.json_codec import encode
from hub.running import Hub
from hub.store.directory import directory

Json = dict[str, Any]
LISTS = ("profile", "security", "tag")
"""What is added and taken away; version and time are the hub's to say."""


def meta_add(hub: Hub, call: Call, kind: str, number: str) -> Answer:
    """Add what stands in the meta that is sent, and return the meta that came of it.

    Raises:
        HubError: as an update does.
    """
    return _changed(hub, call, kind, number, _with)


def meta_delete(hub: Hub, call: Call, kind: str, number: str) -> Answer:
    """Take away what stands in the meta that is sent; what is not there is passed over.

    Raises:
        HubError: as an update does.
    """
    return _changed(hub, call, kind, number, _without)


def _changed(hub: Hub, call: Call, kind: str, number: str, change: Any) -> Answer:  # noqa: ANN401  # one of the two below
    asked = _asked(call)
    with hub.store.read() as connection:
        writer(call, directory(connection))
        before, version = content_to_patch(hub, connection, call, kind, number)
    meta = {name: value for name, value in before.get("meta", {}).items() if name not in LISTS}
    for name in LISTS:
        listed = change(before.get("meta", {}).get(name, []), asked.get(name, []))
        if listed:
            meta[name] = listed
    answer = replace_own(hub, call, {**before, "meta": meta}, number, version=version)
    found: Json = {"resourceType": "Parameters"}
    shown = {**meta, "versionId": answer.headers["ETag"].strip('W/"')}
    found["parameter"] = [{"name": "return", "valueMeta": shown}]
    return Answer(200, encode(found), answer.headers)


def _asked(call: Call) -> Mapping[str, Any]:
    """The Meta in the Parameters that are sent.

    Raises:
        BadRequest: there is not exactly one, or it is no Meta.
    """
    listed = resource_in(call, "Parameters").get("parameter")
    metas = [
        each.get("valueMeta")
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict) and each.get("name") == "meta"
    ]
    if len(metas) != 1 or not isinstance(metas[0], dict):
        raise BadRequest(
            "send Parameters with one parameter meta that has a valueMeta", code="parameters"
        )
    if not all(isinstance(metas[0].get(name, []), list) for name in LISTS):
        raise Unprocessable(
            "profile, security and tag are lists", expression="Parameters.parameter.valueMeta"
        )
    return metas[0]


def _with(held: list[Any], asked: list[Any]) -> list[Any]:
    known = [_same(each) for each in held]
    return [*held, *(each for each in asked if _same(each) not in known)]


def _without(held: list[Any], asked: list[Any]) -> list[Any]:
    gone = [_same(each) for each in asked]
    return [each for each in held if _same(each) not in gone]


def _same(value: Any) -> Any:  # noqa: ANN401  # a profile, or a Coding
    """What makes two labels the same: system and code, whatever they are called."""
    return (value.get("system"), value.get("code")) if isinstance(value, dict) else value
