"""Command lines that start Celery's processes, and what they become. Where jobs stay on Celery, a Dramatiq process is put beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from migrator.codemods.python.celery_to_dramatiq.plan import Problem
from migrator.codemods.python.commands import CommandLine, find_command, unquoted
from migrator.codemods.python.tree import CodeTree
from migrator.jobs import Span, Worker
from migrator.regex import regex

#: option -> whether a value follows; what has no meaning for Dramatiq, and changes nothing for the jobs
_DROPPED = {
    **dict.fromkeys(("-n", "--hostname", "-O", "--optimization", "--prefetch-multiplier", "--pool-start-method"), True),
    **dict.fromkeys(("-S", "--statedb", "--heartbeat-interval", "-I", "--include", "-s", "--schedule", "--schedule-filename"), True),
    **dict.fromkeys(("--max-interval",), True),
    **dict.fromkeys(("-E", "--events", "--task-events", "--without-gossip", "--without-mingle", "--without-heartbeat"), False),
    **dict.fromkeys(("--disable-prefetch", "--no-color", "-q", "--quiet"), False),
}
_READ = {
    **dict.fromkeys(("-A", "--app", "-Q", "--queues", "-c", "--concurrency", "-l", "--loglevel", "-P", "--pool"), True),
    **dict.fromkeys(("-B", "--beat"), False),
    **dict.fromkeys(("-f", "--logfile", "--pidfile", "--max-tasks-per-child", "--max-memory-per-child", "--workdir"), True),
}
_LIMITS = ("--time-limit", "--soft-time-limit")
_SHORT = regex(r"-[A-Za-z](?P<value>.+)")


@dataclass(frozen=True, slots=True)
class Processes:
    """What the generated modules are called, and which of them there is. `concurrency` is the `worker_concurrency` setting, if set."""

    worker: str
    scheduler: str
    scheduled: bool
    queues: Collection[str]  #: every queue that a moved job can go to
    queue: Callable[[str], str]  #: Dramatiq's name of a Celery queue
    default: Collection[str]  #: what a worker reads that names no queues
    renewed: bool  #: the settings renew worker processes
    concurrency: object
    complete: bool  #: no job stays on Celery
    unsafe: bool
    remaining: bool  #: schedules stay with beat


@dataclass(slots=True)
class Start:
    """One command line with what becomes of it: replacements and insertions in its file."""

    worker: Worker
    pieces: list[tuple[Span, str]] = field(default_factory=list)
    summary: str = ""
    problems: list[Problem] = field(default_factory=list)
    traps: set[str] = field(default_factory=set)


def time_limited(tree: CodeTree, worker: Worker) -> bool:
    """True for a command that limits the time of every task it runs."""
    command = _command(tree, worker)
    return command is not None and any(word.startswith(_LIMITS) for word in command.words)


def rewrite_start(tree: CodeTree, worker: Worker, processes: Processes) -> Start:
    """What becomes of one command line."""
    start = Start(worker)
    command = _command(tree, worker)
    if worker.location.path.endswith(".py"):
        start.problems.append(
            Problem("MIG157", f"a worker is started from code: `dramatiq {processes.worker}` does it now", worker.location)
        )
        return start
    if command is None:
        start.problems.append(Problem("MIG157", "the command is not plain to read", worker.location))
        return start
    words = _Words(command, start)
    match words.subcommand:
        case "worker":
            _worker(tree, words, processes)
        case "beat":
            _beat(tree, words, processes)
        case other:
            reason = f"`celery {other}` has no counterpart: take it out" if other else "the command is not plain to read"
            start.problems = [Problem("MIG157", reason, worker.location)]
    return start


def _command(tree: CodeTree, worker: Worker) -> CommandLine | None:
    where = worker.location
    return None if where.path.endswith(".py") else find_command(tree.data(where.path), where.line, "celery", worker.entry or where.span)


class _Words:
    """The options of one `celery` command. What is not known is a problem of `start`."""

    def __init__(self, command: CommandLine, start: Start) -> None:
        self.command, self.start = command, start
        self.options: dict[str, str] = {}
        self.subcommand = ""
        words = list(command.words[1:])
        while words:
            word = words.pop(0)
            name, equals, value = word.partition("=")
            short = _SHORT.fullmatch(word) if not word.startswith("--") and len(word) > 2 else None
            if short is not None and word[:2] in (*_READ, *_DROPPED):
                name, value, equals = word[:2], short["value"].removeprefix("="), "="
            if not word.startswith("-"):
                if self.subcommand:
                    self._unknown(word)
                self.subcommand = self.subcommand or word
            elif name in _DROPPED or name in _READ:
                takes = _DROPPED.get(name, _READ.get(name, False))
                if takes and not equals:
                    value = words.pop(0) if words else ""
                self.options[name] = value
            else:
                self._unknown(name)
                if words and not words[0].startswith("-") and not equals:
                    words.pop(0)

    def _unknown(self, word: str) -> None:
        self.start.problems.append(Problem("MIG157", f"`{word}` has no counterpart that we know", self.start.worker.location))

    def get(self, *names: str) -> str:
        """The value of an option, without quotes; empty if it is not given."""
        return next(
            (unquoted(self.options[n]) if self.command.form == "shell" else self.options[n] for n in names if n in self.options), ""
        )

    @property
    def program(self) -> str:
        """The folder of the program, with its slash, or empty."""
        return self.command.words[0].rpartition("celery")[0]


def _worker(tree: CodeTree, words: _Words, processes: Processes) -> None:
    start, where = words.start, words.start.worker.location
    asked = [q for q in words.get("-Q", "--queues").split(",") if q]
    if any(not re.fullmatch(r"[\w.-]+", q) for q in asked):
        start.problems.append(Problem("MIG157", "which queues it reads is only known at run time", where))
    queues = [processes.queue(q) for q in asked] or list(processes.default)
    if not processes.complete and not set(queues) & set(processes.queues):
        start.summary = "None of the jobs that move uses its queues; it stays as it is."
        return
    if words.get("-f", "--logfile") or words.get("--pidfile") or words.get("--workdir"):
        start.problems.append(Problem("MIG157", "it writes files of its own, or changes folder", where))
    if processes.renewed or words.get("--max-tasks-per-child") or words.get("--max-memory-per-child"):
        start.traps.add("MIG115")
    new = [f"{words.program}dramatiq", processes.worker, *_pool(words, processes), "-Q", *queues]
    if words.get("-l", "--loglevel").lower() == "debug":
        new.append("-v")
    _put(tree, words, processes, new, "dramatiq")
    if processes.scheduled and ("-B" in words.options or "--beat" in words.options):
        _embedded_beat(tree, words, processes)


def _embedded_beat(tree: CodeTree, words: _Words, processes: Processes) -> None:
    """A worker that was its own beat needs a scheduler beside it."""
    new = [f"{words.program}python", "-m", processes.scheduler]
    command, start = words.command, words.start
    beside = _beside(tree, start.worker, command, command.render(_joined(command, tree, start.worker, new)), "scheduler")
    if beside is None:
        start.problems.append(
            Problem("MIG157", f"it is its own beat, so that this is needed beside it: {' '.join(new)}", start.worker.location)
        )
    else:
        start.pieces.append(beside)


def _pool(words: _Words, processes: Processes) -> list[str]:
    count = words.get("-c", "--concurrency")
    if not count and isinstance(processes.concurrency, int):
        count = str(processes.concurrency)
    elif not count and processes.concurrency is not None:
        words.start.problems.append(Problem("MIG157", "`worker_concurrency` is only known at run time", words.start.worker.location))
    raw = next((words.options[n] for n in ("-c", "--concurrency") if n in words.options), count)
    match words.get("-P", "--pool"):
        case "" | "prefork" | "processes":
            return [*(["-p", raw] if count and count != "auto" else []), "-t", "1"]
        case "solo":
            return ["-p", "1", "-t", "1"]
        case "threads" if count:
            return ["-p", "1", "-t", raw]
        case other:
            words.start.problems.append(Problem("MIG157", f"there is no pool like `{other}`", words.start.worker.location))
            return []


def _beat(tree: CodeTree, words: _Words, processes: Processes) -> None:
    start = words.start
    if not processes.scheduled and processes.complete:
        reason = "nothing is left for beat to start, and no application for it to load: take it out"
        start.problems.append(Problem("MIG157", reason, start.worker.location))
        return
    if not processes.scheduled:
        start.summary = "No schedule moves; it stays as it is."
        return
    new = [f"{words.program}python", "-m", processes.scheduler]
    _put(tree, words, processes, new, "scheduler", instead=not processes.remaining)


def _put(tree: CodeTree, words: _Words, processes: Processes, new: list[str], name: str, *, instead: bool = False) -> None:
    """Replace the command, or put a process beside it where Celery's is still needed (unless it has nothing left to do)."""
    start, command = words.start, words.command
    text = command.render(_joined(command, tree, start.worker, new))
    if processes.complete or instead:
        start.pieces.append((command.span, text))
        start.summary = f"Starts `{' '.join(new)}`."
        return
    beside = _beside(tree, start.worker, command, text, name)
    if beside is None:
        reason = f"jobs stay on Celery, so that this is needed beside it: {' '.join(new)}"
        start.problems.append(Problem("MIG157", reason, start.worker.location))
        return
    start.pieces.append(beside)
    start.summary = f"Beside it `{' '.join(new)}` is started."


