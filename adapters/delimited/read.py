"""The adapter: from delimited files (one, or several in a zip) to one part for each person.

Source: DESIGN P6; reference/sol.md §1.4 (register files) and §5.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from adapters.delimited.rows import decoded, nodes, read_lines
from adapters.document import Delivery, Note, Unreadable
from adapters.fitted import kept_tree
from adapters.fitted.fitting import fitted_to
from adapters.fitted.tree_part import read_tree
from mappings.source_fit import FileFit, SourceProfile
from mappings.source_node import SourceNode

ROOT = "tables"
MOST_FILES = 100
MOST = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Delimited:
    """Reads delimited files; what their columns mean is a profile's to say."""

    name: str = "delimited"

    def recognises(self, content: bytes, name: str) -> bool:
        """Tell whether the document looks like delimited text."""
        if name.lower().endswith((".csv", ".tsv")):
            return True
        first = content[:4096].replace(b"\x00", b"").partition(b"\n")[0]
        return not first.lstrip().startswith((b"<", b"{", b"[")) and b";" in first

    def read(self, content: bytes, name: str, profile: Mapping[str, object] | None) -> Delivery:
        """Return the persons of the files.

        Raises:
            Unreadable: no profile fits, or a file is damaged.
        """
        fitted = fitted_to(profile, ("delimited", "register"))
        notes: list[Note] = []
        return read_tree(self.tree(content, name, fitted, notes), fitted, notes)

    @staticmethod
    def gathered(folder: Path) -> bytes:
        """Return the files of a folder as the one document that they are together."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
            for file in sorted(each for each in folder.rglob("*") if each.is_file()):
                made.writestr(zipfile.ZipInfo(file.name), file.read_bytes())
        return archive.getvalue()

    def tree(
        self, content: bytes, name: str, fitted: SourceProfile, notes: list[Note]
    ) -> SourceNode:
        """Return the tree of the files; what is wrong with any of them is added to `notes`.

        Raises:
            Unreadable: a file is damaged.
        """
        if content.startswith(kept_tree.MARK):
            return kept_tree.read(content)
        top = SourceNode(ROOT)
        given: set[str] = set()
        for member, inside in files_of(content, name):
            text = decoded(inside, _encoding(fitted, member))
            fit = _fit(fitted, member, text)
            if fit is None:
                note = "no entry of the profile's files: is for this file; it is not kept"
                notes.append(Note("warning", "unknown-file", "document", note))
                continue
            lines = read_lines(text, fit)
            _check_header(lines.header)
            top.children += nodes(lines, fit, top)
            given.add(fit.table)
        lacking = [fit.table for fit in fitted.files if fit.table not in given]
        if lacking:
            text = f"the delivery has no {', '.join(lacking)}, so that it does not hold everything"
            notes.append(Note("information", "missing-file", "document", text))
        return top


def files_of(content: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a document by name: itself, or what its archive holds.

    Raises:
        Unreadable: the archive is damaged, or would be too large.
    """
    if not content.startswith(b"PK\x03\x04"):
        yield name.replace("\\", "/").rpartition("/")[2], content
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            if len(members) > MOST_FILES or sum(each.file_size for each in members) > MOST:
                text = "the archive holds too much; send fewer or smaller files"
                raise Unreadable("too-large", "document", text, hostile=True)
            for each in members:
                yield each.filename.rpartition("/")[2], archive.read(each)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        text = "the archive is damaged or encrypted; send it again"
        raise Unreadable("not-zip", "document", text) from None


def _encoding(profile: SourceProfile, name: str) -> str | None:
    named = next((f for f in profile.files if fnmatch(name.lower(), f.pattern.lower())), None)
    return (named.encoding if named else None) or profile.encoding


def _fit(profile: SourceProfile, name: str, text: str) -> FileFit | None:
    """Return the entry for a file: by its name, or the only one whose layout it has."""
    for fit in profile.files:
        if fnmatch(name.lower(), fit.pattern.lower()):
            return fit
    if len(profile.files) == 1:
        return profile.files[0]
    found = [fit for fit in profile.files if _has_layout(fit, text)]
    return found[0] if len(found) == 1 else None


def _has_layout(fit: FileFit, text: str) -> bool:
    lines = read_lines("\n".join(text.splitlines()[:20]), fit)
    if fit.header:
        return bool(fit.columns) and set(fit.columns) <= set(lines.header or ())
    return bool(lines.rows) and all(len(row) == len(fit.columns) for _, row in lines.rows[:1])


def _check_header(header: tuple[str, ...] | None) -> None:
    if header is not None and len(set(filter(None, header))) != len(list(filter(None, header))):
        text = "two columns of the header have the same name; rename one, or use columns: for them"
        raise Unreadable("repeated-column", "line 1", text)
