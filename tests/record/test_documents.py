"""Files: hostile names, wrong types, wrong sizes, and who may read them."""

from __future__ import annotations

import io
import os
import time
import uuid
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.base import acts
from marketplace.base.actor import Actor
from marketplace.base.errors import NotFound, Refusal
from marketplace.base.roles import Role
from marketplace.record.audit.models import AccessRow, AuditRow
from marketplace.record.documents import actions as documents
from marketplace.record.documents import kinds
from marketplace.record.documents.kinds import CSV, OFD, PDF, PNG, XLSX, XML, of_bytes
from marketplace.record.documents.models import Document, DocumentReader, Retention
from marketplace.record.documents.names import disposition, harmless
from marketplace.record.documents.storage import Folder, TooLarge

PDF_BYTES = b"%PDF-1.7\n%...\n"
ORG, OTHER, PILOT = uuid.UUID(int=31), uuid.UUID(int=32), uuid.UUID(int=33)


def actor(number: int, role: Role, **where: Any) -> Actor:
    return Actor(uuid.UUID(int=number), uuid.UUID(int=number + 100), role, **where)


OWNER = actor(1, Role.ENTERPRISE, organisation_id=ORG)
RIVAL = actor(2, Role.PROVIDER, organisation_id=OTHER)
CITY = actor(3, Role.CITY, region="360900")
CITY_ELSEWHERE = actor(4, Role.CITY, region="360100")
PROVINCE = actor(5, Role.PROVINCE, region="360000")
PILOT_OFFICER = actor(6, Role.PILOT, pilot_id=PILOT, region="360923")
AUDITOR = actor(7, Role.AUDITOR, region="360900")
AUDITOR_ELSEWHERE = actor(10, Role.AUDITOR, region="360100")
ADMIN = actor(8, Role.ADMIN)
EXPERT = actor(9, Role.EXPERT)
EVERYBODY = [OWNER, RIVAL, CITY, CITY_ELSEWHERE, PROVINCE, PILOT_OFFICER, AUDITOR, AUDITOR_ELSEWHERE, ADMIN, EXPERT]


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name.replace("__", "/"), data)
    return buffer.getvalue()


def workbook() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet().write(0, 0, "金额")
    return buffer.getvalue()


def test_an_archive_that_would_swell_is_not_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "MAX_UNPACKED", 1000)
    assert of_bytes(archive(**{"OFD.xml": b"x" * 1000})) is OFD
    assert of_bytes(archive(**{"OFD.xml": b"x" * 1001})) is None
    monkeypatch.setattr(kinds, "MAX_MEMBERS", 2)
    assert of_bytes(archive(**{"OFD.xml": b"x", "a": b"", "b": b""})) is None


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PDF_BYTES, PDF),
        (b"\x89PNG\r\n\x1a\n....", PNG),
        (b"\xff\xd8\xff\xe0....", kinds.JPEG),
        (workbook(), XLSX),
        (archive(**{"OFD.xml": b"<ofd/>"}), OFD),
        (b"<?xml version='1.0'?><EInvoice><No>1</No></EInvoice>", XML),
        ("<?xml version='1.0' encoding='utf-16'?><发票/>".encode("utf-16"), XML),
        (b"\xef\xbb\xbf<a/>", XML),
        ("日期,金额\n2031-03-12,1.00\n".encode(), CSV),
        ("宜春市资金表\n日期,金额\n".encode("gb18030"), CSV),
        (b"a\tb\n1\t2\n", CSV),
    ],
)
def test_what_is_let_in(data: bytes, kind: kinds.Kind) -> None:
    assert of_bytes(data) is kind


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00\x03",
        b"\x7fELF....",
        b"#!/bin/sh\nrm -rf /\n",
        b"just words",
        b"GIF89a,,,,\x00",
        b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        b"<html><body/></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        b"<a><b></a>",
        b"<",
        archive(**{"readme.txt": b"x"}),
        archive(**{"word__document.xml": b"x", "[Content_Types].xml": b"x"}),
        archive(**{"[Content_Types].xml": b"x", "xl__workbook.xml": b"x", "xl__vbaProject.bin": b"x"}),
        b"PK\x03\x04 not an archive",
        b"a,b\n\x00\x01",
        b"a,b\n\xff\xff\xff\xff",
        b" %PDF-1.7",
    ],
)
def test_what_is_not_let_in(data: bytes) -> None:
    assert of_bytes(data) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("合同.pdf", "合同.pdf"),
        ("合同.PDF", "合同.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\windows\\system.ini", "system.ini.pdf"),
        ("C:\\temp\\发票 一.pdf", "发票 一.pdf"),
        ("evil.pdf.exe", "evil.pdf.exe.pdf"),
        ("evil\u202efdp.exe", "evilfdp.exe.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ('quo"te<>|?*:.pdf', "quo_te______.pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        (".pdf", "pdf.pdf"),
        ("/", "file.pdf"),
        ("CON.pdf", "file_CON.pdf"),
        ("com1", "file_com1.pdf"),
        ("x" * 500 + ".pdf", "x" * 116 + ".pdf"),
        ("汉" * 500, "汉" * 116 + ".pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("a. .pdf", "a.pdf"),
    ],
)
def test_names_are_made_harmless(given: str, kept: str) -> None:
    assert harmless(given, PDF) == kept
    assert harmless(kept, PDF) == kept, "done again it changes nothing"


