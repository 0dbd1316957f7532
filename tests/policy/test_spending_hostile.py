"""Files that were made to harm: each ends in an answer or in exit code 2 and one line, soon, and in bounded memory."""

from __future__ import annotations

import io
import os
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from marketplace.policy.spending import reading, workbook
from marketplace.policy.spending.fault import Unusable
from tests.policy import made, sheets
from tests.policy.sheets import HEAD, MAIN, ROW, rows_of, sheet
from tests.support import child

MEMORY = 1_200
"""MiB of address space: the interpreter with its libraries maps a good part of it before the first byte is read."""
PEAK = 400
"""MiB of memory at the peak; most of these files could fill gigabytes."""
SECONDS = 60
"""A generous bound, for a machine that does other things as well; most of these files could take hours."""
LINKED = "xl/_rels/workbook.xml.rels"


def check(file: Path, *words: str) -> child.Done:
    pilot = sheets.written(file.parent / "PILOT.toml", sheets.PILOT.encode())
    done = child.run(
        "check", file, "--book", "jiangxi-2023", "--pilot", pilot, "--language", "en", *words,
        address_space=MEMORY, seconds=SECONDS,
    )  # fmt: skip
    assert done.peak < PEAK, f"{done.peak:.0f} MiB"
    assert done.seconds < SECONDS
    assert "Traceback" not in done.err
    return done


def stopped(file: Path, *words: str) -> str:
    """What is said of a file that cannot be used."""
    done = check(file, *words)
    assert (done.code, done.out) == (2, b""), done.err
    assert done.err.count("\n") == 1
    return done.err.strip().removeprefix(f"{file.name}: ")


def written(tmp_path: Path, data: bytes) -> Path:
    return sheets.written(tmp_path / "sheet.xlsx", data)


def streamed(file: Path, pieces: Iterator[bytes], part: str = "xl/worksheets/sheet1.xml", **more: str) -> Path:
    """A workbook with one large part, written piece by piece."""
    found = sheets.parts(sheet(rows_of([HEAD, ROW])), **more)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in found.items():
            if name != part:
                archive.writestr(name, data)
        with archive.open(part, "w", force_zip64=True) as out:
            for piece in pieces:
                out.write(piece)
    return file


def around(middle: Iterator[bytes], rows: str = rows_of([HEAD, ROW])) -> Iterator[bytes]:
    """A sheet with something large after its rows."""
    before, after = sheet(rows + "\x00").split("\x00")
    yield before.encode()
    yield from middle
    yield after.encode()


