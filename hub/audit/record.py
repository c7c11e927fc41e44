"""One access as it is logged, and the bytes that stand for it.

Source: HSLF-FS 2016:40 4 kap. 9 § (what was done, from which unit or process, from whom the data
came, when, by whom, about whom); IHE BALP 1.1. The payload is canonical JSON in the manner of RFC
8785: sorted keys, no white space, UTF-8, no floats. It is made once and stored; whoever verifies
hashes the stored bytes and never makes them again, so a later field changes no older record.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

FORMAT = 1
COLUMN_LIMIT = 256


class Action(StrEnum):
    """What was done: FHIR's interaction names, and the hub's own acts where FHIR has none."""

    READ = "read"
    VREAD = "vread"
    SEARCH = "search-type"
    HISTORY = "history-instance"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    TRANSACTION = "transaction"
    OPERATION = "operation"
    OPEN = "open"
    RUNG = "rung"
    BLOCK = "block"
    LIFT = "lift"
    EXPORT = "export"
    LOG_READ = "log-read"
    ERASE = "erase"
    ADMINISTER = "administer"
    AUTHENTICATE = "authenticate"
    ISSUE = "token-issue"
    INTROSPECT = "token-introspect"
    REVOKE = "token-revoke"


class Outcome(StrEnum):
    """How it ended. `partial`: something of what was asked for was not shown."""

    PERMIT = "permit"
    PARTIAL = "partial"
    DENY = "deny"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Shown:
    """The references that one owner's documentation contributed to an answer."""

    owner: str
    unit: str | None
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of the ladder (U0 to I1) that was revealed, and the organisations it named."""

    code: str
    organisations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRecord:
    """One request's access to one person, or an act that concerns nobody (person None).

    `person` is the hub's key, never a personnummer. `query` is the request as received and may
    hold what the reader typed; it is stored as text and never interpreted. `flags` say why the
    record should be reviewed. `client` and `network` are the calling system and its address;
    `issuer` and `token` who vouched for the user, and the id (jti) of the token. `refusal` is the
    code of what the request was refused for. `times`: this record stands for so many alike.
    """

    id: str
    recorded: datetime
    action: Action
    outcome: Outcome
    user: str | None = None
    assignment: str | None = None
    organisation: str | None = None
    authority: str | None = None
    unit: str | None = None
    process: str | None = None
    capacity: str | None = None
    purpose: str | None = None
    person: str | None = None
    shown: tuple[Shown, ...] = ()
    rungs: tuple[Rung, ...] = ()
    grounds: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()
    session: str | None = None
    law_version: str | None = None
    request_id: str | None = None
    query: str | None = None
    reason: str | None = None
    flags: tuple[str, ...] = ()
    client: str | None = None
    network: str | None = None
    issuer: str | None = None
    token: str | None = None
    refusal: str | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        """Refuse what would fail at the database, where it would take other records with it."""
        if self.recorded.tzinfo is None:
            raise ValueError("AccessRecord.recorded has no time zone; give an aware datetime")
        for name in ("id", "user", "organisation", "person"):
            value = getattr(self, name)
            if value is not None and not _fits_column(value):
                raise ValueError(
                    f"AccessRecord.{name} is not 1 to {COLUMN_LIMIT} printable characters"
                )


def new_id() -> str:
    """Return a random id for a record."""
    return str(uuid.uuid4())


def instant(moment: datetime) -> str:
    """Return an instant as the log writes it: UTC, microseconds, so that text sorts as time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def payload_of(record: AccessRecord) -> bytes:
    """Return the record's canonical bytes. What is empty or None is left out."""
    fields: dict[str, Any] = {
        name: value
        for name in record.__slots__
        if (value := getattr(record, name)) not in (None, ())
    }
    fields["format"] = FORMAT
    fields["recorded"] = instant(record.recorded)
    if record.shown:
        fields["shown"] = [
            _without_empty({"owner": s.owner, "unit": s.unit, "references": s.references})
            for s in record.shown
        ]
    if record.rungs:
        fields["rungs"] = [
            _without_empty({"code": r.code, "organisations": r.organisations}) for r in record.rungs
        ]
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # A lone surrogate, which a hostile request can hold, becomes its JSON escape and stays exact.
    return text.encode("utf-8", "backslashreplace")


def record_from(payload: bytes) -> AccessRecord:
    """Return the record that a stored payload holds; the inverse of `payload_of`."""
    fields: dict[str, Any] = json.loads(payload)
    if fields.pop("format") != FORMAT:
        raise ValueError(f"the payload's format is not {FORMAT}; a newer Samvy wrote it")
    fields["recorded"] = datetime.fromisoformat(fields["recorded"])
    fields["action"] = Action(fields["action"])
    fields["outcome"] = Outcome(fields["outcome"])
    fields["shown"] = tuple(
        Shown(s["owner"], s.get("unit"), tuple(s.get("references", ())))
        for s in fields.get("shown", ())
    )
    fields["rungs"] = tuple(
        Rung(r["code"], tuple(r.get("organisations", ()))) for r in fields.get("rungs", ())
    )
    for name in ("grounds", "obligations", "flags"):
        fields[name] = tuple(fields.get(name, ()))
    return AccessRecord(**fields)


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, ())}


def _fits_column(value: str) -> bool:
    return 0 < len(value) <= COLUMN_LIMIT and value.isprintable()