def _joined(command: CommandLine, tree: CodeTree, worker: Worker, new: list[str]) -> list[str]:
    """`python -m celery` becomes `python -m dramatiq`; where `python -m` stands before, it is not said twice."""
    before = tree.data(worker.location.path)[: command.span.start].decode("utf-8", "replace")
    if re.search(r"-m\s+$", before) or re.search(r"[\"']-m[\"'],\s*$", before):
        return new[2:] if new[1:2] == ["-m"] else new
    return new


def _beside(tree: CodeTree, worker: Worker, command: CommandLine, text: str, name: str) -> tuple[Span, str] | None:
    """An insertion of a second entry, like the one of `command`: in a Procfile or a compose file."""
    path = worker.location.path
    data = tree.data(path).decode("utf-8", "replace")
    if len(data.encode()) != len(tree.data(path)):
        return None
    file = PurePosixPath(path).name
    if file.startswith("Procfile"):
        return _procfile(tree.data(path), command, text, name)
    if file.endswith((".yml", ".yaml")) and "compose" in file:
        return _compose(tree.data(path), command, text, name)
    return None


def _procfile(data: bytes, command: CommandLine, text: str, name: str) -> tuple[Span, str] | None:
    start = data.rfind(b"\n", 0, command.span.start) + 1
    end = data.find(b"\n", command.span.end)
    line = data[start : len(data) if end < 0 else end].decode().rstrip("\r")
    entry = re.match(r"([\w-]+):\s*", line)
    if entry is None:
        return None
    lead = data[start : command.span.start].decode()
    rest = data[command.span.end : len(data) if end < 0 else end].decode().rstrip("\r")
    fresh = _free(entry[1], name, set(re.findall(r"(?m)^([\w-]+):", data.decode())))
    line = f"{fresh}{lead[len(entry[1]) :]}{text}{rest}"
    if end < 0:
        return Span(len(data), len(data)), f"\n{line}"
    return Span(end + 1, end + 1), f"{line}\n"