def many(piece: bytes, mebibytes: int) -> Iterator[bytes]:
    """So many MiB of one thing."""
    block = piece * (1 + (1 << 20) // len(piece))
    for _ in range(mebibytes):
        yield block


DAMAGED = "is a damaged workbook; save it anew"


# ---------------------------------------------------------------- archives


def declaring(data: bytes, size: int, name: bytes = b"sheet1.xml") -> bytes:
    """The archive, whose table of contents tells another unpacked size of one part."""
    place = data.rindex(b"PK\x01\x02", 0, data.rindex(name))
    return data[: place + 24] + struct.pack("<L", size) + data[place + 28 :]


def test_an_archive_that_declares_too_much(tmp_path: Path) -> None:
    data = declaring(sheets.plain([HEAD, ROW]), (1 << 30) + 1)
    assert stopped(written(tmp_path, data)) == "is larger than 1 GiB when unpacked"


def test_an_honest_bomb_under_the_limit_takes_no_memory(tmp_path: Path) -> None:
    file = streamed(tmp_path / "sheet.xlsx", around(many(b" ", 300)))
    assert file.stat().st_size < 5 << 20
    assert check(file).code == 0


def test_an_archive_that_lies_about_its_size_is_cut_where_it_says(tmp_path: Path) -> None:
    file = streamed(tmp_path / "sheet.xlsx", around(many(b" ", 300)))
    file.write_bytes(declaring(file.read_bytes(), 2_000))
    assert stopped(file) == DAMAGED


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_ways_of_packing_that_swell_at_once_are_refused(tmp_path: Path, method: int) -> None:
    found = sheets.parts(sheet(rows_of([HEAD, ROW]) + " " * (50 << 20)))
    assert stopped(written(tmp_path, sheets.zipped(found, method))) == DAMAGED


def test_an_archive_with_a_hundred_thousand_parts(tmp_path: Path) -> None:
    out = io.BytesIO(sheets.plain([HEAD, ROW]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as archive:
        for number in range(100_000):
            archive.writestr(f"xl/media/{number}", b"")
    assert stopped(written(tmp_path, out.getvalue())) == "holds too many parts for a workbook"


def test_a_table_of_contents_hidden_in_the_longer_record(tmp_path: Path) -> None:
    data = sheets.plain([HEAD, ROW])
    at = data.rindex(b"PK\x05\x06")
    place = int.from_bytes(data[at + 16 : at + 20], "little")
    longer = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 4, 4, 5 << 20, place)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    end = data[at : at + 12] + b"\xff" * 8 + data[at + 20 :]
    assert stopped(written(tmp_path, data[:at] + longer + locator + end)) == "holds too many parts for a workbook"


def test_an_encrypted_archive(tmp_path: Path) -> None:
    data = bytearray(sheets.plain([HEAD, ROW]))
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 1)
    assert stopped(written(tmp_path, bytes(data))) == "is encrypted; remove the password first"


def test_truncated_and_altered_archives_end_in_words(tmp_path: Path) -> None:
    """In one process, so that thousands can be tried: nothing but `Unusable` may come out."""
    chance, file = random.Random(7), tmp_path / "sheet.xlsx"
    whole = sheets.book(
        sheet(rows_of([HEAD]) + '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="D2"><v>5</v></c></row>'),
        shared=sheets.shared("<t>2024-03-01</t>"),
    )
    stored = sheets.zipped(sheets.parts(sheet(rows_of([HEAD, ROW]))), zipfile.ZIP_STORED)
    refused = 0
    for turn in range(1_500):
        data = bytearray(stored if turn % 2 else whole)
        if turn % 3:
            for _ in range(chance.randint(1, 4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        else:
            del data[chance.randrange(len(data)) :]
        file.write_bytes(data)
        try:
            reading.read(file, made.BOOK)
        except Unusable:
            refused += 1
    assert refused > 500


# ---------------------------------------------------------------- markup

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [LAUGHS, OUTSIDE, '<?xml version="1.0"?><!DOCTYPE x>'])
@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", LINKED, "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "_rels/.rels"]
)
def test_document_types_are_refused(tmp_path: Path, head: str, part: str) -> None:
    found = sheets.parts(sheet(rows_of([HEAD, ROW])), shared=sheets.shared("<t>x</t>"))
    body = str(found[part])
    found[part] = head + body[body.index("?>") + 2 :].replace("<t>x", "<t>&i;").replace("HT-1", "&i;")
    with pytest.raises(Unusable) as refused:
        reading.read(written(tmp_path, sheets.zipped(found)), made.BOOK)
    assert "document type" in refused.value.words[1]


HUGE: dict[str, Callable[[], Iterator[bytes]]] = {
    "depth": lambda: around(many(b"<a>", 60)),
    "depth of cells": lambda: around(many(b"<c>", 60), rows_of([HEAD, ROW]) + '<row r="3">'),
    "depth of texts": lambda: around(many(b"<t>", 60), rows_of([HEAD, ROW]) + '<row r="3"><c r="A3">'),
    "depth of reading aids": lambda: around(many(b"<rPh><t>", 60), rows_of([HEAD, ROW]) + '<row r="3"><c r="A3"><is>'),
    "a tag": lambda: around(iter([b'<a b="', *many(b"x", 100), b'"/>'])),
    "a comment": lambda: around(iter([b"<!--", *many(b"x", 100), b"-->"])),
    "an instruction": lambda: around(iter([b"<?a ", *many(b"x", 100), b"?>"])),
    "names": lambda: around(f"<n{number}/>".encode() for number in range(300_000)),
    "names of attributes": lambda: around(f'<c n{number}=""/>'.encode() for number in range(300_000)),
    "a reference": lambda: around(iter([b'<row r="3"><c r="', *many(b"A", 3), b'1"><v>1</v></c></row>'])),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HUGE)
def test_markup_that_grows_without_end(tmp_path: Path, kind: str) -> None:
    assert stopped(streamed(tmp_path / "sheet.xlsx", HUGE[kind]())) == DAMAGED


