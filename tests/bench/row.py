"""One line of `make bench`: a figure, always a ratio or a rate within one run, and its budget."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, the figure with its unit, and the budget that it is held to, if any.

    `most` and `least` are the bounds in the same unit; a row without either only informs.
    """

    what: str
    figure: float
    unit: str
    most: float | None = None
    least: float | None = None
    note: str = ""

    @property
    def within(self) -> bool | None:
        """Tell whether the figure is within its budget; None where there is no budget."""
        if self.most is None and self.least is None:
            return None
        return (self.most is None or self.figure <= self.most) and (
            self.least is None or self.figure >= self.least
        )
