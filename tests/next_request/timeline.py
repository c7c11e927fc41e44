"""What may be seen, act by act: the states of one channel, and which of them an answer may show.

The writer says when an act was sent and when it was acknowledged, the reader when a request was
sent and when its answer had come. An answer may show any state from the last one acknowledged when
the request was sent to the last one begun when the answer had come, and no other. All of it happens
on one event loop, so that "before" is never a guess; the wall clock is asked only where a period
runs out, and the served processes are on the same machine.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class State:
    """What is so after an act: open or closed, or open until an instant (seconds since 1970)."""

    open: bool
    until: float | None = None

    def shows(self, at: float) -> bool:
        return self.open and (self.until is None or at < self.until)


@dataclass(slots=True)
class Timeline:
    """The states of a channel in order; the first is so before anything is asked."""

    states: list[State] = field(default_factory=lambda: [State(open=True)])
    acknowledged: int = 0

    def begin(self, state: State) -> None:
        """An act is sent, that makes this the state."""
        self.states.append(state)

    def acknowledge(self) -> None:
        """The last act that was begun is acknowledged."""
        self.acknowledged = len(self.states) - 1

    def allowed(self, since: int, sent: float, came: float) -> frozenset[bool]:
        """Return what an answer may show whose request was sent when `since` was acknowledged."""
        return frozenset(state.shows(at) for state in self.states[since:] for at in (sent, came))
