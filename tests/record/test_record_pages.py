"""The record's pages as a browser meets them."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import html5lib
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from marketplace.base.actor import Actor
from marketplace.base.roles import Role
from marketplace.base.text import N_, Text
from marketplace.cli import Installation, cli
from marketplace.people.accounts.models import Person
from marketplace.record.audit import actions as audit
from marketplace.record.audit import sealing
from marketplace.record.audit.models import AccessRow, AuditRow
from marketplace.record.documents import actions as documents
from marketplace.record.notices import actions as notices
from marketplace.record.notices import delivery, outbox
from marketplace.record.notices.models import Outbox
from marketplace.web.signin import SESSION_LOADER
from tests.support.mail import MailServer

AUDITOR = Actor(uuid.UUID(int=1), uuid.UUID(int=11), Role.AUDITOR, region="360900", name="审计员")
ADMIN = Actor(uuid.UUID(int=2), uuid.UUID(int=12), Role.ADMIN, name="管理员")
OWNER = Actor(uuid.UUID(int=3), uuid.UUID(int=13), Role.ENTERPRISE, organisation_id=uuid.UUID(int=31), name="业主")
PEOPLE = {str(a.person_id): a for a in (AUDITOR, ADMIN, OWNER)}


@pytest.fixture
def browse(app: Flask) -> Iterator[Callable[..., Any]]:
    """``browse(actor)``: a client signed in as somebody; every page it gets must be well-formed."""
    house = app.extensions["house"]
    entries = house._entries.setdefault(SESSION_LOADER.name, [])
    entries.insert(0, lambda session, house, secret: PEOPLE.get(secret))
    app.config["WTF_CSRF_ENABLED"] = False

    def client(actor: Actor | None = None) -> Any:
        made = app.test_client()
        if actor is not None:
            with made.session_transaction() as session:
                session["_user_id"] = str(actor.person_id)
        return made

    yield client
    entries.pop(0)
    app.config["WTF_CSRF_ENABLED"] = True


def page(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.get_data(as_text=True)[:500]
    text = response.get_data(as_text=True)
    html5lib.HTMLParser(strict=True).parse(text)
    return text


def fill(act: Callable[..., Any], count: int = 3) -> None:
    for number in range(count):
        act(
            lambda ctx, n=number: audit.record(ctx, "order.placed", ("shop_order", n), total_fen=n * 100, key="x"),
            OWNER,
        )


def lines(answer: Any) -> list[dict[str, str]]:
    """The rows of a list's file."""
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))


def test_the_auditor_reads_and_exports(browse: Any, act: Any) -> None:
    fill(act, 60)
    client = browse(AUDITOR)
    text = page(client.get("/audit"))
    assert "object_id=59" in text and "object_id=0&" not in text and "中小企业" in text
    following = text.partition("cursor=")[2].partition('"')[0]
    text = page(client.get(f"/audit?cursor={following}"))
    assert "object_id=0" in text and "object_id=59" not in text
    assert "没有符合条件的记录" in page(client.get("/audit?verb=order.declined"))
    (row,) = lines(client.get("/audit?object_id=7&format=csv"))
    assert (row["事项"], row["对象"], row["内容"]) == ("下达订单", "企业订单", "总额：¥7.00")
    assert (row["事项代码"], row["对象代码"]) == ("order.placed", "shop_order")
    assert row["原始内容"] == '{"key":"x","total_fen":700}' and row["精确时间"].startswith("2031-03-12T")
    assert (row["人员编号"], row["身份"]) == (str(OWNER.person_id), "中小企业")
    text = page(client.get("/audit?lang=en"))
    assert "Record of acts" in text and ">Order placed</a>" in text and "Total: ¥59.00" in text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["2", "1", "0", "5"]),
        ("sort=oldest", ["5", "0", "1", "2"]),
        ("verb=order.placed", ["2", "1", "0"]),
        ("kind=dossier", ["5"]),
        ("kind=shop_order&object_id=1", ["1"]),
        (f"person_id={ADMIN.person_id}", ["5"]),
        ("name=业", ["2", "1", "0"]),
        ("name=%25", []),
        ("since=2031-03-13", ["2", "1", "0"]),
        ("until=2031-03-12", ["5"]),
    ],
)
def test_acts_and_looks_are_found(browse: Any, act: Any, clock: Any, asked: str, found: list[str]) -> None:
    for actor in (ADMIN, OWNER):
        person = Person(id=actor.person_id, name=actor.name, phone=f"138{actor.person_id.int:08d}", password_hash="-")
        act(lambda ctx, person=person: ctx.add(person))
    act(lambda ctx: audit.record(ctx, "dossier.opened", ("dossier", 5)), ADMIN)
    act(lambda ctx: audit.look(ctx, "dossier", 5, "review"), ADMIN)
    clock.advance(days=1)
    fill(act)
    for number in range(3):
        act(lambda ctx, n=number: audit.look(ctx, "shop_order", n, "review"), OWNER)
    client = browse(AUDITOR)
    assert [row["对象编号"] for row in lines(client.get(f"/audit?format=csv&{asked}"))] == found
    if not asked.startswith("verb"):
        assert [row["对象编号"] for row in lines(client.get(f"/audit/looks?format=csv&{asked}"))] == found


