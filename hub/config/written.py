"""A YAML file as plain values, with the line of every key and entry.

Source: YAML 1.1 as PyYAML reads it, less what our files never need and an attacker might use:
aliases, tags, several documents, keys written twice, great depth and size. Dates stay text, so that
the format decides what they mean, and a whole number remembers how it was written, so that
an id of digits and `2:4` survive YAML's opinion of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from hub.config.problem import ConfigurationError, Problem, shown_key

LARGEST_BYTES = 8 * 1024 * 1024
DEEPEST = 16

Place = tuple[str | int, ...]
Value = object

_Loader: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)
_resolve: Callable[[type, str, tuple[bool, bool]], str] = yaml.resolver.Resolver().resolve
_YAML = "tag:yaml.org,2002:"
_TRUE = frozenset({"yes", "true", "on"})


class WrittenInteger(int):
    """A whole number that knows how it was written."""

    written: str

    @classmethod
    def of(cls, text: str) -> "WrittenInteger":
        """Return the number; what is not plain decimal digits has no value of its own here."""
        number = cls(text) if text.isascii() and text.lstrip("-").isdigit() else cls(0)
        number.written = text
        return number

    @property
    def plain(self) -> bool:
        """Tell whether it was written as a decimal number without a leading zero."""
        return str(int(self)) == self.written


@dataclass(frozen=True, slots=True)
class Written:
    """The values of a file, and on which line each of them stands."""

    file: str
    value: Value
    lines: dict[Place, int] = field(repr=False)

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest thing around it that stands in the file."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Place, what: str, remedy: str) -> Problem:
        """Return what is wrong at a place, with its line and its key."""
        return Problem(self.file, self.line(place), named(place), what, remedy)


def named(place: Place) -> str:
    """Return a place as a person would point at it: `sources[0].fallback.owner`."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{shown_key(step)}"
    return text.lstrip(".") or "(the file)"


def read_written(path: Path) -> Written:
    """Return the values of a YAML file with their lines.

    Raises:
        ConfigurationError: it cannot be read, is too large, is not YAML, or uses what is refused.
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise _refusal(name, 1, reason, "check the path and the permissions") from None
    return written_from(content, name)


def written_from(content: bytes, name: str) -> Written:
    """Return the values of YAML text with their lines; `name` stands in errors.

    Raises:
        ConfigurationError: it is too large, is not YAML, or uses what is refused.
    """
    if len(content) > LARGEST_BYTES:
        limit = f"divide it into files of at most {LARGEST_BYTES // 1024 // 1024} MB"
        raise _refusal(name, 1, "the file is too large", limit)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _refusal(name, line, "the text is not UTF-8", "save the file as UTF-8") from None
    return _Reading(name).read(text)


def _refusal(file: str, line: int, what: str, remedy: str) -> ConfigurationError:
    return ConfigurationError([Problem(file, line, "(the file)", what, remedy)])


class _Reading:
    """One pass over the parser's events; nothing is built before its depth is known."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Place, int] = {}

    def read(self, text: str) -> Written:
        try:
            events = iter(yaml.parse(text, Loader=_Loader))
            value = self._document(events)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            what = "this is not YAML"
            raise _refusal(self.file, line, what, "check indentation, quotes and colons") from None
        except yaml.YAMLError:
            what = "the text holds characters that YAML does not allow"
            raise _refusal(self.file, 1, what, "remove control characters") from None
        return Written(self.file, value, self.lines)

    def _document(self, events: Iterator[yaml.Event]) -> Value:
        value: Value = None
        seen = False
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    raise self._refuse(event, "a second document begins", "keep one in each file")
                seen = True
                value = self._value(next(events), events, ())
        if not seen:
            raise _refusal(self.file, 1, "the file is empty", "write its entries")
        return value

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], place: Place) -> Value:
        self.lines.setdefault(place, _line(event))
        if isinstance(event, yaml.AliasEvent):
            raise self._refuse(event, "an alias (*) is used", "write the value out")
        if len(place) > DEEPEST:
            raise self._refuse(event, "the nesting is too deep", "follow the documented format")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.CollectionStartEvent) and event.tag is not None:
            raise self._refuse(event, "a tag (!) is used", "write plain values")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, place)
        return self._mapping(events, place)

    def _sequence(self, events: Iterator[yaml.Event], place: Place) -> list[Value]:
        values: list[Value] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            values.append(self._value(event, events, (*place, len(values))))
        return values

    def _mapping(self, events: Iterator[yaml.Event], place: Place) -> dict[str, Value]:
        values: dict[str, Value] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refuse(event, "a key is not a word", "write the key as plain text")
            key, inner = event.value, (*place, event.value)
            line = _line(event)
            if key in values:
                first = self.lines[inner]
                what = f"the key stands already on line {first}"
                problem = Problem(self.file, line, named(inner), what, "keep one of the two")
                raise ConfigurationError([problem])
            self.lines[inner] = line
            values[key] = self._value(next(events), events, inner)
        return values

    def _scalar(self, event: yaml.ScalarEvent) -> Value:
        if event.tag is not None:
            raise self._refuse(event, "a tag (!) is used", "write plain values")
        if not event.implicit[0]:
            return event.value
        tag = str(_resolve(yaml.ScalarNode, event.value, event.implicit)).removeprefix(_YAML)
        if tag == "null":
            return None
        if tag == "bool":
            return event.value.lower() in _TRUE
        return WrittenInteger.of(event.value) if tag == "int" else event.value

    def _refuse(self, event: yaml.Event, what: str, remedy: str) -> ConfigurationError:
        return _refusal(self.file, _line(event), what, remedy)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
