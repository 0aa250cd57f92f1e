"""CSV files that people give: rosters, times, overrides, as spreadsheets and platforms save them. Trusted side.

Imports errors. Whichever of `,` `;` and tab separates the cells, in UTF-8, in what Windows takes for one's language
(cp1252), or in Excel's "Unicode text" (UTF-16); empty rows and Excel's line `sep=;` are passed by.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UserError

MOST = 64 << 20  # bytes
SEPARATORS = ",;\t"
SAID = re.compile(rf'"?sep=([{SEPARATORS}])"?\r?\n', re.IGNORECASE)  # how Excel is told the separator
QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class Row:
    """The cells of a row by column; under "" what stands beyond the last column."""

    line: int  # of the file, where the row begins
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A file's columns and rows; rows without anything in them are not among these."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read(file: Path) -> Table:
    """What is in a CSV file; one that is empty has no columns. UserError: it cannot be read, or is none."""
    text = _text(file)
    said = SAID.match(text)
    start = said.end() if said else 0
    lines = io.StringIO(text[start:], newline="")
    separator = said[1] if said else _separator(text)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    found: list[tuple[int, list[str]]] = []
    line = first = 2 if said else 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((line, cells))
            line = first + reader.line_num
    except csv.Error as error:
        raise UserError(
            f"is not a CSV file: {error}", where=f"{file}, line {line}", next_step="save it as CSV, UTF-8"
        ) from None
    if not found:
        return Table((), ())
    columns = found[0][1]
    return Table(tuple(columns), tuple(Row(line, _by_column(columns, cells)) for line, cells in found[1:]))


def _by_column(columns: list[str], cells: list[str]) -> dict[str, str]:
    missing = [""] * (len(columns) - len(cells))
    row = dict(zip(columns, [*cells, *missing], strict=False))
    beyond = " ".join(filter(str.strip, cells[len(columns) :]))
    return row | {"": beyond} if beyond else row


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UserError(
            f"cannot be read: {error.strerror or error}", where=str(file), next_step="check its rights, then run again"
        ) from None
    if len(content) > MOST:
        raise UserError(f"is larger than {MOST >> 20} MiB", where=str(file), next_step="leave only the table in it")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _separator(text: str) -> str:
    """What separates the names of the columns: names in quotes may hold the others."""
    lines = io.StringIO(text, newline="")
    header = next((line for line in lines if line.strip(f"{SEPARATORS} \r\n")), "")
    return max(SEPARATORS, key=QUOTED.sub("", header).count)
