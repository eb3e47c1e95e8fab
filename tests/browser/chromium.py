"""The real browser: Debian's Chromium or whatever `chromium` is on PATH, driven through Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PHONE, DESKTOP = {"width": 360, "height": 780}, {"width": 1200, "height": 900}

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Visit(NamedTuple):
    """A page that was opened, what it asked for, and what it said to the console."""

    page: Page
    requests: list[str]
    complaints: list[str]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser. Without one on PATH the test is skipped, or fails where `MIGRATOR_REQUIRE_BROWSER` is 1."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        reason = "no Chromium on PATH: what the page looks like was not tested"
        if os.environ.get("MIGRATOR_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
