"""P3: every request that there is, asked in one world, and what came back."""

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, event

from consent.facts import Capacity, InfoType, Item
from hub.auth.built_in import TokenRequest
from mappings.personal_identity import PERSONNUMMER
from tests.worlds.asgi_client import FHIR, Reply
from tests.worlds.hub_world import NAMND, REGION, REGION_SYSTEM, Json, Opened, World, stated
from tests.worlds.playing_acts import act, look_at_consents
from tests.worlds.playing_binaries import read_binaries, write_binaries
from tests.worlds.two_worlds import Case, Record, Row, Values

GIVEN_BY_NAME = re.compile(r"_page=[\w-]{32}")
LIFT_REQUEST = re.compile(r"lift-request-[a-z2-7]{32}")
MADE = re.compile(r"(relation|assessment)-[0-9a-f]{32}")
RECEIPT = re.compile(r'"receipt","valueString":"[0-9a-f-]{36}"')
BACKGROUND = ("audit-", "export-", "lift-", "pull")
"""What the names of the threads begin with that work beside the requests."""
TIMELESS = frozenset({"x-request-id", "date", "content-length"})


ACROSS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Condition", (("_count", "1"), ("_sort", "_id"), ("_include", "*"), ("_revinclude", "*"))),
    ("Condition", (("code:not", "I10"),)),
    ("Condition", (("evidence-detail:Observation.code", "I10"),)),
    ("Condition", (("evidence-detail:Condition.code:missing", "true"),)),
    ("Condition", (("_has:Observation:focus:value-quantity", "gt5"), ("_total", "accurate"))),
    ("Observation", (("_sort", "-value-quantity"), ("_count", "2"))),
)
"""Searches that name several persons, which only an organisation's own system may make."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, without what is random by design, and how many statements it took."""

    asked: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    statements: int