def test_a_cell_and_a_shared_text_that_grow_without_end(tmp_path: Path) -> None:
    cell = around(iter([b'<row r="3"><c r="A3" t="str"><v>', *many(b"x", 100), b"</v></c></row>"]))
    assert stopped(streamed(tmp_path / "sheet.xlsx", cell)) == "has a cell with too much text"
    text = iter([f'<sst xmlns="{MAIN}"><si><t>'.encode(), *many(b"x", 100), b"</t></si></sst>"])
    file = streamed(tmp_path / "sheet.xlsx", text, "xl/sharedStrings.xml", shared="")
    assert stopped(file) == "has a cell with too much text"


def test_more_shared_texts_than_anybody_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, sheets.book(sheet(rows_of([HEAD, ROW])), shared=sheets.shared(*["<t>abc</t>"] * 50)))
    assert len(reading.read(file, made.BOOK).rows) == 1
    for name, most in (("_MAX_TEXTS", 50), ("_MAX_TEXT_BYTES", 149)):
        with monkeypatch.context() as patched, pytest.raises(Unusable, match="more text than we can read"):
            patched.setattr(workbook, name, most)
            reading.read(file, made.BOOK)


# ---------------------------------------------------------------- rows


def test_a_million_empty_rows_and_a_lone_cell_in_the_last_corner(tmp_path: Path) -> None:
    def rows() -> Iterator[bytes]:
        for number in range(3, 1_048_576):
            yield b'<row r="%d"/>' % number

    file = streamed(tmp_path / "sheet.xlsx", around(rows()))
    assert check(file).code == 0
    corner = rows_of([HEAD, ROW]) + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    done = check(written(tmp_path, sheets.book(sheet(corner))))
    assert done.code == 2
    assert [line.split()[0] for line in done.err.splitlines()] == ["A1048576", "B1048576", "D1048576"]


def test_a_cell_in_the_last_corner_of_the_last_row_that_is_read(tmp_path: Path) -> None:
    last = rows_of([ROW], 1_048_576).removesuffix("</row>") + '<c r="XFD1048576"><v>1</v></c></row>'
    file = written(tmp_path, sheets.book(sheet(rows_of([HEAD]) + last)))
    for form in ("json", "xlsx"):
        assert check(file, "--format", form, "-o", str(tmp_path / "answer")).code == 0


@pytest.mark.parametrize("line", [b"\n", b",\n", b'" "\n'])
def test_one_row_too_many(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "sheet.csv"
    for rows, said in ((1_048_576, ""), (1_048_577, "has more than 1048576 rows")):
        file.write_bytes(sheets.text([HEAD, ROW]) + line * (rows - 2))
        if said:
            assert stopped(file) == said
        else:
            assert check(file).code == 0


def test_a_record_that_does_not_end(tmp_path: Path) -> None:
    file, head = tmp_path / "sheet.csv", sheets.text([HEAD, ROW])
    for tail in (b"," * (100 << 20), b'"\n",' * (25 << 20), b"x" * (100 << 20)):
        file.write_bytes(head + tail)
        assert stopped(file).startswith("row 3 ")
    file.write_bytes(head + b"," * 20_000)
    assert stopped(file) == "row 3 is too long"


def test_files_larger_than_any_sheet(tmp_path: Path) -> None:
    for start in (b"a", b"PK\x03\x04"):
        file = written(tmp_path, start)
        os.truncate(file, (256 << 20) + 1)
        assert stopped(file) == "is larger than 256 MiB"


def test_a_header_made_to_hold_up_the_search(tmp_path: Path) -> None:
    spaces, units = "金额" + " (" * 60_000, "单位" * 60_000 + ":" * 1_000
    file = sheets.written(tmp_path / "sheet.csv", sheets.text([(spaces, units), HEAD, ROW]))
    assert check(file).code == 0


def test_numbers_made_to_hold_up_the_sums(tmp_path: Path) -> None:
    digits = "9" * 100_000
    cells = f'<c r="A2"><v>{digits}</v></c><c r="B2" t="s"><v>{digits}</v></c><c r="D2"><v>1E{digits}</v></c>'
    done = check(written(tmp_path, sheets.book(sheet(rows_of([HEAD]) + f'<row r="2">{cells}</row>'))))
    assert (done.code, len(done.err.splitlines())) == (2, 3)
    assert max(map(len, done.err.splitlines())) < 200
