"""The application: settings, house, chapters, web. Chapters are loaded by name, so the host imports no wing."""

from __future__ import annotations

import logging
from importlib import import_module

import structlog
from flask import Flask
from flask_login import LoginManager
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from marketplace import schema
from marketplace.base import keys
from marketplace.base.clock import Clock
from marketplace.base.house import House
from marketplace.base.papers import templates_folder
from marketplace.config import Settings
from marketplace.web import (
    assets,
    checks,
    db,
    errors,
    fields,
    health,
    home,
    i18n,
    nav,
    parts,
    rest,
    security,
    signin,
    styleguide,
    tongues,
)

PACKAGES = ("marketplace", "providers", "vouchers")

fields.speak_chinese()  # before any chapter is imported: a schema's fields copy their messages when they are made


def furnish(settings: Settings, clock: Clock | None = None) -> House:
    """The house with every chapter's entries; needs no Flask application."""
    house = House(settings, clock)
    for package in PACKAGES:
        import_module(f"{package}.module").register(house)
    return house


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> Flask:
    """The WSGI application. `clock` is set in tests, the demo and training only."""
    settings = settings or Settings.load()
    _configure_log(settings)
    app = Flask("marketplace", template_folder=str(templates_folder()), static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=db.engine_options(settings.database_url),
        SESSION_COOKIE_NAME="marketplace",
        SESSION_COOKIE_SECURE=settings.cookie_secure,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["house"] = furnish(settings, clock)
    app.extensions["settings"] = settings
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0)  # type: ignore[method-assign]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    db.init(app)
    with app.app_context():
        keys.civil(db.prepare(db.db.engine))
    Migrate(app, db.db, directory=str(schema.MIGRATIONS))
    i18n.init(app)
    tongues.init(app)
    security.init(app)
    signin.init(app, LoginManager())
    errors.init(app)
    assets.init(app)
    parts.init(app)
    checks.init(app)
    health.init(app)
    home.init(app)
    styleguide.init(app)
    for blueprint in app.extensions["house"].all(nav.BLUEPRINTS):
        app.register_blueprint(blueprint)
    rest.init(app)
    app.jinja_env.globals.update(instance_name=settings.instance_name, production=settings.production)
    return app


def _configure_log(settings: Settings) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
