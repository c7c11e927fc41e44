"""One document of notes as large as is asked for, made of the message in tests/adapters/rivta."""

from pathlib import Path

MESSAGES = Path(__file__).parents[1] / "adapters" / "rivta" / "messages"


def large_note(size: int) -> bytes:
    """Return an answer of GetCareDocumentation 3.0 of about `size` bytes, each note with its id."""
    note = (MESSAGES / "note_3.xml").read_bytes()
    head, tag, rest = note.partition(b"<r:careDocumentation>")
    body, end, tail = rest.partition(b"</r:careDocumentation>")
    record = tag + body + end
    times = max(1, size // len(record))
    many = (record.replace(b"NOTE-1", b"NOTE-%d" % number) for number in range(times))
    return head + b"\n".join(many) + tail
