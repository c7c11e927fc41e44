"""What somebody reads of a resource, in one line: kind, state, what, how much, when, by whom."""

from base64 import b64decode
from typing import Any

Json = dict[str, Any]


def told(resource: Json) -> str:
    """Return the line; "" for what is no documentation of the person's."""
    reader = _READERS.get(resource["resourceType"])
    return "" if reader is None else " | ".join(part for part in reader(resource) if part)


def _text(concept: Json | None) -> str:
    if not concept:
        return ""
    coded = [c.get("display") or c.get("code", "") for c in concept.get("coding", [])]
    return str(concept.get("text") or next(iter(coded), ""))


def _period(period: Json | None) -> str:
    return f"{period.get('start', '')}..{period.get('end', '')}" if period else ""


def _own(resource: Json, name: str) -> str:
    found = [e for e in resource.get("extension", []) if e["url"].endswith(f"/{name}")]
    return " ".join(str(v) for e in found for k, v in e.items() if k != "url")


def _marked(resource: Json) -> str:
    return "STRUCK OUT" if resource.get("status") == "entered-in-error" else ""


def _request(one: Json) -> list[str]:
    amount = one.get("quantityQuantity")
    much = f"{amount.get('value')} {amount.get('unit')}" if amount else ""
    name = {"order": "granted", "plan": "without needs test", "proposal": "applied for"}
    asked = one.get("requester", {}) if one["intent"] == "proposal" else {}
    by = f"by {asked.get('type', 'Patient')} {asked.get('display', '')}".strip() if asked else ""
    outcome = f"({_own(one, 'utfall')})" if _own(one, "utfall") else ""
    return [
        f"{name[one['intent']]} {outcome}".strip(),
        _text(one.get("code")),
        much,
        str(one.get("authoredOn", "")),
        _period(one.get("occurrencePeriod")),
        by,
        _marked(one),
    ]


def _task(one: Json) -> list[str]:
    kind = "assignment" if one["intent"] == "order" else "decided"
    what = " ".join(_text(each.get("valueCodeableConcept")) for each in one.get("input", []))
    appealed = _own(one, "appealed")
    return [
        f"{kind} {one['status']}",
        _text(one.get("statusReason")),
        what.strip(),
        str(one.get("authoredOn", "")),
        one.get("description", ""),
        f"appealed {appealed}" if appealed else "",
    ]


def _document(one: Json) -> list[str]:
    attachments = [each["attachment"] for each in one["content"]]
    texts = [b64decode(each["data"]).decode() for each in attachments if "data" in each]
    names = [each["display"] for each in one.get("author", []) if "display" in each]
    kind = one["category"][0]["coding"][0]["code"]
    tags = [tag["display"] for tag in one.get("meta", {}).get("tag", []) if "display" in tag]
    time = one.get("date") or one.get("context", {}).get("period", {}).get("start", "")
    return [kind, time, *names, "/".join(texts), *tags, _marked(one)]


def _observation(one: Json) -> list[str]:
    parts = [
        f"{_text(each['code'])}: {_text(each.get('valueCodeableConcept'))}"
        for each in one.get("component", [])
    ]
    value = one.get("valueString") or _text(one.get("valueCodeableConcept"))
    notes = [each["text"] for each in one.get("note", [])]
    return ["observed", _text(one["code"]), value, *parts, *notes]


def _plan(one: Json) -> list[str]:
    lines = []
    for each in one.get("activity", []):
        repeat = each["detail"].get("scheduledTiming", {}).get("repeat", {})
        days = ",".join(repeat.get("dayOfWeek", []))
        minutes = f"{repeat['duration']} min" if "duration" in repeat else ""
        who = " ".join(p.get("display", "") for p in each["detail"].get("performer", []))
        lines.append(" ".join(filter(None, [_text(each["detail"]["code"]), days, minutes, who])))
    return [f"plan {one['status']}", one.get("title", ""), str(one.get("created", "")), *lines]


def _patient(one: Json) -> list[str]:
    name = one["name"][0] if one.get("name") else {}
    whole = name.get("text") or " ".join([*name.get("given", []), name.get("family", "")])
    return ["person", whole.strip(), *(each["value"] for each in one.get("identifier", []))]


def _related(one: Json) -> list[str]:
    names = [each["text"] for each in one.get("name", [])]
    kinds = [_text(each) for each in one.get("relationship", [])]
    period = _period(one.get("period"))
    return ["related", *kinds, *names, _own(one, "omfattning"), period]


_READERS = {
    "ServiceRequest": _request,
    "Task": _task,
    "DocumentReference": _document,
    "Observation": _observation,
    "CarePlan": _plan,
    "RelatedPerson": _related,
    "Goal": lambda one: ["goal", one["description"]["text"], one["lifecycleStatus"]],
    "ClinicalImpression": lambda one: ["investigated", _period(one.get("effectivePeriod"))],
    "EpisodeOfCare": lambda one: ["case", one["status"], _period(one.get("period"))],
    "Patient": _patient,
}
