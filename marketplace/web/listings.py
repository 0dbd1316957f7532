"""Lists: one declaration per list says its columns, filters, orders and export; page and file are drawn from it.

A chapter's ``listings.py`` declares, beside its queries::

    ORDERS = Listing(
        "orders",
        N_("订单"),
        rows=queries.listed,
        columns=[
            Column("title", N_("订单"), link=lambda order: url_for("orders.show", order_id=order.id)),
            Column("total_fen", N_("金额"), "money"),
            Column("state", N_("状态"), "state", lifecycle="order"),
        ],
        filters=[Choice("state", N_("状态"), ORDER.labels, tabs=True), Words("number", N_("订单编号"))],
        empty=N_("没有符合条件的订单。"),
    )

The view is ``return ORDERS.answer("orders/index.html")`` and the template places it: ``{{ listing_.list(listing) }}``.
`rows` is a query of the chapter: it authorises, takes each filter by its name, `limit` and `cursor` (and `order`, where
a list has several), and gives a `paging.Page`. Or `statement` gives a Select, which is paged in the list's order. What
a page of rows needs besides (names, labels) is looked up once by `prepare` and handed to each column.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from itertools import islice
from operator import attrgetter
from typing import Any

from flask import request, send_file, stream_with_context
from sqlalchemy import Select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from marketplace.base import money, sheets
from marketplace.base.context import Context
from marketplace.base.paging import MAX_CHUNK, Key, Page, fetch
from marketplace.base.states import REGISTERED as LIFECYCLES
from marketplace.base.text import N_
from marketplace.web.html import render
from marketplace.web.i18n import moment, say
from marketplace.web.runtime import reading

REGISTERED: dict[str, Listing] = {}
"""Every list by name, for the tests that try each filter, order and file of each."""

EXPORTED = 50_000
"""Rows of one file; what lies beyond is reached by narrowing the filters, and the file says so. See `Listing.whole`."""
KINDS = frozenset({"text", "code", "money", "count", "share", "day", "moment", "state", "word", "tags", "clause"})
_NUMERIC = frozenset({"money", "count", "share"})


@dataclass(frozen=True)
class Column:
    """One column. `value` takes (row, facts) or is left out: then the row's attribute of the column's name is shown.

    Kinds: text · code (a number or key in even letters) · money (fen) · count · share (basis points) · day · moment ·
    state (of `lifecycle`) · word (a text to be translated) · tags (pairs of word and tone) · clause. `link` leads to
    the row's page, `under` stands small beneath. A hidden column is offered, and shown once it is chosen; `filed` says
    that files have it nevertheless, like the number that a page shows beneath the title.
    """

    name: str
    label: str
    kind: str = "text"
    value: Callable[[Any, Any], Any] | None = None
    link: Callable[[Any], str | None] | None = None
    under: Callable[[Any, Any], Any] | None = None
    lifecycle: str | None = None
    hidden: bool = False
    filed: bool = False
    when: Callable[[Context], bool] | None = None
    """Who is shown the column at all; None is everybody."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS or (self.kind == "state") != (self.lifecycle is not None):
            raise ValueError(f"column {self.name}: unknown kind {self.kind}, or a state without its lifecycle")

    @property
    def numeric(self) -> bool:
        return self.kind in _NUMERIC

    def of(self, row: Any, facts: Any) -> Any:
        """What the column holds for a row."""
        return self.value(row, facts) if self.value is not None else attrgetter(self.name)(row)

    def beneath(self, row: Any, facts: Any) -> Any:
        return self.under(row, facts) if self.under is not None else None

    def written(self, row: Any, facts: Any) -> Any:
        """The same for a file: money as yuan, moments in Asia/Shanghai, words in the reader's language."""
        value = self.of(row, facts)
        if value is None or value == "":
            return ""
        if self.kind == "money":
            return money.plain(value)
        if self.kind == "share":
            return f"{value / 100:.2f}%"
        if self.kind == "moment":
            return moment(value)
        if self.kind == "state":
            return say(LIFECYCLES[str(self.lifecycle)].labels[value])
        if self.kind == "tags":
            return "、".join(say(word) for word, _tone in value)
        return value if isinstance(value, (int, date)) and self.kind in ("count", "day") else say_or_text(value)


