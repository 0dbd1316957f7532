"""Two languages: Chinese is the source, English a catalogue read from one file per chapter when first asked for."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, request
from flask_babel import Babel, Domain, format_date, format_datetime, get_locale

from marketplace.base import money
from marketplace.base.clock import SHANGHAI
from marketplace.base.states import Label, Labels
from marketplace.base.text import Bilingual, Text

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
FOLDER = Path(__file__).parent.parent / "translations"


@cache
def catalogue(locale: str) -> NullTranslations:
    """The translations of a locale: every ``<locale>/*.po`` together. Chinese is the source and has none."""
    folder = FOLDER / locale
    if not folder.is_dir():
        return NullTranslations()
    whole = Catalog(locale=locale)
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale):
                if message.id and message.string:
                    whole[message.id] = message
    buffer = io.BytesIO()
    write_mo(buffer, whole)
    buffer.seek(0)
    return Translations(buffer)


class _Catalogues(Domain):
    """Flask-Babel's domain over our fragments instead of compiled files."""

    def get_translations(self) -> Any:
        return catalogue(str(get_locale() or "zh_Hans_CN"))


domain = _Catalogues()
_ = gettext = domain.gettext
ngettext = domain.ngettext


def choose_locale() -> str:
    """The language switch's cookie, else the browser's wish, else Chinese."""
    chosen = g.get("locale_override") or request.args.get("lang") or request.cookies.get("lang") or ""
    if chosen[:2] in LOCALES:
        return LOCALES[chosen[:2]]
    best = request.accept_languages.best_match(["zh-CN", "zh-Hans", "zh", "en"])
    return LOCALES["en" if best == "en" else "zh"]


def language() -> str:
    """The `lang` attribute of the page: zh-Hans or en."""
    return "en" if str(get_locale()).startswith("en") else "zh-Hans"


def say(text: Any) -> str:
    """A text from below the web in the reader's language: marked strings, `Text` with values, labels."""
    if isinstance(text, Bilingual):
        return text.en if language() == "en" and text.en else text.template
    if isinstance(text, Text):
        template = domain.gettext(text.template)
        return template.format(**{k: show(v) for k, v in text.values.items()}) if text.values else template
    return domain.gettext(text) if text else ""


def show(value: Any) -> Any:
    """A value inside a sentence: money, days and labels as the reader writes them."""
    if isinstance(value, money.Yuan):
        return yuan(value.fen)
    if isinstance(value, Labels):
        return ("、" if language() != "en" else ", ").join(domain.gettext(str(w)) for w in value)
    if isinstance(value, (Label, Text)):
        return say(value)
    if hasattr(value, "tzinfo"):
        return moment(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def yuan(fen: int | None) -> str:
    """Fen as ¥1,234.50 (the same sign in both languages)."""
    return "—" if fen is None else f"¥{money.plain(fen, grouped=True)}".replace("¥-", "-¥")


def moment(value: Any) -> str:
    """An instant in Asia/Shanghai, to the minute."""
    return "" if value is None else value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def init(app: Flask) -> None:
    Babel(
        app,
        default_locale="zh_Hans_CN",
        default_timezone="Asia/Shanghai",
        locale_selector=choose_locale,
        default_domain=domain,
    )
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(domain.gettext, domain.ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(
        say=say, yuan=yuan, moment=moment, longdate=format_date, datetime=format_datetime, shown=show
    )
    app.jinja_env.globals.update(language=language)
