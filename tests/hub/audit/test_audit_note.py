"""Signed notes and keys, against the format's own published example and against forgeries."""

import base64

import pytest

from hub.audit.note import Checkpoint, NoteError, Signer, Verifier, open_checkpoint

# The key pair and note that the documentation of Go's sumdb/note publishes.
PUBLISHED_KEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLISHED_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
CHECKPOINT = Checkpoint("samvy/test", 3, bytes(range(32)))


@pytest.fixture
def signer() -> Signer:
    return Signer.generate("samvy/test")


def test_the_published_key_is_read_and_written_as_published() -> None:
    signer = Signer.parse(PUBLISHED_KEY)
    assert signer.text() == PUBLISHED_KEY
    assert signer.verifier.text() == PUBLISHED_PUBLIC
    assert Verifier.parse(PUBLISHED_PUBLIC) == signer.verifier


def test_a_checkpoint_opens_with_its_key(signer: Signer) -> None:
    note = signer.sign(CHECKPOINT)
    assert note.splitlines()[:4] == [
        "samvy/test",
        "3",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "",
    ]
    assert open_checkpoint(note, signer.verifier) == CHECKPOINT


def test_a_witness_may_add_a_line(signer: Signer) -> None:
    witness = Signer.generate("witness.example")
    added = witness.sign(Checkpoint("witness.example", 3, bytes(32))).splitlines()[-1]
    note = signer.sign(CHECKPOINT) + added + "\n"
    assert open_checkpoint(note, signer.verifier) == CHECKPOINT


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n3\n", "\n4\n"), ("AAEC", "AAED"), ("samvy/test\n3", "samvy/other\n3"), ("\n\n", "\n")],
)
def test_a_changed_note_does_not_open(signer: Signer, old: str, new: str) -> None:
    note = signer.sign(CHECKPOINT)
    assert old in note
    with pytest.raises(NoteError):
        open_checkpoint(note.replace(old, new, 1), signer.verifier)


@pytest.mark.parametrize("origin", ["samvy/test", "samvy/other"])
def test_another_key_does_not_open_it(signer: Signer, origin: str) -> None:
    with pytest.raises(NoteError, match="not signed"):
        open_checkpoint(signer.sign(CHECKPOINT), Signer.generate(origin).verifier)


def test_a_text_that_the_key_signed_for_another_log_does_not_open(signer: Signer) -> None:
    text = Checkpoint("samvy/other", 3, bytes(32)).text()
    packed = base64.b64encode(signer.verifier.key_id + signer.private.sign(text.encode())).decode()
    with pytest.raises(NoteError, match="another"):
        open_checkpoint(f"{text}\n— samvy/test {packed}\n", signer.verifier)


def test_garbage_in_a_signature_line_is_no_crash(signer: Signer) -> None:
    text = signer.sign(CHECKPOINT).partition("\n\n")[0]
    for line in ("— samvy/test ====", "— samvy/test AAAA", "-- samvy/test", ""):
        with pytest.raises(NoteError):
            open_checkpoint(f"{text}\n\n{line}\n", signer.verifier)


def test_a_log_signs_its_own_checkpoints_only(signer: Signer) -> None:
    with pytest.raises(NoteError, match="another"):
        signer.sign(Checkpoint("samvy/other", 3, bytes(32)))


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "a\n"])
def test_a_name_that_would_break_the_format_is_refused(origin: str) -> None:
    with pytest.raises(NoteError):
        Signer.generate(origin)


@pytest.mark.parametrize(
    "line",
    [
        "",
        PUBLISHED_PUBLIC,
        PUBLISHED_KEY.replace("c74f20a3", "c74f20a4"),
        PUBLISHED_KEY.replace("AYEK", "AoEK"),
        PUBLISHED_KEY[:-4],
        PUBLISHED_KEY[:-1] + "!",
    ],
)
def test_a_broken_private_key_is_refused(line: str) -> None:
    with pytest.raises(NoteError):
        Signer.parse(line)


def test_a_public_key_with_another_id_is_refused() -> None:
    with pytest.raises(NoteError):
        Verifier.parse(PUBLISHED_PUBLIC.replace("c74f", "c74e"))


def test_a_private_key_does_not_show_itself(signer: Signer) -> None:
    assert signer.text().rpartition("+")[2] not in repr(signer)
    assert "samvy/test" in repr(signer)