def test_a_download_carries_its_chinese_name() -> None:
    value = disposition("发票 一;x.pdf")
    assert value.startswith('attachment; filename="__ _;x.pdf"; ')
    assert unquote(value.partition("filename*=UTF-8''")[2]) == "发票 一;x.pdf"
    assert value.isascii() and "\n" not in value


def store(platform: Any, data: bytes = PDF_BYTES, who: Actor | None = OWNER, **more: Any) -> Document:
    more.setdefault("filename", "合同.pdf")
    return platform.act(lambda ctx: documents.store(ctx, data, kind="contract", **more), who)


def contents(platform: Any) -> list[Path]:
    return sorted(Folder.of(platform.house.settings).root.glob("??/??/*"))


def test_a_file_is_kept_with_its_facts(platform: Any) -> None:
    document = store(platform, city="360900")
    assert (document.name, document.media_type, document.size) == ("合同.pdf", "application/pdf", len(PDF_BYTES))
    assert (document.owner_organisation_id, document.person_id) == (ORG, OWNER.person_id)
    assert (document.retention, document.personal, document.public) == (Retention.STANDARD, False, False)
    found, file = platform.act(lambda ctx: documents.open_file(ctx, document.id), OWNER)
    with file:
        assert file.read() == PDF_BYTES
    assert found.sha256 == document.sha256
    (path,) = contents(platform)
    assert path.name == document.sha256 and path.stat().st_mode & 0o777 == 0o440
    (audited,) = platform.act(lambda ctx: list(ctx.session.scalars(select(AuditRow))))
    assert (audited.verb, audited.object_id, audited.city) == ("document.stored", str(document.id), "360900")
    assert "合同" not in str(audited.facts), "a name may hold personal data, and the audit is for ever"


def test_a_stream_is_as_good_as_bytes_and_equal_contents_are_kept_once(platform: Any) -> None:
    first = store(platform)
    second = platform.act(lambda ctx: documents.store(ctx, io.BytesIO(PDF_BYTES), "b.pdf", "invoice"), OWNER)
    assert first.id != second.id and first.sha256 == second.sha256
    assert len(contents(platform)) == 1
    assert list(Folder.of(platform.house.settings).incoming.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "document.empty"), (b"MZ\x90", "document.type"), (PDF_BYTES + b"x" * 2**20, "document.too_large")],
)
def test_what_is_refused_leaves_nothing(platform: Any, data: bytes, code: str) -> None:
    platform.house.settings.max_upload_mb = 1
    with pytest.raises(Refusal) as refused:
        store(platform, data)
    assert (refused.value.code, refused.value.field) == (code, "file")
    assert platform.sql("SELECT count(*) FROM document")[0][0] == 0
    assert contents(platform) == [] and list(Folder.of(platform.house.settings).incoming.iterdir()) == []


def test_the_limit_is_exact(platform: Any) -> None:
    platform.house.settings.max_upload_mb = 1
    assert store(platform, PDF_BYTES.ljust(2**20, b"x")).size == 2**20


def readers(platform: Any, document: Document) -> list[Actor]:
    found = []
    for who in EVERYBODY:
        try:
            platform.act(lambda ctx: documents.get(ctx, document.id), who)
        except NotFound:
            continue
        found.append(who)
    return found


