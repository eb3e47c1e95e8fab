"""The functions of the articles application as its endpoints show them, with nothing registered anywhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from migrator.errors import MigratorError
from migrator.jobs import Inventory, Job, Schedule
from migrator.scanners import scan
from migrator.scanners.runtime import ask
from migrator.servers import servers
from tests.doubles.inngest import InngestDouble
from tests.fixtures.articles import SOURCE, application, installed, shared_environment


@pytest.mark.behaviour
def test_the_application_runs_what_its_code_says(tmp_path: Path) -> None:
    installed()
    with InngestDouble() as double, servers(redis=False) as running:
        environment = shared_environment(running.postgres, tmp_path / "effects", double.environment())
        with application(environment, log=tmp_path / "log") as app:
            inventory: Inventory = ask(app.endpoints, scan(SOURCE))
        assert not double.functions
    assert inventory.runtime is not None
    assert sum(source.found["inngest"] for source in inventory.runtime.sources) > len(inventory.of(Schedule, "inngest"))
    assert [(d.kind, d.about, d.name, d.detail) for d in inventory.runtime.differences] == []


FUNCTIONS = [
    {"id": "shop-mail", "name": "Mail", "triggers": [{"event": "mail/send", "expression": "event.data.now"}], "steps": {}},
    {
        "id": "shop-tidy",
        "name": "Tidy",
        "triggers": [{"cron": "TZ=Asia/Manila 0 3 * * *"}],
        "steps": {"step": {"retries": {"attempts": 1}}},
    },
    {"id": "shop-tidy-failure", "name": "Tidy (failure)", "triggers": [{"event": "inngest/function.failed"}]},
    "nonsense",
]


@contextmanager
def endpoint(sdk: str, *, shows: bool = True, body: object = None) -> Generator[tuple[str, list[str]]]:
    """An endpoint that answers as an SDK does, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(body if body is not None else {"function_count": 2, "mode": "dev"})

        def do_PUT(self) -> None:
            self.answer({"functions": FUNCTIONS} if shows else {"message": "registered"})

        def answer(self, value: object) -> None:
            asked.append(f"{self.command} {self.headers.get('x-inngest-sync-kind')}")
            data = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("x-inngest-sdk", sdk)
            if shows and self.command == "PUT":
                self.send_header("x-inngest-sync-kind", "in_band")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/inngest", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_functions_and_their_crons(tmp_path: Path) -> None:
    with endpoint("js:v4.24.0") as (url, asked):
        inventory = ask([url], scan(tmp_path))
    assert [j.name for j in inventory.of(Job)] == ["shop-mail", "shop-tidy"]
    assert [(s.job_name, s.timezone) for s in inventory.of(Schedule)] == [("shop-tidy", "Asia/Manila")]
    assert asked == ["GET None", "PUT in_band"]


def test_an_sdk_that_would_register_is_only_asked_who_it_is(tmp_path: Path) -> None:
    with endpoint("js:v3.22.12") as (url, asked), pytest.raises(MigratorError, match="shows its functions to none but its server"):
        ask([url], scan(tmp_path))
    assert asked == ["GET None"]


def test_the_development_server_lists_what_was_registered(tmp_path: Path) -> None:
    with endpoint("", body={"functions": FUNCTIONS[:2]}) as (url, asked):
        inventory = ask([url], scan(tmp_path))
    assert [j.name for j in inventory.of(Job)] == ["shop-mail", "shop-tidy"]
    assert asked == ["GET None"]


def test_one_that_keeps_its_functions_to_itself(tmp_path: Path) -> None:
    with endpoint("js:v4.24.0", shows=False) as (url, _), pytest.raises(MigratorError, match="does not show its functions"):
        ask([url], scan(tmp_path))


def test_something_else(tmp_path: Path) -> None:
    with endpoint("") as (url, asked), pytest.raises(MigratorError, match="is no endpoint of Inngest"):
        ask([url], scan(tmp_path))
    assert asked == ["GET None"]


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(MigratorError, match="does not answer") as raised:
        ask(["http://me:hunter2@127.0.0.1:1/api/inngest"], scan(tmp_path))
    assert "hunter2" not in str(raised.value)