def _compose(data: bytes, command: CommandLine, text: str, name: str) -> tuple[Span, str] | None:
    """A copy of the whole service with another name and command."""
    lines = data.decode().splitlines(keepends=True)
    number = data[: command.span.start].count(b"\n")
    indent = _indent(lines[number])
    head = next((n for n in range(number - 1, -1, -1) if lines[n].strip() and _indent(lines[n]) < indent), -1)
    key = re.match(r"\s+([\w.-]+):\s*$", lines[head]) if head >= 0 else None
    if key is None:
        return None
    stop = next((n for n in range(head + 1, len(lines)) if lines[n].strip() and _indent(lines[n]) <= _indent(lines[head])), len(lines))
    while stop > head + 1 and (not lines[stop - 1].strip() or lines[stop - 1].strip().startswith("#")):
        stop -= 1
    block = "".join(lines[head:stop])
    if re.search(r"(?m)^\s+(container_name|ports|hostname|profiles):", block):
        return None
    offset = sum(len(line.encode()) for line in lines[:head])
    local = command.span.start - offset
    raw = block.encode()
    raw = raw[:local] + text.encode() + raw[command.span.end - offset :]
    services = {m for line in lines if (m := line.strip().removesuffix(":")) and _indent(line) == _indent(lines[head])}
    fresh = _free(key[1], name, services)
    copied = raw.decode().replace(f"{key[1]}:", f"{fresh}:", 1).replace("\r\n", "\n")
    place = sum(len(line.encode()) for line in lines[:stop])
    return Span(place, place), ("" if block.endswith("\n") else "\n") + f"\n{copied.rstrip(chr(10))}\n"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _free(old: str, name: str, taken: Collection[str]) -> str:
    """A name for the new entry that tells what it is, and of which it is the twin."""
    wanted = name if name == "scheduler" else f"{old}-{name}"
    while wanted in taken:
        wanted = f"{old}-{wanted}"
    return wanted
