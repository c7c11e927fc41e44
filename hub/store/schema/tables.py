"""Every table of the store, imported so that the metadata is whole."""

from hub.store.schema import (
    audit,
    delivery,
    export_job,
    fact,
    issuer_key,
    lift_request,
    organisation,
    pull_task,
    purged_record,
    resource,
    review,
    search_index,
    session,
    setting,
    source_part,
    trust,
    web_session,
)
from hub.store.schema.metadata import METADATA

__all__ = [
    "METADATA",
    "audit",
    "delivery",
    "export_job",
    "fact",
    "issuer_key",
    "lift_request",
    "organisation",
    "pull_task",
    "purged_record",
    "resource",
    "review",
    "search_index",
    "session",
    "setting",
    "source_part",
    "trust",
    "web_session",
]
