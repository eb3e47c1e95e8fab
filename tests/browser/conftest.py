"""A browser for every file of tests, and a way to open pages in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Visit, chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def visit(browser: Browser) -> Iterator[object]:
    contexts = []

    def open_page(file: Path, size: dict[str, int], *, scheme: Literal["light", "dark"] = "light", scripts: bool = True) -> Visit:
        contexts.append(browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=scripts))  # pyright: ignore[reportArgumentType]
        page = contexts[-1].new_page()
        requests: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(file.as_uri())
        return Visit(page, requests, complaints)

    yield open_page
    for context in contexts:
        context.close()
