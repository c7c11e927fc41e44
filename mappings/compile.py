"""From a table's YAML to closures, with every mistake named by file, line and key.

Source: DESIGN §2 (an informatician edits the tables; the engine is small).
"""

from collections.abc import Mapping
from pathlib import Path as File
from typing import Any

from mappings.conditions import compile_condition
from mappings.coverage import ALL, LEAF, Known, learn, outline
from mappings.engine import Condition, ResourcePlan, Step, Table
from mappings.located_yaml import Located, TableError, read
from mappings.paths import Path, chained, getter, parse_path, recursive, selector
from mappings.rules import (
    block,
    constant,
    contained,
    fact,
    patient,
    reference,
    sourced,
    unless,
    within,
)
from mappings.targets import Target, parse_target
from mappings.transforms.registry import REGISTRY, Transform
from mappings.written_out import written_out

_TABLE = {"contract", "source", "include", "fragments", "resources", "left_out"}
_RESOURCE = {"name", "type", "for_each", "recurse", "then_each", "key", "when", "fields"}
_SOURCES = ("constant", "fact", "patient", "refer", "contained", "fields", "from")
_RULE = {
    *_SOURCES,
    "to",
    "transform",
    "with",
    "map",
    "else",
    "when",
    "use",
    "by",
    "unless",
    "display",
    "below",
}

Base = tuple[str, ...]


