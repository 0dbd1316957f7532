"""Pages: rendering, and forms that keep what was typed and name the field that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request
from marshmallow import EXCLUDE, Schema, ValidationError, fields
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from marketplace.base.context import Context
from marketplace.base.errors import Invalid, NotFound, Refusal
from marketplace.base.text import Text
from marketplace.web import checks, nav
from marketplace.web.i18n import say
from marketplace.web.runtime import act, reading


def render(template: str, **values: Any) -> str:
    """A page in the shell: the template gets `ctx`, the menu and whatever is passed."""
    ctx = values.pop("ctx", None) or reading()
    return render_template(template, ctx=ctx, menu=nav.menu(ctx), **values)


def done(message: str, url: str, **values: Any) -> Response:
    """After a successful act: say so on the next page, and go there (303, so that a reload repeats nothing)."""
    flash(say(Text(message, values)), "ok")
    return redirect(url, code=303)


class Form:
    """One submission of one schema: what was typed, what is wrong, and the act behind it.

    In a view::

        form = Form(PilotSchema, values={...})
        if form.submitted and form.act(lambda ctx, data: actions.nominate(ctx, **data)):
            return done(N_("…"), url_for("pilots.show", pilot_id=form.result.id))
        return render("pilots/new.html", form=form), form.status

    `values` are shown before anything was typed. Errors stand beside their fields (`form.errors`), refusals of the
    whole act in `form.refusal`; both appear in the error summary.

    With `live` each field is checked against the schema when somebody leaves it: the browser asks this very address,
    names the field in a header, and gets a few words for an answer. `runtime.act` does nothing in such a request.
    """

    def __init__(self, schema: type[Schema] | Schema, values: Mapping[str, Any] | None = None, *, live: bool = False):
        self.schema = schema() if isinstance(schema, type) else schema
        self.submitted = request.method == "POST"
        self.live = live
        self.values: dict[str, Any] = dict(values or {})
        self.errors: dict[str, list[str]] = {}
        self.refusal: Refusal | None = None
        self.result: Any = None
        self.status = 200
        if self.submitted:
            self.values.update(self._typed())
            self._answer_about(request.headers.get(checks.FIELD))

    def _answer_about(self, asked: str | None) -> None:
        """End the request with what is wrong with the one field that is asked about, if it is one of ours."""
        field = next((f for n, f in self.schema.fields.items() if asked and asked == (f.data_key or n)), None)
        if field is None or asked is None:
            return
        abort(checks.answer(self._verdict(field, asked)))

    def _verdict(self, field: fields.Field[Any], name: str) -> checks.Verdict:
        value, explain = self._typed().get(name), checks.KINDS.get(request.headers.get(checks.KIND, ""))
        if value in ("", None, []):
            missing = field.required and not checks.typing()
            return checks.Verdict([say(field.error_messages["required"])] if missing else [])
        if explain and checks.typing():
            return explain(value, typing=True)
        try:
            field.deserialize(value, name, {name: value})
        except ValidationError as fault:
            return checks.Verdict([say(m) for m in _flat(fault.messages)])
        return explain(value) if explain else checks.Verdict()

    def _typed(self) -> dict[str, Any]:
        """Text fields as typed, repeated keys as lists where the schema wants lists, files as uploads."""
        typed: dict[str, Any] = {}
        for name, field in self.schema.fields.items():
            key = field.data_key or name
            if key in request.files:
                upload = request.files[key]
                typed[key] = upload if upload.filename else None
            elif isinstance(field, fields.List):
                typed[key] = [v for v in request.form.getlist(key) if v != ""]
            elif key in request.form:
                text = request.form[key].replace("\r\n", "\n")
                typed[key] = text.strip() if "password" not in key else text
            elif isinstance(field, fields.Boolean):
                typed[key] = False
        return typed

    def load(self) -> dict[str, Any] | None:
        """The typed values as the schema understands them, or None with `errors` filled."""
        given = {k: v for k, v in self.values.items() if v not in ("", None)}
        try:
            loaded = self.schema.load(given, unknown=EXCLUDE)
        except ValidationError as fault:
            self._fail(fault.normalized_messages())
            return None
        return dict(loaded)

    def act(self, verb: Callable[[Context, dict[str, Any]], Any]) -> bool:
        """Load the form and do the act. False: something is wrong, and the page shows what."""
        data = self.load()
        if data is None:
            return False
        try:
            self.result = act(lambda ctx: verb(ctx, dict(data)))
        except NotFound:
            raise
        except Invalid as fault:
            self._fail(fault.errors)
            return False
        except Refusal as refusal:
            self.status = refusal.status
            self.refusal = refusal
            keys = {f.data_key or n for n, f in self.schema.fields.items()}
            if refusal.field == "file" and "file" not in keys and len(sent := self._sent()) == 1:
                refusal.field = sent[0]
            if refusal.field and refusal.field in keys:
                self.errors[refusal.field] = [say(refusal.text)]
            return False
        return True

    def _sent(self) -> list[str]:
        """Fields whose file came along: a chapter that refuses a file does not know what the form calls it."""
        return [name for name, value in self.values.items() if isinstance(value, FileStorage)]

    def _fail(self, errors: Mapping[str, Any]) -> None:
        self.status = 422
        for field, messages in errors.items():
            self.errors[field] = [say(m) for m in _flat(messages)]


def _flat(messages: Any) -> list[Any]:
    if isinstance(messages, Mapping):
        return [m for inner in messages.values() for m in _flat(inner)]
    if isinstance(messages, (list, tuple)):
        return [m for inner in messages for m in _flat(inner)]
    return [messages]
