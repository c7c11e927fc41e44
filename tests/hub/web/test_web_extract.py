"""A person's log extract: the page, the PDF and the CSV, and who gets which."""

import csv
import io
import json

import pytest
from sqlalchemy import select

from hub.audit.record import AccessRecord, Action, Outcome
from hub.store.schema.audit import audit_record
from hub.web import extract
from hub.web.extract import Extract, Line
from hub.web.extract_csv import plain
from hub.web.extract_pdf import _story, as_pdf
from hub.web.pdf_tags import Element
from hub.web.pdf_text import marked
from tests.hub.web.conftest import LogIn
from tests.hub.web.visiting import INJECTED, Visitor, access, text_of
from tests.worlds.hub_world import AUDITOR, CLINIC, NOON, OLOF, SIGNE_HERSELF, World

READ = AccessRecord(id="r", recorded=NOON, action=Action.READ, outcome=Outcome.PERMIT)
FORMULA = '=HYPERLINK("http://evil.example";"x")'


def _rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def _actions(world: World) -> list[str]:
    with world.store.read() as connection:
        rows = connection.execute(
            select(audit_record.c.payload).where(audit_record.c.action.in_(["export", "log-read"]))
        ).scalars()
        found = [json.loads(each) for each in rows]
    return [each["action"] for each in found if "extract" in each["query"]]


