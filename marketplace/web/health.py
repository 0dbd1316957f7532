"""Is it alive, is it ready, and how much does it do."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, Response, g, jsonify, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy import text

from marketplace.base.permissions import Permission, Within
from marketplace.base.roles import Role
from marketplace.base.text import N_
from marketplace.schema import head
from marketplace.web.db import db
from marketplace.web.security import PUBLIC, access

READ_METRICS = Permission("installation.read_metrics", N_("查看运行指标"))


def init(app: Flask) -> None:
    registry = CollectorRegistry()
    requests = Counter("http_requests", "Requests answered", ["method", "endpoint", "status"], registry=registry)
    seconds = Histogram("http_request_seconds", "Time to answer", ["endpoint"], registry=registry)
    runtime_house = app.extensions["house"]
    runtime_house.matrix.add({READ_METRICS: {Role.ADMIN: Within.ANY}})

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        requests.labels(request.method, endpoint, response.status_code).inc()
        if "started" in g:
            seconds.labels(endpoint).observe(time.perf_counter() - g.started)
        return response

    @app.get("/healthz", endpoint="health.alive")
    @access(PUBLIC)
    def alive() -> Any:
        return jsonify({"status": "ok"})

    @app.get("/readyz", endpoint="health.ready")
    @access(PUBLIC)
    def ready() -> Any:
        try:
            at = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        except Exception:
            db.session.rollback()
            return jsonify({"status": "unavailable", "database": False}), 503
        good = at == head()
        return jsonify({"status": "ok" if good else "unavailable", "database": True, "migrations": good}), (
            200 if good else 503
        )

    @app.get("/metrics", endpoint="health.metrics")
    @access(READ_METRICS)
    def metrics() -> Response:
        return Response(generate_latest(registry), mimetype="text/plain; version=0.0.4")
