import time
from pathlib import Path

import pytest

from hub.config import written
from hub.config.problem import ConfigurationError
from hub.config.written import WrittenInteger, read_written, written_from


def _error(text: str | bytes) -> str:
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(ConfigurationError) as caught:
        written_from(content, "file.yaml")
    return str(caught.value)


def test_values_keep_how_they_were_written_and_their_lines() -> None:
    found = written_from(b"a: 012\nb:\n  - 2:4\n  - yes\n  - 'yes'\n  - 2026-01-01\nc: ~\n", "f")
    values = found.value
    assert isinstance(values, dict)
    assert isinstance(values["a"], WrittenInteger)
    assert values["a"].written == "012"
    assert values["b"][0].written == "2:4"
    assert values["b"][1:] == [True, "yes", "2026-01-01"]
    assert found.line(("b", 3)) == 6
    assert found.line(("b", 9, "x")) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x 1\nb: *x\n", "file.yaml:2: (the file): an alias (*) is used; write the value out"),
        ("a: 1\nb: 2\na: 3\n", "file.yaml:3: a: the key stands already on line 1"),
        ("a: !!python/object/apply:os.system [ls]\n", "file.yaml:1: (the file): a tag (!) is used"),
        ("a: !!binary aGVq\n", "a tag (!) is used"),
        ("---\na: 1\n---\nb: 2\n", "file.yaml:3: (the file): a second document begins"),
        ("a: [1\n", "this is not YAML"),
        ("a: 1\n  b: 2\n", "file.yaml:2: (the file): this is not YAML"),
        ("? [1, 2]\n: 3\n", "a key is not a word"),
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        (b"a: 1\nb: \xff\n", "file.yaml:2: (the file): the text is not UTF-8"),
        ("a: \x07\n", "characters that YAML does not allow"),
        ("[" * 40 + "]" * 40, "the nesting is too deep"),
    ],
)
def test_what_our_files_never_need_is_refused(text: str | bytes, said: str) -> None:
    assert said in _error(text)


def test_a_bomb_and_a_giant_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)
    )
    before = time.process_time()
    assert "alias" in _error(bomb)
    assert "deep" in _error("[" * 50_000)
    assert time.process_time() - before < 5
    monkeypatch.setattr(written, "LARGEST_BYTES", 100)
    assert "too large" in _error(b"a: " + b"x" * 200)


def test_a_path_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no such file or directory; check the path"):
        read_written(tmp_path / "none.yaml")
    with pytest.raises(ConfigurationError, match="is a directory"):
        read_written(tmp_path)


def test_a_key_that_may_be_a_number_is_not_shown() -> None:
    said = _error("191212121212: 1\n191212121212: 2\n")
    assert "1912" not in said
    assert "(a key that is not shown)" in said
