"""What the shell in ``templates/layouts`` and the parts in ``templates/parts`` know of the house."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, current_app, make_response, request

from marketplace.base import money
from marketplace.base.house import Port
from marketplace.base.roles import LABELS
from marketplace.base.states import REGISTERED
from marketplace.web import charts, nav, runtime


def has_endpoint(name: str) -> bool:
    """Whether a page exists in this installation, so that a link to it may be shown."""
    return name in current_app.view_functions


def main_menu() -> list[nav.Link]:
    """The main menu of whoever looks, for pages that no view prepared: the error pages."""
    return nav.menu_of(runtime.house(), runtime.known_actor())


def typed_money(value: Any) -> Any:
    """An amount for a form field: fen from the database become yuan, what a person typed stays as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return money.plain(value)
    return "" if value is None else value


UPLOADS: Port[str] = Port("kinds of uploads")
"""Endings of the names of files that may be uploaded where a form names none, with their dots."""


def upload_kinds() -> str:
    """What a file field accepts by itself."""
    return ",".join(runtime.house().all(UPLOADS))


def upload_limit() -> int:
    """How large a file may be, in MiB."""
    limit: int = runtime.house().settings.max_upload_mb
    return limit


CLAUSES: Port[Callable[[str, str | None], Iterable[Any]]] = Port("words of clauses")
"""What is said under a clause, of one rule book or of all: provisions with `name` and `text` in both languages."""


def clause_words(clause: str, book: str | None = None) -> list[Any]:
    """The provisions behind a clause; none where no rule book has its words."""
    return [provision for source in runtime.house().all(CLAUSES) for provision in source(clause, book)]


def digits(fen: int) -> str:
    """An amount as bare digits, for arithmetic: 7,000,000.00."""
    return money.plain(fen, grouped=True)


def grouped(number: str) -> str:
    """A number in groups of four, as one reads it out; one that has groups of its own keeps them."""
    number = str(number)
    if "-" in number or " " in number:
        return number
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def init(app: Flask) -> None:
    """Give the templates the state tables, so that a new state never lacks its tag, and what the shell asks for."""
    app.jinja_env.globals.update(
        lifecycles=REGISTERED,
        role_labels=LABELS,
        has_endpoint=has_endpoint,
        main_menu=main_menu,
        menu_groups=nav.grouped,
        came_from=runtime.came_from,
        upload_kinds=upload_kinds,
        upload_limit=upload_limit,
        chart_id=charts.fresh_id,
        clause_words=clause_words,
    )
    app.jinja_env.filters.update(in_words=money.in_words, typed_money=typed_money, digits=digits, grouped=grouped)
    app.context_processor(lambda: {"actor": runtime.known_actor()})

    @app.after_request
    def say_where(response: Response) -> Response:
        """A script that sends a form learns where to go on, so that the browser itself goes there."""
        if request.headers.get("X-Form") != "script" or response.location is None:
            return response
        told = make_response("", 204)
        told.headers.extend((name, value) for name, value in response.headers if name.lower() == "set-cookie")
        told.headers["X-Location"] = response.location
        return told
