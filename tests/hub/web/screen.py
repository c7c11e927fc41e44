"""A real browser's window on the console, and what went wrong in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Response

from consent.facts import Capacity
from hub.application import application
from hub.auth.built_in import TokenRequest
from hub.cli.serve import LOOPBACK, listening
from hub.demo.server import served
from hub.serving import configuration
from tests.worlds.hub_world import World

LARGE, SMALL = (1280, 900), (360, 740)


@contextmanager
def served_world(world: World) -> Iterator[str]:
    listener = listening(LOOPBACK, 0)
    with served(configuration(application(world.hub)), listener):
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"


@dataclass
class Screen:
    """A window. `wrong`: script errors, refused content and failed answers, unless expected."""

    world: World
    address: str
    context: BrowserContext
    wrong: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    pages: list[Page] = field(default_factory=list)
    who: TokenRequest | None = None

    def __post_init__(self) -> None:
        self.pages.append(self.context.new_page())
        self.page.on("pageerror", self._script_error)
        self.page.on("console", self._said)
        self.page.on("response", self._answered)
        self.sized(LARGE)

    @property
    def page(self) -> Page:
        return self.pages[0]

    def sized(self, size: tuple[int, int]) -> None:
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def log_in(self, asked: TokenRequest) -> None:
        first = "havningar" if asked.as_ is Capacity.OFFICER else "atkomster"
        self.go("/granskning")
        self.page.get_by_label("Intyg").fill(self.world.token(asked))
        self.page.get_by_role("button", name="Logga in").click()
        self.page.wait_for_url(f"**/{first}")

    def as_(self, asked: TokenRequest | None) -> None:
        """Be somebody, or nobody, whoever was logged in before."""
        if self.who == asked:
            return
        self.context.clear_cookies()
        if asked is not None:
            self.log_in(asked)
        self.who = asked

    def picture(self, folder: Path, name: str) -> None:
        self.page.screenshot(path=folder / f"{name}.png", full_page=True)

    def fits(self) -> bool:
        """Whether nothing reaches beyond the window's width."""
        return bool(
            self.page.evaluate(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )
        )

    def close(self) -> None:
        self.context.close()

    def _script_error(self, error: Error) -> None:
        self.wrong.append(f"script: {error}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load"):
            self.wrong.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.wrong.append(f"{response.status}: {response.url}")
