"""An extract as a file that a spreadsheet opens: semicolons, and cells that are never formulas.

Source: ASVS 5.0 1.2.10 (CSV and formula injection). A cell that a spreadsheet would compute begins
with an apostrophe instead.
"""

import csv
import io
from typing import TYPE_CHECKING

from hub.web.swedish import when

if TYPE_CHECKING:
    from hub.web.extracted import Extract

HEADINGS = ("Tid", "Vem", "Varifrån", "Vad", "Uppgifter från", "Utfall", "Med andra ord")
COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def as_csv(extract: "Extract") -> bytes:
    """Return the file; a byte order mark tells the spreadsheet that it is UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(HEADINGS)
    for line in extract.lines:
        cells = (line.who, line.where, line.what, line.sources, line.outcome, line.sentence)
        writer.writerow([when(line.at), *map(plain, cells)])
    return text.getvalue().encode("utf-8-sig", "replace")


def plain(cell: str) -> str:
    """Return a cell that is read as text, whatever it begins with."""
    return f"'{cell}" if cell.lstrip(" ").startswith(COMPUTED) else cell
