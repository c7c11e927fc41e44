"""JSON Patch (RFC 6902) on a resource, one step at a time, so that no patch grows without bound.

Source: FHIR R4 http.html#jsonpatch. The library carries out the steps; numbers stay as they were
written.
"""

from collections.abc import Mapping
from typing import Any

import jsonpatch
from jsonpatch import JsonPointerException

from hub.errors import BadRequest, TooLarge, Unprocessable
from hub.fhir.json_codec import MAX_BYTES, decode, encode

MOST_STEPS = 500
_STEPS = b"steps"


class PatchFailed(Unprocessable):
    """A step of a patch cannot be carried out on the resource as it is."""

    code = "patch"


def json_patch(resource: Mapping[str, Any], body: bytes) -> dict[str, Any]:
    """Return the resource after the patch in `body`; the resource itself stays as it is.

    Raises:
        BadRequest: the body is no JSON Patch.
        PatchFailed: a step cannot be carried out, or a test does not hold; says which.
        TooLarge: the resource would become too large.
    """
    patched: dict[str, Any] = dict(resource)
    for number, step in enumerate(_steps(body)):
        try:
            after = jsonpatch.apply_patch(patched, [step])
        except jsonpatch.JsonPatchTestFailed:
            raise PatchFailed(f"step {number + 1} tests for something that is not so") from None
        except jsonpatch.InvalidJsonPatch:
            raise BadRequest(f"step {number + 1} is no step of a JSON Patch") from None
        except (jsonpatch.JsonPatchException, JsonPointerException, TypeError, KeyError):
            raise PatchFailed(
                f"step {number + 1} cannot be carried out: its path leads nowhere in the resource"
            ) from None
        if not isinstance(after, dict):
            raise PatchFailed(f"step {number + 1} leaves no resource")
        patched = after
        if isinstance(step, dict) and step.get("op") == "copy" and len(encode(patched)) > MAX_BYTES:
            raise TooLarge("the patched resource is too large")
    return patched


def _steps(body: bytes) -> list[Any]:
    # the codec reads objects, with all its limits; the list of steps is put into one
    steps = decode(b'{"' + _STEPS + b'":' + body + b"}")[_STEPS.decode()]
    if not isinstance(steps, list) or len(steps) > MOST_STEPS:
        raise BadRequest(f"a JSON Patch is a list of at most {MOST_STEPS} steps")
    return steps
