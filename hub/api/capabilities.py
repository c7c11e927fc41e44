"""capabilities: the CapabilityStatement, made from what is there.

Source: FHIR R4 http.html#capabilities, capabilitystatement.html. It says nothing about any person
and needs no consent.
"""

from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from hub.api.call import FHIR_JSON, Answer
from hub.api.consent.resource import LAW, PROFILES
from hub.api.consent.search_match import PARAMETERS
from hub.api.operation.operation_table import OPERATIONS, STORED
from hub.api.own_documents import CREATED
from hub.api.search.directory_entry import DIRECTORY
from hub.fhir.search_parameters import Kind, parameters

PUBLISHED = "2026-11-25"
SERVED = STORED
SEARCHED = tuple(name for name in SERVED if "patient" in parameters(name))
"""The types whose searches can name the one person that they are about."""


NOT_THERE = (
    "Every clinical search names one person, but for an organisation's own system on its own data."
    " Location, Organization, Practitioner and PractitionerRole are those of the hub's directory."
    " Not there: _text, _content, _filter, _query, Location.near, $export's _typeFilter. :in and"
    " :not-in take the value sets that R4 binds the elements of these types to; :above and :below"
    " ICD-10 and ATC. What is not known is an error under Prefer: handling=strict, and reported"
    " in the answer otherwise."
)


@cache
def _statement() -> bytes:
    return msgspec.json.encode(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": PUBLISHED,
            "kind": "instance",
            "software": {"name": "Samvy", "version": version("samvy")},
            "implementation": {"description": "Samvy, a hub for shared care documentation"},
            "fhirVersion": "4.0.1",
            "instantiates": ["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"],
            "format": [FHIR_JSON, "application/fhir+xml", "json", "xml"],
            "patchFormat": ["application/json-patch+json", FHIR_JSON, "application/fhir+xml"],
            "rest": [
                {
                    "mode": "server",
                    "documentation": NOT_THERE,
                    "security": {
                        "service": [
                            {
                                "coding": [
                                    {
                                        "system": "http://terminology.hl7.org/CodeSystem/"
                                        "restful-security-service",
                                        "code": code,
                                    }
                                    for code in ("SMART-on-FHIR", "OAuth")
                                ]
                            }
                        ],
                        "description": "OAuth 2 bearer tokens; consent decides what is seen",
                    },
                    "resource": [
                        *(_resource(name) for name in SERVED),
                        _consents(),
                        _definitions(),
                        _profiles(),
                    ],
                    "interaction": [
                        {"code": "transaction"},
                        {"code": "batch"},
                        {"code": "history-system"},
                    ],
                    "operation": [
                        {"name": each.code, "definition": each.url}
                        for each in OPERATIONS
                        if each.on_system
                    ],
                }
            ],
        }
    )


def _resource(name: str) -> dict[str, Any]:
    if name == "Patient":
        return {
            "type": name,
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "versioning": "no-version",
            "searchParam": [{"name": "identifier", "type": "token"}],
            "operation": _operations(name),
        }
    searched, created, listed = name in SEARCHED, name in CREATED, name in DIRECTORY
    written = ["create", "update", "patch", "delete"] if created else []
    found = ["search-type", "history-type"] if searched else ["search-type"] if listed else []
    codes = ["read", "vread", "history-instance", *found, *written]
    claim: dict[str, Any] = {
        "type": name,
        "interaction": [{"code": each} for each in codes],
        "versioning": "versioned-update" if created else "versioned",
        "readHistory": True,
        "updateCreate": False,
        "conditionalRead": "full-support",
        "operation": _operations(name),
    }
    if created:
        claim |= {
            "conditionalCreate": True,
            "conditionalUpdate": True,
            "conditionalDelete": "single",
        }
    known = parameters(name).values()
    if searched or listed:
        claim["searchParam"] = [{"name": each.code, "type": each.kind.value} for each in known]
    if searched:
        claim["searchInclude"] = [
            f"{name}:{each.code}" for each in known if each.kind is Kind.REFERENCE
        ]
        claim["searchRevInclude"] = [
            f"{other}:{each.code}"
            for other in SEARCHED
            for each in parameters(other).values()
            if name in each.targets
        ]
        claim["searchParam"].append({"name": "_list", "type": "special"})
    return claim


def _consents() -> dict[str, Any]:
    """Answers and blocks, which are made of facts and found without an index."""
    codes = ("read", "vread", "history-instance", "search-type", "create", "update")
    return {
        "type": "Consent",
        "supportedProfile": [f"{PROFILES}/{each}" for each in LAW],
        "interaction": [{"code": each} for each in codes],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": False,
        "conditionalRead": "full-support",
        "searchParam": [
            {"name": name, "type": each.kind.value} for name, each in PARAMETERS.items()
        ],
        "documentation": "what is created is registered, and an update ends it: docs/consents.md",
    }


def _operations(name: str) -> list[dict[str, str]]:
    return [
        {"name": each.code, "definition": each.url} for each in OPERATIONS if name in each.types
    ]


def _definitions() -> dict[str, Any]:
    """The operations themselves, which stand under /fhir/OperationDefinition."""
    return {
        "type": "OperationDefinition",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [
            {"name": "_id", "type": "token"},
            {"name": "code", "type": "token"},
            {"name": "name", "type": "string"},
            {"name": "url", "type": "uri"},
        ],
    }


def _profiles() -> dict[str, Any]:
    """The profiles of what the hub makes itself."""
    return {
        "type": "StructureDefinition",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [
            {"name": "_id", "type": "token"},
            {"name": "type", "type": "token"},
            {"name": "url", "type": "uri"},
        ],
    }


def capabilities() -> Answer:
    """Return the CapabilityStatement."""
    return Answer(200, _statement())