def say_or_text(value: Any) -> str:
    """Words from below the web in the reader's language, anything else as it is written."""
    return say(value) if isinstance(value, str) or hasattr(value, "template") else str(value)


@dataclass(frozen=True)
class Filter:
    """What a list may be narrowed by; `name` is the query's argument, and the address's unless `address` says else."""

    name: str
    label: str
    address: str = ""
    when: Callable[[Context], bool] | None = None

    kind = "words"

    @property
    def key(self) -> str:
        """The parameter of the address."""
        return self.address or self.name

    def read(self, args: MultiDict[str, str], ctx: Context) -> Any:
        """The value asked for, or None: what is unknown or unreadable is no filter."""
        raise NotImplementedError

    def shown(self, value: Any, ctx: Context) -> str:
        """The value in words, for its chip."""
        return str(value)


@dataclass(frozen=True)
class Words(Filter):
    """Free text; `hint` says what is searched."""

    hint: str | None = None
    longest: int = 100

    def read(self, args: MultiDict[str, str], ctx: Context) -> str | None:
        return args.get(self.key, "").replace("\x00", "").strip()[: self.longest] or None


Options = Mapping[Any, Any] | Callable[[Context], Mapping[Any, Any]]


@dataclass(frozen=True)
class Choice(Filter):
    """One of several: `options` maps a value to its word, or looks that up. As `tabs` they stand above the list."""

    options: Options = field(default_factory=dict)
    tabs: bool = False
    default: Any = None
    nothing: str = N_("全部")
    """What the list shows when none is chosen."""

    kind = "choice"

    def known(self, ctx: Context) -> dict[str, tuple[Any, str]]:
        """Parameter → (value, word); looked up once for a page."""
        note = f"choice {id(self)}"
        if note not in ctx.notes:
            options = self.options(ctx) if callable(self.options) else self.options
            ctx.notes[note] = {self.parameter(value): (value, say_or_text(word)) for value, word in options.items()}
        known: dict[str, tuple[Any, str]] = ctx.notes[note]
        return known

    def read(self, args: MultiDict[str, str], ctx: Context) -> Any:
        asked = args.get(self.key)
        if asked is None:
            return self.default
        found = self.known(ctx).get(asked)
        return found[0] if found else None

    def shown(self, value: Any, ctx: Context) -> str:
        return self.known(ctx).get(self.parameter(value), (value, str(value)))[1]

    def parameter(self, value: Any) -> str:
        return str(value.value if isinstance(value, Enum) else value)


@dataclass(frozen=True)
class Day(Filter):
    """A calendar day of this or a neighbouring century; two of them, named apart, make a period."""

    kind = "day"

    def read(self, args: MultiDict[str, str], ctx: Context) -> date | None:
        try:
            day = date.fromisoformat(args.get(self.key, "").strip())
        except ValueError:
            return None
        return day if 1900 <= day.year < 2200 else None  # the first and the last day of all have no neighbour

    def shown(self, value: date, ctx: Context) -> str:
        return value.isoformat()


@dataclass(frozen=True)
class Tick(Filter):
    """Yes, or not asked."""

    kind = "tick"

    def read(self, args: MultiDict[str, str], ctx: Context) -> bool | None:
        return True if args.get(self.key) == "1" else None

    def shown(self, value: bool, ctx: Context) -> str:
        return say(N_("是"))


@dataclass(frozen=True)
class Same(Filter):
    """An id in the address that another page's link narrows by; `named` gives its word for the chip."""

    named: Callable[[Context, uuid.UUID], str] | None = None

    kind = "same"

    def read(self, args: MultiDict[str, str], ctx: Context) -> uuid.UUID | None:
        try:
            return uuid.UUID(args.get(self.key, ""))
        except ValueError:
            return None

    def shown(self, value: uuid.UUID, ctx: Context) -> str:
        return self.named(ctx, value) if self.named else str(value)


@dataclass(frozen=True)
class Sort:
    """One order of a list, over an index; the first of a list is its own."""

    name: str
    label: str
    keys: Sequence[Key]


