"""/openapi.json: what is no FHIR, described: health, documents in, tokens, the log's own words.

Source: OpenAPI 3.1. FHIR describes itself in /fhir/metadata. Tests hold the two to each other
(tests/hub/test_openapi.py).
"""

from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from hub.ingest.adapters import ADAPTERS
from hub.oauth.configuration import WELL_KNOWN
from hub.oauth.paths import INTROSPECT, REVOKE, TOKEN

PUT_STATES = ("stored", "unchanged", "replaced", "quarantined", "rejected", "source_error")
OUTCOME = {"application/fhir+json": {"schema": {"$ref": "#/components/schemas/OperationOutcome"}}}
REFUSALS = {
    "400": "the request cannot be understood",
    "401": "no token, or one that does not hold",
    "403": "the token is of no client that delivers for such a source",
    "404": "there is no such adapter",
    "413": "the body is larger than the hub takes",
    "503": "the store or the log cannot be reached; nothing was taken",
}

_ASSERTION = ("client_assertion_type", "client_assertion")
OAUTH = {
    TOKEN: ("grant_type", "scope", "subject_token", "subject_token_type", *_ASSERTION),
    INTROSPECT: ("token", *_ASSERTION),
    REVOKE: ("token", *_ASSERTION),
}
"""What a form of each may hold; docs/tokens.md says what for."""


@cache
def described() -> bytes:
    """Return the description as JSON."""
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Samvy", "version": version("samvy")},
            "paths": {
                "/healthz": {"get": _answers("the process runs", _object("status"))},
                "/readyz": {
                    "get": _answers("store, keys, sequencer and witnesses", _checks(), "200", "503")
                },
                "/fhir/metadata": {
                    "get": {
                        "responses": {
                            "200": {
                                "description": "the CapabilityStatement",
                                "content": {"application/fhir+json": {"schema": _object()}},
                            }
                        }
                    }
                },
                "/log/key": {"get": _text("the line that whoever verifies keeps", "200")},
                "/log/checkpoint": {"get": _text("the latest checkpoint", "200", "404")},
                "/log/proof/{place}": {"get": _proof()},
                "/witness/add-checkpoint": {"post": _witness()},
                **{path: {"post": _oauth(names)} for path, names in OAUTH.items()},
                **{path: {"get": _smart()} for path in WELL_KNOWN},
                "/ingest/{adapter}": {"post": _ingest()},
            },
            "components": {
                "schemas": {"OperationOutcome": _outcome(), "Receipt": _receipt()},
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        }
    )


async def openapi(_request: Request) -> Response:
    """Answer with the description."""
    return Response(described(), media_type="application/json")


def _object(*required: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object"}
    if required:
        found["required"] = list(required)
    return found


def _checks() -> dict[str, Any]:
    names = ("store", "keys", "sequencer", "witnesses")
    properties = {"status": {"type": "string"}, **{name: {"type": "boolean"} for name in names}}
    return {**_object("status", *names), "properties": properties}


def _answers(says: str, schema: dict[str, Any], *statuses: str) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    listed = statuses or ("200",)
    return {"responses": {each: {"description": says, "content": content} for each in listed}}


def _text(says: str, *statuses: str) -> dict[str, Any]:
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {"responses": {each: {"description": says, "content": content} for each in statuses}}


def _proof() -> dict[str, Any]:
    text = {"schema": {"type": "string"}}
    none = {"description": "no such record yet", "content": {"text/plain": text}}
    return {
        "parameters": [
            {"name": "place", "in": "path", "required": True, **text},
            {"name": "commitment", "in": "query", "required": True, **text},
        ],
        "responses": {
            **_answers("the record's inclusion proof", _object())["responses"],
            "404": none,
        },
    }


def _oauth(names: tuple[str, ...]) -> dict[str, Any]:
    fields = {name: {"type": "string"} for name in names}
    form = {"application/x-www-form-urlencoded": {"schema": {**_object(), "properties": fields}}}
    done = _answers("RFC 6749, RFC 7662, RFC 7009", _object())
    refused = _answers("as OAuth says it", _object("error"), "400", "401", "503")
    return {
        "requestBody": {"required": True, "content": form},
        "responses": {**done["responses"], **refused["responses"]},
    }


def _smart() -> dict[str, Any]:
    return _answers("where tokens are got", _object("token_endpoint", "grant_types_supported"))


def _witness() -> dict[str, Any]:
    statuses = ("200", "400", "403", "404", "409", "413", "422")
    body = {"text/plain": {"schema": {"type": "string"}}}
    forms: dict[str, Any] = {"text/plain": {}, "text/x.tlog.size": {}}
    return {
        "requestBody": {"required": True, "content": body},
        "responses": {each: {"description": "tlog-witness", "content": forms} for each in statuses},
    }


def _ingest() -> dict[str, Any]:
    receipts = {"type": "array", "items": {"$ref": "#/components/schemas/Receipt"}}
    taken = {"application/json": {"schema": receipts}}
    return {
        "security": [{"token": []}],
        "parameters": [
            {
                "name": "adapter",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "enum": sorted(ADAPTERS)},
            },
            {"name": "source", "in": "query", "schema": {"type": "string"}},
            {"name": "name", "in": "query", "schema": {"type": "string"}},
        ],
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
        },
        "responses": {
            "200": {"description": "every part was taken", "content": taken},
            "422": {"description": "some part was not; its receipt says why", "content": taken},
            **{
                status: {"description": says, "content": OUTCOME}
                for status, says in REFUSALS.items()
            },
        },
    }


def _outcome() -> dict[str, Any]:
    issue = _object("severity", "code")
    return {
        **_object("resourceType", "issue"),
        "properties": {
            "resourceType": {"const": "OperationOutcome"},
            "issue": {"type": "array", "minItems": 1, "items": issue},
        },
    }


def _receipt() -> dict[str, Any]:
    text, or_null = {"type": "string"}, {"type": ["string", "null"]}
    return {
        **_object("document", "part", "source", "adapter", "state", "resources", "issues"),
        "properties": {
            "document": text,
            "part": or_null,
            "source": or_null,
            "adapter": or_null,
            "contract": or_null,
            "state": {"enum": list(PUT_STATES)},
            "resources": {"type": "array", "items": _object("type", "id")},
            "issues": {"type": "array", "items": _object("severity", "code", "text")},
            "unmapped": {"type": "array", "items": text},
        },
    }
