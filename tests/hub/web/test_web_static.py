"""The files that the console serves: those that the list names, unchanged."""

import re
from hashlib import sha256
from pathlib import Path

import hub.web
from tests.hub.web.visiting import Visitor
from tests.worlds.hub_world import World

STATIC = Path(hub.web.__file__).parent / "static"
TEMPLATES = STATIC.parent / "templates"
HTMX = "2.0.11"
HTMX_SHA256 = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"


def test_htmx_is_the_file_that_was_taken() -> None:
    assert sha256((STATIC / "htmx.min.js").read_bytes()).hexdigest() == HTMX_SHA256
    assert f"htmx {HTMX}" in (STATIC / "README.md").read_text(encoding="utf-8")
    assert HTMX.encode() in (STATIC / "htmx.min.js").read_bytes()


def test_only_the_two_files_are_served(standing: World) -> None:
    visitor = Visitor(standing)
    assert visitor.get("/granskning/static/htmx.min.js").status == 200
    assert (
        visitor.get("/granskning/static/granskning.css")
        .headers["content-type"]
        .startswith("text/css")
    )
    for name in ("README.md", "..%2Fconsole.py", "%2e%2e/console.py", "htmx.LICENSE"):
        assert visitor.get(f"/granskning/static/{name}").status in (303, 404), name


def test_no_template_holds_a_script_a_style_or_a_way_round_the_escaping() -> None:
    found = sorted(TEMPLATES.glob("*.html"))
    assert found
    for path in found:
        text = path.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", ""), path
        assert "autoescape" not in text, path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals=.js", text), (
            path
        )
        scripts = re.findall(r"<script[^>]*>", text)
        assert all('src="{{ ROOT }}/static/' in each for each in scripts), path
        assert not re.search(r"https?://", text), path