def test_looks_have_a_page_of_their_own(browse: Any, act: Any) -> None:
    act(lambda ctx: audit.look(ctx, "dossier", 5, "review"), OWNER)
    text = page(browse(AUDITOR).get("/audit/looks"))
    assert "kind=dossier&amp;object_id=5" in text and "review" in text


@pytest.mark.parametrize(
    "path", ["/audit", "/audit/looks", "/audit?format=csv", "/jobs", "/outbox", "/jobs/audit.seal"]
)
def test_closed_doors(browse: Any, path: str) -> None:
    assert browse().get(path).status_code == 302
    assert browse(OWNER).get(path).status_code == 403


def test_checkpoints_are_public_and_can_be_kept(browse: Any, act: Any, clock: Any, app: Flask, tmp_path: Any) -> None:
    assert "第一个将在平台运行满一天后公布" in page(browse().get("/checkpoints"))
    fill(act)
    act(sealing.seal)
    clock.advance(days=1)
    act(sealing.seal)
    text = page(browse().get("/checkpoints"))
    assert "2031-03-12" in text
    kept = browse().get("/checkpoints/2031-03-12.json")
    assert kept.get_json()["seal_hash"] in text
    act(lambda ctx: audit.record(ctx, "thing.done", ("thing", 9)), OWNER)
    clock.advance(days=1)
    act(sealing.seal)
    days = ["2031-03-13", "2031-03-12"]
    for asked, found in {
        "": days,
        "sort=oldest": days[::-1],
        f"since={days[0]}": days[:1],
        f"until={days[1]}": days[1:],
    }.items():
        assert [row["日期"] for row in lines(browse().get(f"/checkpoints?format=csv&{asked}"))] == found, asked
    assert browse().get("/checkpoints/2031-03-14.json").status_code == 404
    assert browse().get("/checkpoints/yesterday.json").status_code == 404

    installation = Installation()
    installation._app = app
    file = tmp_path / "checkpoint.json"
    file.write_text(kept.get_data(as_text=True))

    def verify(*arguments: str) -> Any:
        return CliRunner().invoke(cli.get_command(None, "audit"), ["verify", *arguments], obj=installation)  # type: ignore[arg-type,union-attr]

    done = verify("--checkpoint", str(file))
    assert done.exit_code == 0, done.output
    assert "audit_row: " in done.output and "3 checkpoints compared" in done.output and "the chain holds" in done.output
    forged = {**kept.get_json(), "seal_hash": "00" * 32}
    file.write_text(json.dumps(forged))
    done = verify("--checkpoint", str(file))
    assert done.exit_code == 1 and "first broken link: seal" in done.output
    file.write_text("{}")
    assert verify("--checkpoint", str(file)).exit_code == 2
    assert verify("--key", "zz").exit_code == 2


