"""The files that a package gets: what they are called, where they stand, and what is in them."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass

from migrator.codemods.rendering import render
from migrator.codemods.typescript.inngest_to_bullmq.clients import ClientSite
from migrator.codemods.typescript.inngest_to_bullmq.sites import Function
from migrator.codemods.typescript.plain_javascript import erase_types, to_commonjs
from migrator.codemods.typescript.project import Project
from migrator.regex import regex

#: a sentence of the generated `jobs` file, by which a later run knows it
MARK = b"Written by `migrate codemod`; it is part of your code now."
_FOLDERS = ("jobs", "bullmq", "background-jobs", "bullmq-jobs")
#: folders that hold all of an application's code
_SOURCES = ("src", "lib", "server")
_WIDTH = 120
_ADDRESS = regex(
    rb"(?:process\.env\.|process\.env\[['\"]|^)([A-Z][A-Z0-9_]*REDIS[A-Z0-9_]*(?:URL|URI)|REDIS[A-Z0-9_]*(?:URL|URI))\b", re.MULTILINE
)


@dataclass(frozen=True)
class Place:
    """Where a package's files stand. `suffix` is what imports between them end with."""

    package: str
    folder: str
    end: str  #: `.ts`, or a JavaScript suffix
    suffix: str
    commonjs: bool
    exists: bool  #: an earlier run has written them

    def file(self, name: str) -> str:
        """The path of one of the files."""
        return posixpath.join(self.folder, f"{name}{self.end}")


def place_for(project: Project, client: ClientSite, suffix: str, *, commonjs: bool) -> Place:
    """Where the runtime of a client's package goes: beside its sources, in a folder that is not there yet."""
    package = project.package_of(client.path)
    end = posixpath.splitext(client.path)[1]
    end = ".ts" if end in (".ts", ".tsx", ".mts", ".cts") else end.replace("x", "")
    for path in project.code:
        if posixpath.splitext(posixpath.basename(path))[0] == "jobs" and project.package_of(path) == package and MARK in project.read(path):
            return Place(package, posixpath.dirname(path), posixpath.splitext(path)[1], suffix, commonjs, exists=True)
    inside = [i for i in posixpath.relpath(posixpath.dirname(client.path) or ".", package or ".").split("/") if i != "."]
    if inside and inside[0] in _SOURCES:
        inside = inside[:1]
    elif inside and "inngest" in inside[-1].lower():
        inside = inside[:-1]
    base = posixpath.join(package, *inside)
    taken = {p.rsplit("/", 1)[0] for p in project.sizes if "/" in p}
    folder = next(f for f in (posixpath.join(base, n) for n in (*_FOLDERS, "bullmq-runtime")) if not _there(project, taken, f))
    return Place(package, folder, end, suffix, commonjs, exists=False)


def _there(project: Project, folders: set[str], folder: str) -> bool:
    return any(f == folder or f.startswith(f"{folder}/") for f in folders) or any(
        f"{folder}{e}" in project for e in (".ts", ".tsx", ".js", ".mjs")
    )


def queue_name(client: ClientSite, function: Function) -> str:
    """The application's and the function's id, as Inngest too puts them together; BullMQ takes no colons.

    They are joined by a dash, and whatever is not a letter, digit, dot, dash or slash becomes one.
    """
    return re.sub(r"[^A-Za-z0-9._/-]+", "-", f"{client.item.name}-{function.job.name}")


def route(function: Function, queue: str) -> str:
    """A row of the route table, indented for its continuation lines."""
    events = [
        f"{{ name: {json.dumps(n)} }}" if not g else f"{{ name: {json.dumps(n)}, when: (event) => {g} }}" for n, g in function.facts.events
    ]
    head = f"queue: {json.dumps(queue)}, attempts: {function.facts.attempts}"
    row = f"{{ {head}, events: [{', '.join(events)}] }},"
    if len(row) <= _WIDTH:
        return row
    lines = "".join(f"\n      {event}," for event in events)
    return f"{{\n    {head},\n    events: [{lines}\n    ],\n  }},"


def finished(place: Place, text: str) -> str:
    """A rendered file in the package's own language."""
    if place.end == ".ts":
        return text
    plain = re.sub(r"\b(jobs|routes|run|worker)\.ts\b", rf"\1{place.end}", erase_types(text))
    return to_commonjs(plain) if place.commonjs else plain


def runtime_files(place: Place, redis: str, rows: Iterable[str], *, compares: bool) -> dict[str, str]:
    """Path -> text of all but the worker."""
    compare = render("bullmq_compare.ts") if compares else ""
    texts = {
        "jobs": render("bullmq_jobs.ts", suffix=place.suffix, redis=redis),
        "run": render("bullmq_run.ts", suffix=place.suffix),
        "routes": render("bullmq_routes.ts", suffix=place.suffix, routes=list(rows), compares=compares, compare=compare),
    }
    return {place.file(name): finished(place, text) for name, text in texts.items()}


def worker_file(place: Place, command: str, setup: list[str], imports: list[str], jobs: list[str]) -> str:
    """The text of the worker."""
    text = render("bullmq_worker.ts", suffix=place.suffix, command=command, setup=setup, imports=imports, jobs=jobs)
    if len(jobs) == 1 and jobs[0].startswith("..."):
        text = text.replace(f"startWorkers([{jobs[0]}])", f"startWorkers({jobs[0].removeprefix('...')})")
    elif len(jobs) > 3:
        listed = "".join(f"\n  {job}," for job in jobs)
        text = text.replace(f"startWorkers([{', '.join(jobs)}])", f"startWorkers([{listed}\n])")
    return finished(place, text)


def redis_address(project: Project) -> tuple[str, str]:
    """(the environment variable that names Redis, the arguments of `new Redis(…)`).

    An address that the application has already is taken; else a host and port; else `REDIS_URL`.
    """
    found: set[str] = set()
    host = False
    for path in project.sizes:
        name = posixpath.basename(path)
        if path in project.code or name.startswith(".env"):
            data = project.read(path)
            if b"REDIS" in data:
                found |= {m.decode() for m in _ADDRESS.findall(data) if b"REST" not in m}
                host = host or b"REDIS_HOST" in data
    if "REDIS_URL" not in found and len(found) == 1:
        name = found.pop()
        return name, f'process.env["{name}"] ?? "redis://127.0.0.1:6379", {{ maxRetriesPerRequest: patience }}'
    if "REDIS_URL" not in found and host:
        options = 'host: process.env["REDIS_HOST"] ?? "127.0.0.1", port: Number(process.env["REDIS_PORT"] ?? 6379)'
        return "REDIS_HOST", f'{{ {options}, password: process.env["REDIS_PASSWORD"] || undefined, maxRetriesPerRequest: patience }}'
    return "REDIS_URL", 'process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379", { maxRetriesPerRequest: patience }'