Prepare = Callable[[Context, list[Any]], Any]


@dataclass(frozen=True)
class Listing:
    """One list; see the module's words."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Callable[..., Page[Any]] | None = None
    statement: Callable[..., Select[Any]] | None = None
    filters: Sequence[Filter] = ()
    sorts: Sequence[Sort] = ()
    prepare: Prepare = lambda ctx, rows: None
    empty: str = N_("没有符合条件的记录。")
    exports: bool = True
    whole: bool = False
    """Whether a CSV takes every row, however many: for the record, which nobody may get in parts only."""
    limit: int = 50

    def __post_init__(self) -> None:
        if (self.rows is None) == (self.statement is None) or (self.statement is not None and not self.sorts):
            raise ValueError(f"{self.name}: rows, or a statement with its orders")
        if len(self.sorts) > 3:
            raise ValueError(f"{self.name}: at most three orders, each over an index")
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            raise ValueError(f"{self.name}: a column stands twice")
        REGISTERED[self.name] = self

    def answer(self, template: str, /, *, given: Mapping[str, Any] | None = None, **values: Any) -> str | Response:
        """The page with the list in it, or the file that was asked for with ``?format=csv`` or ``xlsx``.

        `given` are arguments of the query that are no filters, like the pilot that the page is about.
        """
        ctx = values.pop("ctx", None) or reading()
        shown = self.show(ctx, given=given)
        if self.exports and request.args.get("format") in ("csv", "xlsx"):
            return _file(shown, request.args["format"])
        return render(template, ctx=ctx, listing=shown, **values)

    def show(self, ctx: Context, *, given: Mapping[str, Any] | None = None) -> Shown:
        """What this request asks of the list."""
        return Shown(self, ctx, request.args, dict(given or {}))


class Shown:
    """One list as one request asks for it: what was asked, and the rows, read when they are first wanted."""

    def __init__(self, listing: Listing, ctx: Context, args: MultiDict[str, str], given: dict[str, Any]):
        self.listing, self.ctx, self.given = listing, ctx, given
        self.filters = [f for f in listing.filters if f.when is None or f.when(ctx)]
        self.asked = {f.name: v for f in self.filters if (v := f.read(args, ctx)) is not None}
        by_name = {sort.name: sort for sort in listing.sorts}
        self.sort = by_name.get(args.get("sort", ""), listing.sorts[0] if listing.sorts else None)
        self.cursor = args.get("cursor") or None
        chosen = set(args.getlist("column"))
        self.offered = [c for c in listing.columns if c.when is None or c.when(ctx)]
        self.chosen = chosen & {c.name for c in self.offered}
        self.columns = [c for c in self.offered if (c.name in self.chosen if self.chosen else not c.hidden)]
        self.filed = [c for c in self.offered if c in self.columns or (c.filed and not self.chosen)]
        self._page: Page[Any] | None = None

    @property
    def page(self) -> Page[Any]:
        if self._page is None:
            self._page = self.fetch(self.listing.limit, self.cursor)
            self.facts = self.listing.prepare(self.ctx, self._page.items)
        return self._page

    def fetch(self, limit: int, cursor: str | None) -> Page[Any]:
        """A page of rows under the filters and in the order of this request."""
        asked: dict[str, Any] = {**self.given, **self.asked}
        if self.listing.rows is None:
            assert self.listing.statement is not None and self.sort is not None
            statement = self.listing.statement(self.ctx, **asked)
            return fetch(self.ctx.session, statement, self.sort.keys, limit=limit, cursor=cursor)
        if self.sort is not None and len(self.listing.sorts) > 1:
            asked["order"] = self.sort.keys
        return self.listing.rows(self.ctx, **asked, limit=limit, cursor=cursor)

    # ---- for the template

    def parameter(self, filter_: Filter) -> str:
        """The value of a filter as it stands in the address."""
        value = self.asked.get(filter_.name)
        if value is None:
            return ""
        return filter_.parameter(value) if isinstance(filter_, Choice) else "1" if value is True else str(value)

    @property
    def args(self) -> dict[str, Any]:
        """All that this request asks for, for links that keep it."""
        asked: dict[str, Any] = {f.key: self.parameter(f) for f in self.filters if f.name in self.asked}
        asked |= {f.key: "" for f in self.filters if self._default_undone(f)}
        if self.sort is not None and self.sort is not self.listing.sorts[0]:
            asked["sort"] = self.sort.name
        if self.chosen:
            asked["column"] = [c.name for c in self.columns]
        return asked

    def _default_undone(self, filter_: Filter) -> bool:
        return isinstance(filter_, Choice) and filter_.default is not None and filter_.name not in self.asked

    def args_without(self, filter_: Filter) -> dict[str, Any]:
        """The same without one filter; a filter with a default must say that it is off."""
        rest = {k: v for k, v in self.args.items() if k != filter_.key}
        return rest | ({filter_.key: ""} if isinstance(filter_, Choice) and filter_.default is not None else {})

    @property
    def narrowed(self) -> bool:
        """Whether a filter is in force that was asked for: one that stands by itself cannot be taken away."""
        return any(self.asked.get(f.name) != getattr(f, "default", None) for f in self.filters)

    @property
    def chips(self) -> list[tuple[Filter, str]]:
        """The filters in force that no tab already shows, each with its value in words."""
        return [
            (f, f.shown(self.asked[f.name], self.ctx))
            for f in self.filters
            if f.name in self.asked and not getattr(f, "tabs", False)
        ]

    @property
    def tabs(self) -> Choice | None:
        """The filter that stands as tabs above the list."""
        return next((f for f in self.filters if isinstance(f, Choice) and f.tabs), None)

    @property
    def fields(self) -> list[Filter]:
        """The filters that stand in the form."""
        return [f for f in self.filters if f.kind != "same" and not getattr(f, "tabs", False)]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form hands on unseen: the tab, an id, the order, the chosen columns."""
        inside = {f.key for f in self.fields}
        pairs: list[tuple[str, str]] = []
        for name, value in self.args.items():
            if name not in inside:
                pairs += [(name, v) for v in value] if isinstance(value, list) else [(name, value)]
        return pairs

    # ---- for a file

    def lines(self) -> Iterator[tuple[Any, Any]]:
        """Row after row with its facts, in chunks, whatever the length of the list."""
        cursor: str | None = None
        while True:
            page = self.fetch(MAX_CHUNK, cursor)
            facts = self.listing.prepare(self.ctx, page.items)
            yield from ((row, facts) for row in page.items)
            cursor = page.next_cursor
            if cursor is None:
                return

    def header(self) -> list[str]:
        """The columns' words, with the unit of money."""
        return [say(c.label) + (say(N_("（元）")) if c.kind == "money" else "") for c in self.filed]

    def cells(self, most: int | None) -> Iterator[list[Any]]:
        """The rows of a file; a last line says so when there were more than `most` (None: every row)."""
        lines = self.lines()
        for row, facts in islice(lines, most):
            yield [column.written(row, facts) for column in self.filed]
        if next(lines, None) is not None:
            way = N_("仅导出前 {rows} 行，全部记录请导出 CSV。") if self.listing.whole else _NARROWER
            yield [say(way).format(rows=most)]


_NARROWER = N_("仅导出前 {rows} 行，请用筛选条件缩小范围。")


def _file(shown: Shown, form: str) -> Response:
    name = f"{shown.listing.name}-{shown.ctx.today:%Y%m%d}.{form}"
    if form == "csv":
        lines = sheets.write_csv(shown.header(), shown.cells(None if shown.listing.whole else EXPORTED))
        answer = Response(stream_with_context(lines), mimetype="text/csv")
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    kept = tempfile.SpooledTemporaryFile(max_size=2**20)
    formats = [sheets.Format(_WIDTHS.get(c.kind, 18), money=c.kind == "money") for c in shown.filed]
    sheets.stream_xlsx(kept, say(shown.listing.title), shown.header(), shown.cells(EXPORTED), formats)
    kept.seek(0)
    return send_file(kept, mimetype=sheets.XLSX, as_attachment=True, download_name=name, max_age=0, etag=False)


_WIDTHS = {"text": 28, "code": 24, "money": 16, "count": 10, "day": 12, "moment": 18, "state": 12}
