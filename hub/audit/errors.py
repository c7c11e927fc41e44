"""What can go wrong with the log, each with what to do about it.

AuditError
├── AuditUnavailable    a record could not be written; the answer must be refused (P2)
├── LogInconsistent     the stored log is not what was signed; nothing more is signed (P9)
└── LogKeyProblem       the key that signs checkpoints is missing or not this log's
"""


class AuditError(Exception):
    """The root of the log's errors. No message carries a personal value."""


class AuditUnavailable(AuditError):  # named for the state, as callers speak of it
    """The record is not known to be durable: the answer that it covers must not leave."""


class LogInconsistent(AuditError):  # as above
    """The stored tree is not the one that the last checkpoint signed."""


class LogKeyProblem(AuditError):  # as above
    """The signing key cannot be used for this log."""


class NothingToExport(AuditError):  # as above
    """The log has no checkpoint yet, so nothing can be proven."""
