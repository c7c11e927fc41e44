"""A compiled mapping table at work: one record's tree in, FHIR R4 resources out.

    table = mappings.tables.load("rivta/get_diagnosis_2")
    mapped = table.map(tree, context)

A tree has local names as keys, text as leaves, lists where an element is repeated, attributes as
"@name" and the text of an element that also has attributes as "#text". What the tables may say is
in mappings/README.md; this module runs what mappings/compile.py made of them.

Source: DESIGN §2 (declarative tables, one small engine), P6 (nothing lost), P7 (where from).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from mappings.base_profiles import conform
from mappings.coverage import Known, Outline, beyond
from mappings.paths import Node, Scope, Value, leaf

Resource: TypeAlias = dict[str, object]
Run: TypeAlias = Callable[[Scope, Resource, "Frame"], bool]
"""Gives a resource a value from a scope, and tells whether it came from the source."""
Condition: TypeAlias = Callable[[Scope, "Frame"], bool]

NOPATIENT = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "code": "NOPATIENT",
    "display": "no disclosure to patient, family or caregivers without attending provider's "
    "authorization",
}


@dataclass(frozen=True, slots=True)
class MappingNote:
    """Something about a mapping that the one who sent the document should know; no values."""

    severity: str
    code: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """What the tables need and the record's body does not hold.

    `mint(resource_type, place)` gives the id of the resource at a place in the record, the same id
    each time. `identifier_system` is the system of identifiers that are unique only within the
    source system; `source` becomes meta.source. `facts` holds what else a table may ask for by
    name; `nullified` and `not_for_patient` are always among them. `links(kind, key)` gives the
    resources that another record of the delivery becomes, as (resource's name, reference).
    """

    patient: str
    mint: Callable[[str, str], str]
    identifier_system: str
    source: str
    owner: str | None = None
    unit: str | None = None
    not_for_patient: bool = False
    nullified: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)
    links: Callable[[str, str], Sequence[tuple[str, str]]] = field(default=lambda _kind, _key: ())

    def fact(self, name: str) -> object:
        """Return a fact by the name that tables use; None when there is none."""
        if name in CONTEXT_FACTS:
            return getattr(self, name)
        return self.facts.get(name)


CONTEXT_FACTS = frozenset(
    {"owner", "unit", "not_for_patient", "nullified", "source", "identifier_system"}
)


@dataclass(frozen=True, slots=True)
class Mapped:
    """The outcome for one record: resources, where each stood, what no table takes, and notes.

    `places[i]` is the place in the record that `resources[i]` was made from ("" is the record).
    `unmapped` names source paths without indexes or values.
    """

    resources: list[Resource]
    places: list[str]
    unmapped: list[str]
    notes: list[MappingNote]


@dataclass(frozen=True, slots=True)
class Instance:
    """One resource that a record gives, known before any body is built so that it can be cited."""

    plan: "ResourcePlan"
    scope: Scope
    key: str | None
    place: str
    id: str


@dataclass(frozen=True, slots=True)
class Step:
    """A compiled rule: what runs it, and what it does where that can be written out.

    See mappings/written_out.py; what has nothing that describes it is run as it is.
    """

    run: Run
    what: object = None


@dataclass(frozen=True, slots=True)
class ResourcePlan:
    """A compiled resource of a table: where it repeats, when it applies, and its steps.

    `build` is the steps written out as one function.
    """

    name: str
    type: str
    each: Callable[[Scope], Sequence[Scope]] | None
    key: Callable[[Scope], Value | None] | None
    when: Condition | None
    steps: tuple[Step, ...]
    build: Run


class Frame:
    """The state of one `map` call: facts, notes, and the resources that may be referred to."""

    __slots__ = ("at", "context", "current", "instances", "notes")

    def __init__(self, context: Context) -> None:
        """Begin with no notes and no resources."""
        self.context = context
        self.notes: dict[tuple[str, str], MappingNote] = {}
        self.instances: dict[str, list[Instance]] = {}
        self.at = ""
        self.current: Resource = {}

    def note(self, code: str, text: str, severity: str = "warning") -> None:
        """Record once per kind and place what a transform met; `text` never holds a value."""
        self.notes.setdefault((code, self.at), MappingNote(severity, code, self.at, text))

    def related(self, name: str, scope: Scope) -> list[Instance]:
        """Return the instances of a resource on the same line of descent as `scope`."""
        here = scope[-1]
        return [
            i
            for i in self.instances.get(name, ())
            if any(i.scope[-1] is node for node in scope) or any(here is node for node in i.scope)
        ]

    def below(self, name: str, scope: Scope) -> list[Instance]:
        """Return the instances of a resource that stand below this node with at most one between.

        One between is an element that only holds them, such as the result of an analysis.
        """
        here = scope[-1]
        return [
            i for i in self.instances.get(name, ()) if any(node is here for node in i.scope[-3:-1])
        ]

    def keyed(self, name: str, key: str) -> list[Instance]:
        """Return the instances of a resource whose key is `key`."""
        return [i for i in self.instances.get(name, ()) if i.key == key]


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping table, compiled: its resources, and which source paths it takes or leaves out."""

    name: str
    contract: str
    plans: tuple[ResourcePlan, ...]
    known: Known
    outline: Outline
    left_out: Mapping[str, str]

    def resources_of(self, tree: Node, context: Context) -> list[tuple[str, str | None, str]]:
        """Return name, key and reference of each resource that a record gives, without bodies."""
        frame = Frame(context)
        return [
            (plan.name, each.key, f"{plan.type}/{each.id}")
            for plan in self.plans
            for each in _instances(plan, tree, frame)
        ]

    def map(self, tree: Node, context: Context) -> Mapped:
        """Return the FHIR resources of one record, with ids, meta and references in place."""
        form = getattr(tree, "form", None)
        if form is not None and form.table is self:
            return cast("Mapped", form.run(tree, tree.given, context))  # type: ignore[attr-defined]  # mappings/forms.py
        frame = Frame(context)
        for plan in self.plans:
            frame.instances[plan.name] = _instances(plan, tree, frame)
        resources: list[Resource] = []
        places: list[str] = []
        for plan in self.plans:
            for instance in frame.instances[plan.name]:
                resources.append(_build(instance, frame))
                places.append(instance.place)
        return Mapped(resources, places, beyond(tree, self.outline), list(frame.notes.values()))


def _instances(plan: ResourcePlan, tree: Node, frame: Frame) -> list[Instance]:
    mint = frame.context.mint
    made: list[Instance] = []
    if plan.each is None:
        if plan.when is None or plan.when((tree,), frame):
            made.append(Instance(plan, (tree,), None, plan.name, mint(plan.type, plan.name)))
        return made
    seen: set[str] = set()
    for number, scope in enumerate(plan.each((tree,)), 1):
        if plan.when is not None and not plan.when(scope, frame):
            continue
        key = None if plan.key is None else leaf(plan.key(scope))
        # A key that the source repeats cannot tell two resources apart: the number does.
        place = f"{plan.name}:{key}" if key and key not in seen else f"{plan.name}[{number}]"
        if key:
            seen.add(key)
        made.append(Instance(plan, scope, key, place, mint(plan.type, place)))
    return made


def _build(instance: Instance, frame: Frame) -> Resource:
    context = frame.context
    meta: Resource = {"source": context.source}
    if context.not_for_patient:
        meta["security"] = [dict(NOPATIENT)]
    resource: Resource = {"resourceType": instance.plan.type, "id": instance.id, "meta": meta}
    frame.current = resource
    instance.plan.build(instance.scope, resource, frame)
    conform(resource)
    return resource