def test_who_may_read(platform: Any) -> None:
    assert readers(platform, store(platform)) == [OWNER]
    placed = store(platform, city="360900", pilot_id=PILOT)
    assert readers(platform, placed) == [OWNER, CITY, PROVINCE, PILOT_OFFICER, AUDITOR]
    assert readers(platform, store(platform, who=EXPERT)) == [EXPERT]
    assert readers(platform, store(platform, who=CITY)) == [CITY, PROVINCE, AUDITOR]
    assert readers(platform, store(platform, who=PILOT_OFFICER)) == [PILOT_OFFICER]
    assert readers(platform, store(platform, public=True)) == EVERYBODY


def test_an_uploader_without_an_organisation_reads_what_it_stored(platform: Any) -> None:
    alone = actor(50, Role.ENTERPRISE)
    document = store(platform, who=alone)
    assert platform.act(lambda ctx: documents.get(ctx, document.id), alone).id == document.id


@pytest.mark.parametrize(
    ("to", "who"),
    [
        ({"organisation_id": OTHER}, [RIVAL]),
        ({"pilot_id": PILOT}, [PILOT_OFFICER]),
        ({"city": "360100"}, [CITY_ELSEWHERE, PROVINCE, AUDITOR_ELSEWHERE]),
        ({"person_id": EXPERT.person_id}, [EXPERT]),
    ],
)
def test_a_matter_opens_a_file_to_others(platform: Any, to: Any, who: list[Actor]) -> None:
    document = store(platform)
    for _ in range(2):
        platform.act(lambda ctx: documents.open_to(ctx, documents.get(ctx, document.id), **to), OWNER)
    assert [r for r in readers(platform, document) if r is not OWNER] == who
    assert len(platform.act(lambda ctx: list(ctx.session.scalars(select(DocumentReader))))) == 1


def test_a_visitor_reads_public_files_alone(platform: Any) -> None:
    closed, public = store(platform), store(platform, public=True)
    with Session(platform.engine) as session:
        ctx = acts.read(session, platform.house)
        assert documents.get(ctx, public.id).id == public.id
        with pytest.raises(NotFound):
            documents.get(ctx, closed.id)


def test_a_look_at_personal_data_is_written_down_before_it_is_handed_out(platform: Any) -> None:
    plain, personal = store(platform), store(platform, personal=True)
    with Session(platform.engine) as session:
        ctx = acts.read(session, platform.house, actor=OWNER)
        for document in (plain, personal):
            documents.open_file(ctx, document.id)[1].close()
        refused = acts.read(session, platform.house, actor=RIVAL)
        with pytest.raises(NotFound):
            documents.open_file(refused, personal.id)
    (row,) = platform.act(lambda ctx: list(ctx.session.scalars(select(AccessRow))))
    assert (row.kind, row.object_id, row.person_id) == ("document", str(personal.id), OWNER.person_id)


def test_a_row_without_its_content_is_not_found(platform: Any) -> None:
    document = store(platform)
    contents(platform)[0].unlink()
    with pytest.raises(NotFound):
        platform.act(lambda ctx: documents.open_file(ctx, document.id), OWNER)


def test_orphans_are_swept_and_nothing_else(platform: Any) -> None:
    kept = store(platform, city="360900")

    def undone(ctx: Any) -> None:
        documents.store(ctx, PDF_BYTES + b"orphan", "x.pdf", "contract")
        raise Refusal("no", "不行")

    with pytest.raises(Refusal):
        platform.act(undone, OWNER)
    folder = Folder.of(platform.house.settings)
    stale = folder.incoming / "unfinished"
    stale.write_bytes(b"half")
    assert len(contents(platform)) == 2
    assert platform.act(documents.sweep) == "", "an act may still be about to name it"
    old = time.time() - documents.ORPHAN_AFTER.total_seconds() - 60
    for path in [*contents(platform), stale]:
        os.utime(path, (old, old))
    assert platform.act(documents.sweep) == "1 orphans removed"
    assert [path.name for path in contents(platform)] == [kept.sha256] and not stale.exists()


def test_the_folder_serves_nothing_but_digests(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "secret.key").write_text("x")
    for name in ("../secret.key", "secret.key", "a" * 63, "A" * 64, "/etc/passwd"):
        with pytest.raises(FileNotFoundError):
            folder.open(name)
    with pytest.raises(TooLarge):
        folder.receive(io.BytesIO(b"12345"), 4)
    assert list(folder.incoming.iterdir()) == []