class Compiler:
    """Compiles one table; keeps what it learns about the source paths on the way."""

    def __init__(self, path: File, name: str, folder: File) -> None:
        """Begin with a file's path, the table's name, and the folder that shared files lie in."""
        self.path = path
        self.name = name
        self.folder = folder
        self.known: Known = {}
        self.left_out: dict[str, str] = {}
        self.fragments: dict[str, Any] = {}
        self.left_fragments: dict[str, Any] = {}
        self.types: dict[str, str] = {}

    def fail(self, where: Mapping[str, object], text: str) -> TableError:
        """Return the error for a place in the table."""
        if isinstance(where, Located) and where.line:
            return TableError(f"{where.file}:{where.line}: {text}")
        return TableError(f"{self.path}: {text}")

    def table(self, spec: Located) -> Table:
        """Return the compiled table."""
        self._keys(spec, _TABLE, {"contract", "resources"}, "a table")
        for name in self._list(spec, "include"):
            self._include(spec, str(name))
        self.fragments.update(spec.get("fragments") or {})
        resources = self._list(spec, "resources")
        for resource in resources:
            self._keys(resource, _RESOURCE, {"name", "type", "fields"}, "a resource")
            if resource["name"] in self.types:
                raise self.fail(resource, f"two resources have the name '{resource['name']}'")
            self.types[resource["name"]] = resource["type"]
        plans = tuple(self._resource(resource) for resource in resources)
        for entry in self._list(spec, "left_out"):
            self._leave(entry, ())
        return Table(
            self.name, spec["contract"], plans, self.known, outline(self.known), self.left_out
        )

    def _include(self, spec: Located, name: str) -> None:
        beside = self.path.parent / f"{name}.yaml"
        shared = read(beside if beside.exists() else self.folder / f"{name}.yaml")
        self._keys(shared, {"fragments", "left_out", "source"}, set(), f"the shared file {name}")
        self.fragments.update(shared.get("fragments") or {})
        for key, entries in (shared.get("left_out") or {}).items():
            self.left_fragments[key] = entries
        if not shared:
            raise self.fail(spec, f"the shared file '{name}' is empty")

    def _leave(self, entry: Located, base: Base) -> None:
        self._keys(entry, {"path", "reason", "use", "under"}, set(), "an entry of 'left_out'")
        if "use" in entry:
            if entry["use"] not in self.left_fragments:
                raise self.fail(entry, f"no shared 'left_out' has the name '{entry['use']}'")
            under = self._path(entry, str(entry.get("under", "."))).absolute(base)
            for each in self.left_fragments[entry["use"]]:
                self._leave(each, under)
            return
        if not entry.get("path") or not entry.get("reason"):
            raise self.fail(entry, "an entry of 'left_out' needs a path and a reason")
        path = str(entry["path"])
        below = path.endswith("/*")
        names = self._path(entry, path.removesuffix("/*")).absolute(base)
        learn(self.known, names, (LEAF, ALL) if below else (LEAF,))
        self.left_out["/".join(names) + ("/*" if below else "")] = str(entry["reason"])

    def _resource(self, spec: Located) -> ResourcePlan:
        base: Base = ()
        each = key = None
        if "for_each" in spec:
            path = self._path(spec, str(spec["for_each"]))
            base, each = path.absolute(()), selector(path)
            if "recurse" in spec:
                inner = self._path(spec, str(spec["recurse"]))
                each = recursive(each, selector(inner))
                self._same_within(base, inner.names)
            if "then_each" in spec:
                last = self._path(spec, str(spec["then_each"]))
                base, each = last.absolute(base), chained(each, selector(last))
        if "key" in spec:
            path = self._path(spec, str(spec["key"]))
            learn(self.known, path.absolute(base))
            key = getter(path)
        when, steps = self._when(spec, base), self._steps(spec, "fields", base)
        return ResourcePlan(spec["name"], spec["type"], each, key, when, steps, written_out(steps))

    def _same_within(self, base: Base, inner: Base) -> None:
        """Learn that what is known of an element is known of those within it, however deep."""
        at = self.known
        for name in base:
            at = at.setdefault(name, {})
        element = at
        for name in inner[:-1]:
            at = at.setdefault(name, {})
        at[inner[-1]] = element

    def _when(self, spec: Located, base: Base) -> Condition | None:
        if "when" not in spec:
            return None
        return compile_condition(
            spec["when"],
            self.fail,
            lambda path: learn(self.known, path.absolute(base)),
            spec,
        )

    def _steps(self, spec: Located, key: str, base: Base) -> tuple[Step, ...]:
        steps: list[Step] = []
        for rule in self._list(spec, key):
            steps.extend(self._rule(rule, base))
        return tuple(steps)

    def _rule(self, spec: Located, base: Base) -> list[Step]:
        self._keys(spec, _RULE, set(), "a rule")
        when = self._when(spec, base)
        if "use" in spec:
            return [self._use(spec, base, when)]
        to = spec.get("to")
        if isinstance(to, Mapping):
            return self._chosen(spec, to, base)
        if not isinstance(to, str):
            raise self.fail(spec, "a rule needs 'to' (a FHIR path) or 'use' (a fragment)")
        try:
            target = parse_target(to)
        except ValueError as error:
            raise self.fail(spec, str(error)) from error
        step = self._single(spec, target, base, when)
        return [unless(str(spec["unless"]), step) if "unless" in spec else step]

    def _chosen(self, spec: Located, to: Mapping[str, Any], base: Base) -> list[Step]:
        """Compile `to: {by: path, is: {A: target, B: other}}`: the target by a value."""
        if set(to) != {"by", "is"} or not isinstance(to["is"], Mapping):
            raise self.fail(spec, "a chosen target is written {by: path, is: {value: target}}")
        steps: list[Step] = []
        for value, target in to["is"].items():
            rule = Located({**spec, "to": target})
            rule.file, rule.line = spec.file, spec.line
            chosen = Located({"path": to["by"], "is": value})
            chosen.file, chosen.line = spec.file, spec.line
            rule["when"] = [chosen, *([spec["when"]] if "when" in spec else [])]
            steps.extend(self._rule(rule, base))
        return steps

    def _use(self, spec: Located, base: Base, when: Condition | None) -> Step:
        fragment = self.fragments.get(spec["use"])
        if not isinstance(fragment, list):
            raise self.fail(spec, f"no fragment has the name '{spec['use']}'")
        path = self._path(spec, str(spec.get("from", ".")))
        holder = Located({"fields": fragment})
        holder.file, holder.line = spec.file, spec.line
        return within(path, self._steps(holder, "fields", path.absolute(base)), when)

    def _single(self, spec: Located, target: Target, base: Base, when: Condition | None) -> Step:
        if "constant" in spec:
            return constant(target, spec["constant"], when)
        if "fact" in spec:
            return fact(target, str(spec["fact"]), self._transform(spec)[0], when)
        if spec.get("patient"):
            return patient(target, when)
        if "refer" in spec:
            return self._reference(spec, target, base, when)
        if "fields" in spec:
            path = self._path(spec, str(spec.get("from", ".")))
            steps = self._steps(spec, "fields", path.absolute(base))
            if "contained" in spec:
                display = None
                if "display" in spec:
                    display = self._path(spec, str(spec["display"]))
                return contained(target, path, str(spec["contained"]), steps, display, when)
            return block(target, path, steps, when)
        if "from" not in spec:
            raise self.fail(spec, f"a rule needs one of {', '.join(_SOURCES)}")
        return self._sourced(spec, target, base, when)

    def _reference(self, spec: Located, target: Target, base: Base, when: Condition | None) -> Step:
        if spec["refer"] not in self.types:
            raise self.fail(spec, f"'refer' names '{spec['refer']}', which is no resource here")
        by = None
        if "by" in spec:
            by = self._path(spec, str(spec["by"]))
            learn(self.known, by.absolute(base))
        return reference(target, spec["refer"], by, when, below=bool(spec.get("below")))

    def _sourced(self, spec: Located, target: Target, base: Base, when: Condition | None) -> Step:
        convert, takes = self._transform(spec)
        written = spec["from"] if isinstance(spec["from"], list) else [spec["from"]]
        paths = [self._path(spec, str(each)) for each in written]
        for path in paths:
            learn(self.known, path.absolute(base), takes)
        places = ["/".join(path.absolute(base)) for path in paths]
        values = spec.get("map")
        if values is not None and not isinstance(values, Mapping):
            raise self.fail(spec, "'map' must be value: mapped")
        named = None
        if values is None:
            named = (str(spec.get("transform", "string")), spec.get("with") or {})
        ways = list(zip(paths, places, strict=True))
        return sourced(target, ways, convert, values, spec.get("else"), when, named=named)

    def _transform(self, spec: Located) -> tuple[Transform | None, tuple[str, ...]]:
        name = spec.get("transform")
        if name is None:
            if "with" in spec:
                raise self.fail(spec, "'with' gives options to a transform, and there is none")
            if "map" in spec or "fact" in spec:
                return None, (LEAF,)
            name = "string"
        registered = REGISTRY.get(name)
        if registered is None:
            raise self.fail(spec, f"no transform '{name}'; there are {', '.join(sorted(REGISTRY))}")
        options = spec.get("with") or {}
        try:
            return registered.make(**options), registered.takes
        except (TypeError, ValueError, KeyError) as error:
            raise self.fail(spec, f"'{name}' cannot be made with these options: {error}") from error

    def _path(self, spec: Located, text: str) -> Path:
        try:
            return parse_path(text)
        except ValueError as error:
            raise self.fail(spec, str(error)) from error

    def _list(self, spec: Located, key: str) -> list[Any]:
        found = spec.get(key) or []
        if not isinstance(found, list):
            raise self.fail(spec, f"'{key}' must be a list")
        return found

    def _keys(self, spec: object, allowed: set[str], needed: set[str], what: str) -> None:
        if not isinstance(spec, Located):
            message = f"{self.path}: {what} must be keys and values"
            raise TableError(message)
        if odd := sorted(set(spec) - allowed):
            raise self.fail(spec, f"{what} has no key '{odd[0]}' (it has {sorted(allowed)})")
        if lacking := sorted(key for key in needed if not spec.get(key)):
            raise self.fail(spec, f"{what} needs '{lacking[0]}'")
