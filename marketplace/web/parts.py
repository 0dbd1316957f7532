"""What the parts in ``templates/parts`` know of the house: labels and tones of states, amounts in words."""

from __future__ import annotations

from flask import Flask

from marketplace.base import money
from marketplace.base.states import REGISTERED


def init(app: Flask) -> None:
    """Give the templates the state tables, so that a new state never lacks its tag."""
    app.jinja_env.globals.update(lifecycles=REGISTERED)
    app.jinja_env.filters.update(in_words=money.in_words)
