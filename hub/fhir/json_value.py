"""The type of JSON that has not been checked: anything may stand anywhere."""

from typing import Any, TypeAlias

JsonValue: TypeAlias = Any
"""What `hub.fhir.json_codec.decode` gives at any depth. Named, so that `Any` keeps its meaning."""