def test_a_file_is_handed_out_as_a_download(browse: Any, act: Any) -> None:
    data = b"%PDF-1.7\n<script>alert(1)</script>"
    document = act(lambda ctx: documents.store(ctx, data, "身份证 副本.pdf", "identity", personal=True), OWNER)
    url = f"/documents/{document.id}"
    answer = browse(OWNER).get(url)
    assert answer.get_data() == data
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert (
        "filename*=UTF-8''%E8%BA%AB%E4%BB%BD%E8%AF%81%20%E5%89%AF%E6%9C%AC.pdf" in answer.headers["Content-Disposition"]
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "application/pdf" and int(answer.headers["Content-Length"]) == len(data)
    answer.close()
    for other in (browse(ADMIN), browse()):
        assert other.get(url).status_code == 404
    looks = act(lambda ctx: list(ctx.session.scalars(select(AccessRow))))
    assert [(row.person_id, row.object_id) for row in looks] == [(OWNER.person_id, str(document.id))]


def test_the_inbox_shows_marks_and_leads_on(browse: Any, act: Any) -> None:
    text = Text(N_("服务券 {number} 已发放。"), {"number": "V-1"})
    notice = act(lambda ctx: notices.tell(ctx, person_id=OWNER.person_id, text=text, url="/checkpoints"))
    client = browse(OWNER)
    shown = page(client.get("/notices"))
    assert "服务券 V-1 已发放。" in shown and "全部标为已读" in shown
    assert page(browse(ADMIN).get("/notices")).count("V-1") == 0
    assert browse(ADMIN).post(f"/notices/{notice.id}/read").status_code == 404
    act(lambda ctx: notices.tell(ctx, person_id=OWNER.person_id, text=Text(N_("文件是空的。")), url="/"))
    answer = client.post(f"/notices/{notice.id}/read")
    assert (answer.status_code, answer.location) == (303, "/checkpoints")
    assert "全部标为已读" in page(client.get("/notices"))
    first, other = "服务券 V-1 已发放。", "文件是空的。"
    for asked, found in {
        "": [other, first],
        "state=unread": [other],
        "state=read": [first],
        "since=2031-03-13": [],
        "until=2031-03-12": [other, first],
    }.items():
        assert [row["内容"] for row in lines(client.get(f"/notices?format=csv&{asked}"))] == found, asked
    assert client.post("/notices/read").status_code == 303
    assert '/notices/read"' not in page(client.get("/notices"))
    assert browse().get("/notices").status_code == 302


def test_the_administrator_runs_a_job_and_sees_it(browse: Any, act: Any) -> None:
    fill(act)
    client = browse(ADMIN)
    assert "audit.seal" in page(client.get("/jobs"))
    assert client.post("/jobs/audit.seal/run").status_code == 303
    shown = page(client.get("/jobs/audit.seal"))
    assert "rows under" in shown and "完成" in shown
    assert client.post("/jobs/audit.seal/run").status_code == 303
    told = [row["日志"] for row in lines(client.get("/jobs/audit.seal?format=csv"))]
    assert len(told) == 2 and "rows under" in told[1]
    for asked, found in {
        "sort=oldest": told[::-1],
        "outcome=done": told,
        "outcome=failed": [],
        "since=2031-03-13": [],
        "until=2031-03-12": told,
    }.items():
        assert [row["日志"] for row in lines(client.get(f"/jobs/audit.seal?format=csv&{asked}"))] == found, asked
    assert client.get("/jobs/no.job").status_code == 404
    assert client.post("/jobs/no.job/run").status_code == 404
    assert browse(AUDITOR).post("/jobs/audit.seal/run").status_code == 403
    runs = act(lambda ctx: list(ctx.session.scalars(select(AuditRow).where(AuditRow.verb == "job.run"))))
    assert [row.person_id for row in runs] == [ADMIN.person_id] * 2


def test_what_waits_to_be_sent(browse: Any, act: Any) -> None:
    act(lambda ctx: outbox.send(ctx, "sms", {"to": "13800000000", "text": "秘密"}))
    client = browse(ADMIN)
    shown = page(client.get("/outbox"))
    assert "短信" in shown and "13800000000" not in shown and "秘密" not in shown
    (row,) = act(lambda ctx: list(ctx.session.scalars(select(Outbox))))
    act(lambda ctx: outbox.send(ctx, "mail", {"to": "x@example.org"}))
    later = {"last_error": "refused", "attempts": 1, "next_try_at": row.next_try_at + timedelta(hours=1)}
    act(lambda ctx: ctx.session.execute(update(Outbox).where(Outbox.id == row.id).values(**later)))
    for asked, found in {
        "": ["短信", "邮件"],
        "sort=next": ["邮件", "短信"],
        "topic=mail": ["邮件"],
        "failed=1": ["短信"],
    }.items():
        assert [line["通道"] for line in lines(client.get(f"/outbox?format=csv&{asked}"))] == found, asked
    assert "立即重试" in shown and "立即重试" not in page(browse(AUDITOR).get("/outbox"))
    assert client.post(f"/outbox/{row.id}/retry").status_code == 303
    assert browse(AUDITOR).post(f"/outbox/{row.id}/retry").status_code == 403


def test_a_notice_reaches_its_people_by_mail_in_both_languages(app: Flask, act: Any, monkeypatch: Any) -> None:
    house = app.extensions["house"]
    address = notices.Address(email="owner@example.org")
    monkeypatch.setitem(
        house._entries, notices.RECIPIENTS.name, [lambda ctx, notice: [address, notices.Address(phone="13800000000")]]
    )
    act(lambda ctx: notices.tell(ctx, person_id=OWNER.person_id, text=Text(N_("文件是空的。")), url="/vouchers"))
    with MailServer() as (post, url), app.app_context():
        monkeypatch.setattr(house.settings, "smtp_url", url)
        monkeypatch.setattr(house.settings, "public_url", "https://city.example/")
        assert delivery.deliver(act) == "1 sent, 0 failed"
        assert delivery.deliver(act) == "1 sent, 0 failed"
    (letter,) = post.letters
    body = letter.message.get_content()
    assert letter.message["Subject"] == "平台消息: 文件是空的。"
    assert "文件是空的。" in body and "The file is empty." in body and "https://city.example/vouchers" in body
    (waiting,) = act(lambda ctx: list(ctx.session.scalars(select(Outbox).where(Outbox.topic == "sms"))))
    assert waiting.payload == {"to": "13800000000", "text": "文件是空的。 https://city.example/vouchers"}


def test_jobs_at_the_command_line(app: Flask) -> None:
    installation = Installation()
    installation._app = app

    def jobs(*arguments: str) -> Any:
        return CliRunner().invoke(cli.get_command(None, "jobs"), list(arguments), obj=installation)  # type: ignore[arg-type,union-attr]

    listed = jobs("list")
    assert listed.exit_code == 0 and "audit.seal" in listed.output and "every 3 s" in listed.output
    done = jobs("run", "jobs.tidy")
    assert (done.exit_code, done.output) == (0, "done: nothing to do\n")
    assert jobs("run", "no.job").exit_code == 2
