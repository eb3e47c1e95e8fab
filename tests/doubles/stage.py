"""The articles application, both halves of it, with the double in the place of Inngest and a database of its own."""

from __future__ import annotations

import json
import uuid
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from tests.doubles.inngest import InngestDouble, Run
from tests.fixtures.articles import Application, application, effects_in, forget_effects, fresh_database, request, shared_environment

TABLES = ("articles", "chunks", "evaluations", "findings", "feeds", "subscribers", '"Job"')


@dataclass
class Stage:
    """Everything that a test needs to drive the application and to see what it did since the test began."""

    server: InngestDouble
    app: Application
    database: str
    effects_log: Path
    rehearsal: Path
    _first_run: int = field(default=0)

    def clear(self) -> None:
        """Forget what was: rows, effects, rehearsed failures, runs."""
        with psycopg.connect(self.database) as connection:
            connection.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE".encode())
        forget_effects(self.effects_log)
        self.rehearse({})
        self._first_run = len(self.server.runs)

    def rehearse(self, misbehaviour: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Who out there misbehaves how: effect -> key -> `{"failFirst": 2}`."""
        self.rehearsal.write_text(json.dumps(misbehaviour), encoding="utf-8")

    def post(self, path: str, body: object = None) -> Any:
        return request("POST", f"{self.app.url}/api{path}", body)

    def runs(self, function: str) -> list[Run]:
        return [run for run in self.server.runs_of(function) if run in self.server.runs[self._first_run :]]

    def run(self, function: str) -> Run:
        """The one run of a function."""
        (run,) = self.runs(function)
        return run

    def effects(self, *names: str) -> list[tuple[str, str, int, str]]:
        """(effect, key, attempt, outcome) of the effects with these names, or of all of them, in order."""
        return [
            (e["effect"], e["key"], e["attempt"], e["outcome"]) for e in effects_in(self.effects_log) if not names or e["effect"] in names
        ]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(query.encode()).fetchall()

    def import_article(self, name: str = "tide-tables") -> tuple[str, str]:
        """Have one of the samples imported from a feed; returns id and address."""
        url = f"https://{uuid.uuid4().hex[:8]}.example/{name}"
        self.server.send({"name": "feed/entry.found", "data": {"feed": "test", "url": url}})
        self.server.run_until_idle()
        ((article,),) = self.rows(f"SELECT id::text FROM articles WHERE url = '{url}'")  # noqa: S608
        return article, url


@contextmanager
def staged(postgres_url: str, folder: Path, *, checkpointing: bool = True) -> Generator[Stage]:
    """Start everything; `postgres_url` is a server on which databases may be made."""
    effects, rehearsal = folder / "effects.jsonl", folder / "outside-world.json"
    rehearsal.write_text("{}", encoding="utf-8")
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database(postgres_url))
        server = stack.enter_context(InngestDouble(start=_noon_in_january(), checkpointing=checkpointing))
        environment = shared_environment(database, effects, {"OUTSIDE_WORLD": str(rehearsal), **server.environment()})
        app = stack.enter_context(application(environment, log=folder / "application.log"))
        for endpoint in app.endpoints:
            server.register(endpoint)
        yield Stage(server, app, database, effects, rehearsal)


def _noon_in_january() -> datetime:
    """A start that is always to come and far from every change of summer time, so that no test depends on the day on which it runs."""
    return datetime(datetime.now(UTC).year + 1, 1, 7, 12, tzinfo=UTC)
