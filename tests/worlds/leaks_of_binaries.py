"""Leaks of content as bytes: given out by its address, and told of to whom would overwrite it."""

# ruff: noqa: ANN401 -- what is planted takes and gives whatever the function in its place does

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

import hub.api.app as app_module
import hub.api.routes as routes_module
from hub.api.call import Answer
from hub.api.representation import Representation, represented
from hub.errors import NotAllowed
from hub.store.reading import persons_of
from hub.store.schema.resource import RESOURCE
from tests.worlds.leaks import Patch


def the_bytes_of_a_hidden_binary_are_given_out(patch: Patch) -> None:
    """As a resource it is not found; as bytes it goes by its address alone."""
    read: list[tuple[Any, str]] = []

    def remember(hub: Any, call: Any, kind: str, number: str) -> Any:
        read[:] = [(hub, number)] if kind == "Binary" else []
        return real(hub, call, kind, number)

    def leaky(answer: Answer, asked: Representation) -> Answer:
        for hub, number in read if asked.raw and not answer.media_type.startswith("text") else ():
            with hub.store.read() as connection:
                held = select(RESOURCE.c.body).where(RESOURCE.c.id == number)
                body = connection.execute(held).scalar()
            answer = Answer(200, body) if body else answer
        return represented(answer, asked)

    real = routes_module.read
    patch.setattr(routes_module, "read", remember)
    patch.setattr(app_module, "represented", leaky)


def a_hidden_binary_is_not_overwritten_but_told_of(patch: Patch) -> None:
    def leaky(hub: Any, call: Any, kind: str, number: str) -> Any:
        with hub.store.read() as connection:
            if kind == "Binary" and persons_of(connection, kind, number):
                raise NotAllowed("it is not yours")
        return real(hub, call, kind, number)

    interaction, real = routes_module.CHANGING["PUT"]
    patch.setitem(routes_module.CHANGING, "PUT", (interaction, leaky))


LEAKS_OF_BINARIES: tuple[Callable[[Patch], None], ...] = (
    the_bytes_of_a_hidden_binary_are_given_out,
    a_hidden_binary_is_not_overwritten_but_told_of,
)
