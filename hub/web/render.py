"""Pages made of templates. Everything that is put into one is escaped.

Source: ASVS 5.0 1.2 (output encoding), 3.4 (headers). The policy lets the browser run our own two
files and nothing else, so that even text that got past the escaping would stay text.
"""

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.store.instant import at_micros
from hub.web import clauses, swedish
from hub.web.visit import ROOT, Page, Visit

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "Vary": "HX-Request",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {
    name: getattr(swedish, name)
    for name in (
        "when",
        "waited",
        "action",
        "outcome",
        "capacity",
        "purpose",
        "flag",
        "rung",
        "number",
        "obligation",
    )
}
_ENVIRONMENT.filters["micros"] = lambda value: swedish.when(at_micros(value))
_ENVIRONMENT.filters |= {
    name: getattr(clauses, name) for name in ("condition", "section", "opens", "verdict")
}
_ENVIRONMENT.globals |= {"ROOT": ROOT}


def rendered(page: Page, visit: Visit | None, menu: list[tuple[str, str]], at: datetime) -> str:
    """Return a page's HTML, or that of its part alone where the visit wants no more."""
    fragment = visit is not None and visit.fragment and page.part is not None
    template = _ENVIRONMENT.get_template((page.part if fragment else None) or page.template)
    return template.render(title=page.title, visit=visit, menu=menu, now=at, **page.context)
