"""In CI a skipped test is a failed one: there every server and browser is installed, so a skip hides something.

Load it with ``pytest_plugins = ["tests.support.skips"]``. Known faults belong under ``xfail`` with a reason.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

_CI = os.environ.get("CI", "").lower() in ("true", "1")


# Outermost, so that pytest's own treatment of skip and xfail marks has happened.
def _forbid(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where nothing may be: {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if _CI:
        _forbid(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if _CI:
        _forbid(report)
    return report