def test_the_person_gets_page_pdf_and_csv_of_everything(logged: World, log_in: LogIn) -> None:
    logged.hub.sequencer.stop()  # the reading of the page is itself about her, and filed soon
    visitor = log_in(SIGNE_HERSELF)
    page = visitor.get("/granskning/utdrag")
    assert "7 åtkomster" in text_of(page)
    assert "i en nödsituation (SVOD 3:6)" in text_of(page)
    file = visitor.get("/granskning/utdrag.csv")
    assert file.headers["content-disposition"] == 'attachment; filename="loggutdrag.csv"'
    rows = _rows(file.body)
    assert len(rows) == 8
    assert rows[0][0] == "Tid"
    assert rows[1][0] == "2026-03-10 12:07:00"
    assert any(f"Name of {CLINIC}" in each[4] for each in rows)
    assert "ward-doctor" not in file.body.decode("utf-8-sig")
    pdf = visitor.get("/granskning/utdrag.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.body.startswith(b"%PDF-")
    assert sorted(_actions(logged)) == ["export", "export", "log-read"]


def test_a_period_is_of_swedish_days(logged: World, log_in: LogIn) -> None:
    logged.hub.sequencer.stop()  # logging in is of today, and filed soon
    visitor = log_in(SIGNE_HERSELF)
    assert (
        len(_rows(visitor.get("/granskning/utdrag.csv?fran=2026-03-10&till=2026-03-10").body)) == 8
    )
    assert len(_rows(visitor.get("/granskning/utdrag.csv?fran=2026-03-11").body)) == 1


def test_the_page_reads_the_newest_and_says_how_many_there_are(
    logged: World, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewer = log_in(AUDITOR)
    logged.hub.sequencer.stop()
    monkeypatch.setattr(extract, "SHOWN_ON_THE_PAGE", 2)
    address = f"/granskning/utdrag?patient={logged.person()}"
    day = "&fran=2026-03-10&till=2026-03-10"
    rows = _rows(reviewer.get(f"/granskning/utdrag.csv?patient={logged.person()}{day}").body)[1:]
    page = reviewer.get(f"{address}{day}")
    assert len(rows) > 2
    assert f"{len(rows)} åtkomster" in text_of(page)
    assert "De 2 senaste visas här. Alla finns i filerna." in text_of(page)
    story = page.body.partition(b'<ol class="story">')[2].partition(b"</ol>")[0]
    assert story.count(b"<li>") == 2
    with logged.store.read() as connection:
        kept = connection.scalars(select(audit_record.c.payload).order_by(audit_record.c.recorded))
        record = json.loads(kept.all()[-1])
    assert len(record["shown"][0]["references"]) == 2  # what the page did not show was not read


def test_the_person_cannot_name_another(logged: World, log_in: LogIn) -> None:
    visitor = log_in(SIGNE_HERSELF)
    mine = visitor.get("/granskning/utdrag.csv").body
    other = visitor.get(f"/granskning/utdrag.csv?patient={logged.person(OLOF)}").body
    assert len(_rows(other)) >= 8
    assert {tuple(e) for e in _rows(mine)} <= {tuple(e) for e in _rows(other)}
    assert all("ingen relation" not in cell for row in _rows(other) for cell in row)


def test_an_organisation_discloses_what_its_mandate_covers(
    standing: World, reviewer: Visitor
) -> None:
    path = f"/granskning/utdrag.csv?patient={standing.person()}"
    rows = _rows(reviewer.get(path).body)
    assert len([each for each in rows if each[0].startswith("2026-03-10")]) == 6
    assert CLINIC not in reviewer.get(path).body.decode("utf-8-sig")
    for path in ("/utdrag", "/utdrag.csv", "/utdrag.pdf"):
        assert reviewer.get(f"/granskning{path}").status == 404


def test_what_a_spreadsheet_would_compute_is_text(logged: World, log_in: LogIn) -> None:
    for number, unit in enumerate((FORMULA, "+1", "-1", "@x", " =1"), start=200):
        logged.hub.log.append(access(logged, number, unit=unit, organisation=None))
    logged.hub.sequencer.sequence_now()
    rows = _rows(log_in(SIGNE_HERSELF).get("/granskning/utdrag.csv").body)
    cells = [row[2] for row in rows]
    assert f"'{FORMULA}" in cells
    assert not [cell for row in rows for cell in row if cell.lstrip()[:1] in "=+-@" and cell]


@pytest.mark.parametrize("cell", ["=1", "\t=1", "\r=1", "+1", "-1", "@a", "  =1", "＝1"])  # noqa: RUF001
def test_each_beginning_of_a_formula_is_taken_away(cell: str) -> None:
    assert plain(cell) == f"'{cell}"
    assert plain(f"x{cell}") == f"x{cell}"


def test_markup_in_names_is_printed_as_it_is_written() -> None:
    line = Line(NOON, "", "", "läsning", "", "visat", f"{INJECTED}\x00\u202e <b>å</b> & co", READ)
    made = Extract(("<i>",), "", "", (line,), NOON)
    assert as_pdf(made).startswith(b"%PDF-")
    table = _story(made, Element("Document"))[-1]
    printed = table._cellvalues[1][1].getPlainText()  # type: ignore[attr-defined]
    assert " ".join(printed.split()) == f"{INJECTED} <b>å</b> & co"


def _printed(sentence: str) -> tuple[str, bytes]:
    made = Extract(
        ("1",), "", "", (Line(NOON, "", "", "läsning", "", "visat", sentence, READ),), NOON
    )
    cell = _story(made, Element("Document"))[-1]._cellvalues[1][1]  # type: ignore[attr-defined]
    return cell.getPlainText(), as_pdf(made)


@pytest.mark.parametrize("name", ["Łukasz", "Đorđević", "Nguyễn", "Ζωή", "Юлия", "Ångström-Ŝẑ"])
def test_letters_beyond_latin_1_are_in_the_embedded_font(name: str) -> None:
    text, pdf = _printed(name)
    assert text == name
    assert b"NotoSans" in pdf
    assert b"/FontFile2" in pdf


def test_arabic_is_joined_and_in_reading_order() -> None:
    """The last letter of the last word stands first: PDF sets from left to right."""
    assert marked("Dr علي") == 'Dr <font name="Noto Sans Arabic">\ufef2\ufee0\ufecb</font>'
    assert b"NotoSansArabic" in _printed("علي")[1]


def test_what_no_font_has_is_named_and_not_left_out() -> None:
    assert _printed("Ann 😀 王")[0] == "Ann [U+1F600] [U+738B]"


def test_the_pdf_says_its_title_and_language() -> None:
    pdf = _printed("x")[1]
    assert b"/Lang (sv-SE)" in pdf
    assert b"/DisplayDocTitle true" in pdf
    assert b"/Title (Loggutdrag)" in pdf


def test_a_text_longer_than_a_page_goes_on_over_the_next() -> None:
    assert _printed("ord " * 20_000)[1].count(b"/Type /Page\n") > 3


def test_an_extract_too_large_to_print_says_what_to_do(
    log_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract, "MOST_PRINTED", 3)
    visitor = log_in(SIGNE_HERSELF)
    reply = visitor.get("/granskning/utdrag.pdf")
    assert reply.status == 413
    assert "Välj en kortare period" in text_of(reply)
    assert visitor.get("/granskning/utdrag.csv").status == 200
