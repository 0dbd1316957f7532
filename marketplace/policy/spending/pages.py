"""Pages: anybody checks a spending sheet in the browser. Nothing of it is kept."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from marketplace.base import money
from marketplace.base.errors import Invalid, NotFound, Refusal
from marketplace.base.text import N_, Bilingual
from marketplace.policy.books import shelf
from marketplace.policy.books.model import Book
from marketplace.policy.engine import pilot as pilots
from marketplace.policy.spending import actions, apart, checking, example, template
from marketplace.policy.spending.answer import Answer, summary
from marketplace.policy.spending.checking import Question
from marketplace.policy.spending.fault import one_line
from marketplace.policy.spending.schemas import DOWNLOADS, SHOWN, SpendingFormSchema
from marketplace.record.documents.names import disposition
from marketplace.web.html import Form, render
from marketplace.web.i18n import language, say
from marketplace.web.security import PUBLIC, access

bp = Blueprint("checking", __name__, url_prefix="/check")

_TYPES = {
    "json": "application/json",
    "html": "application/octet-stream",  # to be kept: nothing of it is shown under our address
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TONES = {"pass": "ok", "open": "info", "warn": "warn", "fail": "bad"}
_PILOT_KEYS = ("name", "batch", "approved_on", "as_of", "year1_end", "year2_end")


@bp.get("")
@access(PUBLIC)
def index() -> str:
    return render("spending/index.html", books=[shelf.load(code) for code in shelf.available()])


@bp.get("/<code>/template")
@access(PUBLIC)
def template_(code: str) -> Response:
    """An empty sheet of a book, with explanations."""
    book = _book(code)
    with tempfile.SpooledTemporaryFile() as out:
        template.write(out, book)
        out.seek(0)
        return _file(out.read(), f"{code}.xlsx")


@bp.get("/<code>/example")
@access(PUBLIC)
def example_(code: str) -> str:
    """The answer to a made-up sheet: what a check tells."""
    book = _book(code)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sheet.csv"
        file.write_bytes(example.sheet(book, _language()))
        _, verdict = checking.judged(Question(file, book, example.pilot(book, _language())))
    return _shown(book, summary(Answer(verdict, _language())), made_up=True)


@bp.get("/<code>/example/sheet")
@access(PUBLIC)
def example_sheet(code: str) -> Response:
    """The made-up sheet itself."""
    return _file(example.sheet(_book(code), _language()), f"{code}-example.csv")


@bp.route("/<code>", methods=["GET", "POST"])
@access(PUBLIC)
def check(code: str) -> Any:
    """Fill in the pilot, choose the sheet, read the answer."""
    book = _book(code)
    form = Form(SpendingFormSchema, values={"batch": next(iter(book.batches), ""), "form": SHOWN})
    if form.submitted and form.act(lambda ctx, data: _admitted(ctx, book, data)):
        answer = _answer(form, book)
        if answer is not None:
            return answer
    kinds = [
        (f"{kind.code}/{entry.code}", f"{_name(kind)} · {_name(entry)}")
        for kind in book.types.values()
        for entry in kind.classes.values()
    ]
    page = Response(render("spending/check.html", form=form, book=book, kinds=kinds, forms=_forms()), form.status)
    wait = getattr(form.refusal, "retry_after", None)
    if wait is not None:
        page.headers["Retry-After"] = str(wait)
    return page


def sent(asked: apart.Asked, file: Any, pilot: bytes, mimetype: str) -> Response:
    """The answer of the process apart, sent on as it is read; its folder goes when all is sent."""
    stack = ExitStack()
    answer = stack.enter_context(apart.answered(asked, file.save, pilot))
    response = Response(iter(partial(answer.read, 1 << 16), b""), mimetype=mimetype)
    response.call_on_close(stack.close)
    return response


def _admitted(ctx: Any, book: Book, data: Mapping[str, Any]) -> bytes:
    """The description of the pilot, once it can be used and whoever asks may ask once more."""
    pilot = _described(data)
    try:
        pilots.read(book, pilot)
    except pilots.Unusable as fault:
        zh, en = fault.words
        field = "kind" if fault.key in ("type", "class") else fault.key
        raise Invalid({field: [Bilingual(f"{zh}。", {}, f"{en[:1].upper()}{en[1:]}.")]}) from None
    actions.admit(ctx, request.remote_addr or "")
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in pilot.items()).encode()


def _described(data: Mapping[str, Any]) -> dict[str, str]:
    """The keys of a PILOT.toml from the fields of the form."""
    kind, _, pilot_class = data["kind"].partition("/")
    found = {"type": kind, "class": pilot_class}
    found |= {key: money.plain(data[key]) for key in ("award", "received")}
    found |= {key: one_line(str(data[key])).replace("\x7f", "") for key in _PILOT_KEYS if data[key] is not None}
    return found


def _answer(form: Form, book: Book) -> Any:
    """What is sent back, or None where the form must say why there is nothing."""
    data = form.load() or {}
    shown = data["form"] == SHOWN
    asked = apart.Asked(book.code, checking.SUMMARY if shown else data["form"], _language(), data["sheet"])
    try:
        if not shown:
            response = sent(asked, data["file"], form.result, _TYPES[data["form"]])
            response.headers["Content-Disposition"] = disposition(f"{book.code}-check.{data['form']}")
            return response
        with apart.answered(asked, data["file"].save, form.result) as answer:
            return _shown(book, json.load(answer))
    except Invalid as fault:
        form.status = fault.status
        form.errors = {name: [say(message) for message in messages] for name, messages in fault.errors.items()}
    except Refusal as refusal:
        form.status, form.refusal = refusal.status, refusal
        form.errors = {refusal.field: [say(refusal.text)]} if refusal.field else {}
    return None


def _shown(book: Book, answer: Mapping[str, Any], *, made_up: bool = False) -> str:
    return render("spending/answer.html", answer=answer, book=book, tones=TONES, made_up=made_up)


def _forms() -> list[tuple[str, str]]:
    return [(SHOWN, say(N_("在浏览器中查看"))), *((form, form.upper()) for form in DOWNLOADS)]


def _file(data: bytes, name: str) -> Response:
    response = Response(data, mimetype="text/csv; charset=utf-8" if name.endswith(".csv") else _TYPES["xlsx"])
    response.headers["Content-Disposition"] = disposition(name)
    return response


def _book(code: str) -> Book:
    if code not in shelf.available():
        raise NotFound("book")
    return shelf.load(code)


def _name(item: Any) -> str:
    return str(item.name_en if _language() == "en" else item.name_zh)


def _language() -> str:
    return "en" if language() == "en" else "zh"