class Player:
    """Asks everything that there is to ask in one world, and remembers the answers."""

    def __init__(self, world: World, case: Case, number: str, other: str) -> None:
        self.world = world
        self.case = case
        self.number = number
        self.other = other
        self.person = world.person(number)
        self.other_person = world.person(other)
        self.answers: list[Answer] = []
        self._names: dict[str, str] = {}
        self._statements = 0

    def fill(self, record: Record) -> None:
        self.world.hold(_with_subject(record.rows, self.person), self.number)
        other = self.world.person(self.other)
        self.world.hold(_with_subject(record.others, other), self.other)
        self.world.know(record.facts, self.number)

    def play(self) -> list[Answer]:
        """Return every answer, in the same order in every world."""
        with self._counting():
            self._look_up()
            self._read_everything(None)
            self._search(None)
            self._operate(None)
            look_at_consents(self, None)
            self._search_across()
            self._look_in_the_directory()
            self._export()
            for values in self.case.openings:
                self._open(values)
            self._mistakes()
            self._write()
            act(self)
        return self.answers

    def _ask(self, what: str, reply: Reply) -> Reply:
        headers = tuple(
            sorted(
                (name, self._plain(value))
                for name, value in reply.headers.items()
                if name not in TIMELESS
            )
        )
        body = self._plain(reply.body.decode())
        statements = self._statements if self.case.counted else 0
        self.answers.append(Answer(self._plain(what), reply.status, headers, body, statements))
        self._statements = 0
        return reply

    def _plain(self, text: str) -> str:
        for name, standing in self._names.items():
            text = text.replace(name, standing)
        text = GIVEN_BY_NAME.sub("_page=<page>", text)
        text = MADE.sub(r"<\1>", LIFT_REQUEST.sub("<request>", text))
        return RECEIPT.sub('"receipt","valueString":"<receipt>"', text)

    def get(
        self,
        path: str,
        *given: tuple[str, str],
        session: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        reply = self.world.get(self.case.reader, path, given, session=session, headers=headers)
        return self._ask(f"GET {path} {given} {bool(session)} {headers or ''}", reply)

    def send(
        self, method: str, path: str, body: bytes, kind: str, headers: Mapping[str, str]
    ) -> Reply:
        """Send bytes as the region's own system."""
        reply = self.world.send(
            REGION_SYSTEM, method, path, body, content_type=kind, headers=headers
        )
        self.created(reply)
        return self._ask(f"{method} {path} {headers}", reply)

    def post(self, path: str, body: Json, who: TokenRequest | None = None) -> None:
        """Ask for an act; the reader's token covers it."""
        self._ask(f"POST {path} {body}", self.world.post(who or self.acting, path, body))

    def put(self, path: str, body: Json) -> None:
        self._ask(f"PUT {path}", self.world.send(self.acting, "PUT", path, body))

    @property
    def acting(self) -> TokenRequest:
        reader = self.case.reader
        level = "patient" if reader.as_ is Capacity.INDIVIDUAL else "user"
        return replace(reader, scope=f"{level}/*.cruds")

    def _look_up(self) -> None:
        for number in (self.number, self.other):
            self._ask("look up", self.world.look_up(self.case.reader, number))
        self.get(f"/fhir/Patient/{self.person}")
        unknown = {"identifier": f"{PERSONNUMMER}|195501072393"}
        self._ask("unknown", self.world.form(REGION_SYSTEM, "/fhir/Patient/_search", unknown))

    def _read_everything(self, session: str | None) -> None:
        every = [row.key for row in (*self.case.more.rows, *self.case.more.others)]
        for key in (*every, "Condition/nothing-here"):
            self.get(f"/fhir/{key}", session=session)
            self.get(f"/fhir/{key}/_history", session=session)
            self.get(f"/fhir/{key}/_history/1", session=session)
        read_binaries(self, session)
        self.get(f"/fhir/{every[-1]}", ("_format", "xml"), session=session)
        self.get(f"/fhir/{every[0]}", ("_summary", "text"), session=session)
        entries = [{"request": {"method": "GET", "url": key}} for key in every]
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
        self._ask("batch", self.world.post(self.case.reader, "/fhir", bundle, session=session))

    def _search(self, session: str | None) -> None:
        patient = ("patient", self.person)
        for kind in ("Condition", "Observation", "DocumentReference", "Patient"):
            self.get(f"/fhir/{kind}", patient, session=session)
        for path in ("/fhir/_history", "/fhir/Condition/_history"):
            self.get(path, patient, session=session)
            self._all_pages(path, (patient, ("_count", "2"), ("_since", "2020")), session)
        self.get("/fhir/Condition", patient, ("_elements", "code"), session=session)
        for kind, given in self.case.searches:
            patient = ("patient", f"Patient/{self.person}")
            self._all_pages(f"/fhir/{kind}", (patient, *given), session)
            if kind != "Patient":
                path = f"/fhir/Patient/{self.person}/{kind}"  # the compartment
                self.get(path, *given, session=session)

    def _look_in_the_directory(self) -> None:
        for kind in ("Organization", "Location", "Practitioner", "PractitionerRole"):
            self._all_pages(f"/fhir/{kind}", (("_count", "5"), ("_sort", "_id")), None)
        self.get("/fhir/Organization", ("name", "name of"))

    def _search_across(self) -> None:
        """What an organisation's own system asks about several persons at a time."""
        several = ("patient", f"Patient/{self.person},Patient/{self.other_person}")
        for kind, given in ACROSS:
            self._all_pages(f"/fhir/{kind}", (several, *given), None)
        self.get("/fhir/Condition", ("code:text", "zqx"))
        self._all_pages("/fhir/_history", (("_count", "3"),), None)
        self.get("/fhir/Observation/_history", ("_since", "2020"))

    def _export(self) -> None:
        """Everything that a system's own organisation holds; everybody else is refused."""
        self.world.clock.forward(timedelta(seconds=1))  # it holds what is older than itself
        asked = {"Prefer": "respond-async"}
        for query in ("", "?_type=Condition,Patient&_since=2020"):
            reply = self.world.get(self.case.reader, f"/fhir/$export{query}", headers=asked)
            status = reply.headers.get("content-location", "").removeprefix("http://hub.test")
            self._names[status.rpartition("/")[2] or "$export-status"] = "<export>"
            self._ask(f"$export{query}", reply)
            if not status:
                continue
            for thread in threading.enumerate():
                if thread.name == "export-work":
                    thread.join(timeout=60)
            manifest = self.get(status)
            for each in manifest.json["output"]:
                self.get(each["url"].removeprefix("http://hub.test"))

    def _operate(self, session: str | None) -> None:
        whole = f"/fhir/Patient/{self.person}/$everything"
        self._all_pages(whole, (("_count", "1"),), session)
        later = (("start", "2020-01-01"), ("_since", "2020-01-01"), ("_type", "Condition"))
        self.get(whole, *later, session=session)
        self.get(f"/fhir/Patient/{self.person}/$summary", session=session)
        for most in ("1", "3"):
            asked = (("patient", self.person), ("max", most))
            self.get("/fhir/Observation/$lastn", *asked, session=session)
        for row in (*self.case.more.rows, *self.case.more.others)[:8]:
            self.get(f"/fhir/{row.key}/$meta", session=session)
            self.get(f"/fhir/{row.key}/$validate", session=session)

    def _all_pages(self, path: str, given: Iterable[tuple[str, str]], session: str | None) -> None:
        reply = self.get(path, *given, session=session)
        following = reply.link("next") if reply.status == 200 else None
        while following:
            reply = self.world.get(self.case.reader, following, session=session)
            self._ask(f"next of {path}", reply)
            following = reply.link("next")

    def _open(self, values: Values) -> None:
        opened = self._opened(values)
        self._read_everything(opened.session)
        self._search(opened.session)
        self._operate(opened.session)
        look_at_consents(self, opened.session)
        if "emergency" in values:
            self._ask_for_lifts(values, opened)
        named = opened.names.get("U1", ())
        if named:
            chosen = self._opened({**values, "organisation": list(named)})
            self._search(chosen.session)
        self._refused({**values, "organisation": ["SE5599999988-0001"]})

    def _ask_for_lifts(self, values: Values, opened: Opened) -> None:
        """Ask whom the session named, and two who may have blocked or not (SVOD 3:5)."""
        path = f"/fhir/Patient/{self.person}/$request-lift"
        asked = {"reason": "larm", "emergency": values["emergency"]}
        for each in sorted({*opened.names.get("B1", ()), "SE5599999988-0001", NAMND}):
            given = stated(organisation=each, **asked)
            body = {"resourceType": "Parameters", "parameter": given}
            reply = self.world.post(self.case.reader, path, body, session=opened.session)
            self._ask(f"$request-lift {each}", reply)
        self.get("/fhir/Task", ("code", "lift-request"), session=opened.session)

    def _opened(self, values: Values) -> Opened:
        reply = self.world.open(self.case.reader, *stated(**values), number=self.number)
        opened = Opened.of(reply)
        self._names[opened.session] = f"<session {len(self._names)}>"
        self._ask(f"$open {values}", reply)
        return opened

    def _refused(self, values: Values) -> None:
        reply = self.world.open(self.case.reader, *stated(**values), number=self.number)
        if reply.status == 200:
            self._names[Opened.of(reply).session] = f"<session {len(self._names)}>"
        self._ask("$open with an organisation by guess", reply)

    def _mistakes(self) -> None:
        patient = ("patient", self.person)
        for given in (
            (patient, ("date", "yesterday")),
            (patient, ("_sort", "colour")),
            (patient, ("_count", "none")),
            (patient, ("no-such-parameter", "1")),
            (patient, ("subject", "Patient/another")),
            (("code", "x"),),
        ):
            self.get("/fhir/Condition", *given)
        self.get("/fhir", ("_page", "nothing.1"))
        reply = self.world.get(self.case.reader, "/fhir/Condition", session="nothing")
        self._ask("no such session", reply)

    def _write(self) -> None:
        """Create what refers to documents that only one of the worlds has."""
        targets = [row.key for row in self.case.hidden[:2]]
        for target in (*targets, "Condition/nothing-here"):
            reply = self.world.post(REGION_SYSTEM, "/fhir/Condition", self._referring(target))
            self.created(reply)
            self._ask("create", reply)
        self._change_what_is_hidden()
        write_binaries(self)
        entries = [
            {"resource": self._referring(each), "request": {"method": "POST", "url": "Condition"}}
            for each in (*targets, "Condition/nothing-here")
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        reply = self.world.post(REGION_SYSTEM, "/fhir", bundle)
        for entry in reply.json.get("entry", []):
            self._names[entry["response"]["location"].split("/")[1]] = "<id>"
        self._ask("transaction", reply)

    def _change_what_is_hidden(self) -> None:
        """What the writing system may not see is neither overwritten nor probed."""
        theirs = [row for row in self.case.hidden if row.item.owner != REGION][:2]
        keys = [row.key for row in theirs if row.key.startswith("Condition/")]
        for key in (*keys, "Condition/nothing-here"):
            path, number = f"/fhir/{key}", key.partition("/")[2]
            body = {**self._referring(key), "id": number}
            step = [{"op": "remove", "path": "/code"}]
            for method, sent, kind in (
                ("PUT", body, FHIR),
                ("PATCH", step, "application/json-patch+json"),
                ("DELETE", None, FHIR),
            ):
                stale = {"If-Match": 'W/"1"'}
                for headers in ({}, stale):
                    reply = self.world.send(
                        REGION_SYSTEM, method, path, sent, content_type=kind, headers=headers
                    )
                    self._ask(f"{method} {key} {headers}", reply)
            for name in ("$meta-add", "$meta-delete"):
                label = {"name": "meta", "valueMeta": {"tag": [{"code": "x"}]}}
                given = {"resourceType": "Parameters", "parameter": [label]}
                self._ask(f"{name} {key}", self.world.post(REGION_SYSTEM, f"{path}/{name}", given))
            criteria = f"code:text=zqx{number[-9:]}&patient={self.person}"
            self._ask(
                "delete by criteria",
                self.world.send(REGION_SYSTEM, "DELETE", f"/fhir/Condition?{criteria}"),
            )
            reply = self.world.post(
                REGION_SYSTEM,
                "/fhir/Condition",
                self._referring(key),
                headers={"If-None-Exist": f"_id={number}"},
            )
            self.created(reply)
            self._ask("create by criteria", reply)

    def created(self, reply: Reply) -> None:
        if reply.status == 201:
            self._names[reply.json["id"]] = f"<id {len(self._names)}>"

    def _referring(self, target: str) -> Json:
        return {
            "resourceType": "Condition",
            "subject": {"reference": f"Patient/{self.person}"},
            "evidence": [{"detail": [{"reference": target}]}],
        }

    @contextmanager
    def _counting(self) -> Iterator[None]:
        """Count what the requests' own threads execute, and nothing of the log's or the queue's."""

        def count(connection: Connection, *_rest: object) -> None:
            del connection
            if not threading.current_thread().name.startswith(BACKGROUND):
                self._statements += 1

        engines = self.world.store.engines
        for engine in engines:
            event.listen(engine, "before_cursor_execute", count)
        try:
            yield
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", count)


def _with_subject(rows: Iterable[Row], person: str) -> list[tuple[Mapping[str, Any], Item]]:
    found: list[tuple[Mapping[str, Any], Item]] = []
    for row in rows:
        at = "securityContext" if row.resource["resourceType"] == "Binary" else "subject"
        subject = {at: {"reference": f"Patient/{person}"}}
        demographic = row.item.info_type is InfoType.DEMOGRAPHICS
        found.append(({**row.resource, **({} if demographic else subject)}, row.item))
    return found


def differences(
    first: Sequence[Answer], second: Sequence[Answer]
) -> list[tuple[Answer | None, Answer | None]]:
    """Return the answers that tell the two worlds apart; None where only one had another page."""
    return [(one, two) for one, two in zip_longest(first, second) if one != two]
