"""$meta: the profiles, tags and labels of one resource that the reader may see.

Source: FHIR R4 resource-operation-meta.html. It is a read: under the same scope, with the same log
record, and what is hidden answers as what is not there (P3).
"""

from dataclasses import replace
from typing import Any

from hub.api.call import Answer, Call
from hub.api.conditions import NO_CONDITIONS
from hub.api.interaction.read import read
from hub.api.operation.operation_input import read_input
from hub.api.operation.operation_table import META
from hub.fhir.json_codec import decode, encode
from hub.running import Hub


def meta(hub: Hub, call: Call, kind: str, number: str) -> Answer:
    """Return Parameters with the resource's meta.

    Raises:
        NotFound: there is none, or none that the reader may see.
        Unavailable: the access cannot be logged.
    """
    read_input(call, META.inputs)
    found: Any = decode(read(hub, replace(call, conditions=NO_CONDITIONS), kind, number).body)
    given = {"name": "return", "valueMeta": found["meta"]} if "meta" in found else None
    listed = {"parameter": [given]} if given else {}
    return Answer(200, encode({"resourceType": "Parameters", **listed}))
