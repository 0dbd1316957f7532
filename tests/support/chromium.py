"""Drives the machine's own Chromium: nothing is downloaded, and the browser talks to nobody but this machine.

Load it with ``pytest_plugins = ["tests.support.chromium"]``; pytest-playwright's ``page`` and ``browser`` then use it.
``python -m tests.support.chromium`` says whether the machine has one, for scripts.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

INSTALL = "apt-get install chromium (Debian) or brew install --cask chromium (macOS)"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_APPLICATIONS = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")


def find_executable() -> str | None:
    """A Chromium, or a Chrome; ``CHROMIUM`` in the environment names another one. None where there is none."""
    for name in (os.environ.get("CHROMIUM"), *_NAMES):
        found = shutil.which(name) if name else None
        if found:
            return found
    for folder in (Path("/Applications"), Path.home() / "Applications"):
        for application in _APPLICATIONS:
            if (folder / application).exists():
                return str(folder / application)
    return None


def launch_options() -> dict[str, Any]:
    """Arguments for Playwright's ``chromium.launch``; RuntimeError where there is no browser."""
    executable = find_executable()
    if executable is None:
        raise RuntimeError(f"no Chromium found: {INSTALL}")
    arguments = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        # Left alone, the browser calls its maker at every start.
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # the sandbox refuses to work for root
    return {"executable_path": executable, "args": arguments, "headless": True}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """What pytest-playwright launches; skips where the machine has no browser."""
    if find_executable() is None:
        pytest.skip(f"needs a Chromium: {INSTALL}")
    # --headed on the command line still wins.
    return {**launch_options(), **browser_type_launch_args}


if __name__ == "__main__":
    sys.exit(find_executable() is None)
