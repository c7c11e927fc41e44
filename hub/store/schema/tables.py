"""Every table of the store, imported so that the metadata is whole."""

from hub.store.schema import (
    audit,
    fact,
    issuer_key,
    organisation,
    pull_task,
    resource,
    search_index,
    session,
    setting,
    source_part,
)
from hub.store.schema.metadata import METADATA

__all__ = [
    "METADATA",
    "audit",
    "fact",
    "issuer_key",
    "organisation",
    "pull_task",
    "resource",
    "search_index",
    "session",
    "setting",
    "source_part",
]
