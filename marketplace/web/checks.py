"""What can be said of one field while it is filled in: an amount in capitals, a credit code's groups, a fault."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, get_template_attribute, make_response, request
from marshmallow import Schema, validate

from marketplace.base import money, uscc
from marketplace.base.errors import Refusal
from marketplace.base.text import N_, Text
from marketplace.web.i18n import say
from marketplace.web.security import PUBLIC, access

FIELD = "X-Check"
"""Header of a request that only asks about one field of a form: the field's name."""
KIND = "X-Check-Kind"
TYPING = "X-Typing"
"""Header of a request that came while somebody still types: what is merely unfinished is no fault yet."""
ANSWER = "X-Checked"
"""Header of the answer to such a request, so that nothing else is ever put beside a field."""

PACE = 600
"""Questions a minute from one network: four offices of people who type without a pause."""

bp = Blueprint("parts", __name__, url_prefix="/parts")


@dataclass(frozen=True)
class Verdict:
    """Faults of a value in words, or what it amounts to; neither while there is nothing to say."""

    faults: Sequence[str] = ()
    kind: str = ""
    value: str = ""
    note: str = ""


def of_money(text: Any, *, typing: bool = False) -> Verdict:
    """An amount as on a payment order. An integer is fen, as in the values of a form."""
    if isinstance(text, int) and not isinstance(text, bool):
        return Verdict(kind="money", value=money.in_words(text))
    bare = str(text or "").strip()
    if not bare:
        return Verdict()
    try:
        return Verdict(kind="money", value=money.in_words(money.parse(bare.rstrip(".,") if typing else bare)))
    except Refusal as refusal:
        unfinished = typing and all(c in "0123456789,." for c in bare) and not bare.partition(".")[2]
        return Verdict() if unfinished and refusal.code == "money.malformed" else Verdict([say(refusal.text)])


def of_uscc(text: Any, *, typing: bool = False) -> Verdict:
    """A credit code in groups of four, to be compared with the licence; else how much is missing, or what is wrong."""
    code = uscc.normal(str(text or ""))[:60]
    if not code:
        return Verdict()
    if typing and len(code) < 18 and code.isascii() and code.isalnum() and not set(code) & set("IOSVZ"):
        return Verdict(note=say(Text(N_("已填 {count} 位，还差 {missing} 位。"), _counts(code))))
    try:
        code = uscc.check(code)
    except Refusal as refusal:
        return Verdict([say(refusal.text)])
    return Verdict(kind="uscc", value=" ".join(code[i : i + 4] for i in range(0, len(code), 4)))


def _counts(code: str) -> dict[str, int]:
    return {"count": len(code), "missing": 18 - len(code)}


KINDS: dict[str, Callable[..., Verdict]] = {"money": of_money, "uscc": of_uscc}


def limit_of(form: Any, name: str) -> int | None:
    """How many characters a form's schema takes in a field; None where it says nothing."""
    schema: Schema | None = getattr(form, "schema", None)
    for key, field in schema.fields.items() if schema is not None else ():
        if name == (field.data_key or key):
            rules = field.validate if isinstance(field.validate, (list, tuple)) else [field.validate]
            return next((r.equal or r.max for r in rules if isinstance(r, validate.Length)), None)
    return None


def typing() -> bool:
    return TYPING in request.headers


def answer(verdict: Verdict) -> Response:
    """The few words that stand under a field."""
    response = make_response(str(get_template_attribute("parts/live.html", "said")(verdict)))
    response.headers[ANSWER] = "yes"
    return response


@bp.get("/words")
@access(PUBLIC, pace=PACE)
def words() -> Response:
    """``?amount=1234.5``: the amount in capitals, or what is wrong with it. `of` names another parameter."""
    return answer(of_money(_asked("amount"), typing=typing()))


@bp.get("/uscc")
@access(PUBLIC, pace=PACE)
def credit_code() -> Response:
    """``?uscc=…``: the code in groups, or what is wrong with it. `of` names another parameter."""
    return answer(of_uscc(_asked("uscc"), typing=typing()))


def _asked(name: str) -> str:
    return request.args.get(request.args.get("of", name), "")[:60]


def init(app: Flask) -> None:
    app.register_blueprint(bp)
    app.jinja_env.globals.update(said_of=lambda kind, value: KINDS[kind](value), limit_of=limit_of)

    @app.after_request
    def nothing_else(response: Response) -> Response:
        """A question about one field never gets a whole page for an answer, whatever the view made of it."""
        if request.method != "POST" or FIELD not in request.headers or ANSWER in response.headers:
            return response
        return make_response("", 204)
