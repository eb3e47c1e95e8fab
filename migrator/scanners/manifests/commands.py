"""Command lines that start a job system's processes: found among the words of a script, and taken apart."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cache

import msgspec

from migrator.jobs import Expression, Literal, Value
from migrator.scanners.manifests.shell import Word, commands
from migrator.systems import SYSTEMS
from migrator.systems.facts import Program, Role

#: words before a program's name that only talk about it, or bring it here
_BYSTANDERS = frozenset(
    (
        *("echo", "printf", "grep", "egrep", "pgrep", "pkill", "killall", "kill", "ps", "which", "type", "man", "pip", "pip3", "install"),
        *("add", "uninstall", "remove", "update", "apt", "apt-get", "apk", "yum", "brew", "cat", "tail", "ls", "rm", "mv", "cp", "mkdir"),
        *("touch", "chown", "chmod", "cd", "export", "alias", "trap", "systemctl", "service", "supervisorctl", "useradd", "adduser"),
        *("up", "logs", "restart", "stop", "build", "pull", "push", "deploy", "scale", "enable", "disable"),
    )
)


class WorkerCommand(msgspec.Struct, frozen=True):
    """A command line that starts something: `words` from the program on, `options` by long name as written."""

    system: str
    name: str
    role: Role
    words: tuple[str, ...]
    options: dict[str, Value] = msgspec.field(default_factory=dict)
    queues: tuple[str, ...] = ()
    concurrency: Value | None = None

    @property
    def text(self) -> str:
        """The command line, quoted where it must be."""
        return " ".join(w if "$" in w else shlex.quote(w) for w in self.words)


class FoundCommand(msgspec.Struct, frozen=True):
    """A command line in a text; `start` and `end` are the places of its first and last word."""

    command: WorkerCommand
    start: int
    end: int


_COMPOSE = frozenset(("docker-compose", "podman-compose"))
_COMPOSES = (["docker", "compose"], ["podman", "compose"])
#: names of programs in one command that are taken for its beginning
_MOST_TRIES = 16
#: words of a command that are read
_MOST_WORDS = 1_000


def in_script(text: str, offset: int = 0, depth: int = 3) -> Iterator[FoundCommand]:
    """Every such command line in a script, those in `sh -c '…'` included."""
    for words in commands(text, offset):
        yield from in_words(words, depth)


def in_words(words: Sequence[Word], depth: int = 3) -> Iterator[FoundCommand]:
    """The command line among the words of one command, behind whatever wraps it."""
    tried = 0
    if _names_services(words):
        return
    for index, word in enumerate(words):
        name = posixpath.basename(word.text)
        if name in _BYSTANDERS:
            return
        known = programs(name) if tried < _MOST_TRIES else ()
        tried += bool(known)
        for system, program in known:
            command = _parse(system, program, [w.text for w in words[index : index + _MOST_WORDS]])
            if command is not None:
                yield FoundCommand(command, word.start, words[index + len(command.words) - 1].end)
                return
    for word in words:
        if depth and word.inside >= 0 and (" " in word.text or "\n" in word.text):
            yield from in_script(word.text, word.inside, depth - 1)


def _names_services(words: Sequence[Word]) -> bool:
    """True for `docker compose … beat worker`, whose words are services; behind `run` and `exec` stands a command."""
    texts = [w.text for w in words]
    tool = next((i for i, t in enumerate(texts) if posixpath.basename(t) in _COMPOSE or texts[i : i + 2] in _COMPOSES), None)
    return tool is not None and not {"run", "exec"} & set(texts[tool:])


def parse_argv(system: str, argv: Sequence[str]) -> WorkerCommand | None:
    """A command line that is given as a list of words; None if it starts nothing of `system`."""
    found = (_parse(name, program, list(argv)) for name, program in programs(argv[0]) if name == system)
    return next((c for c in found if c is not None), None)


@cache
def programs(name: str) -> tuple[tuple[str, Program], ...]:
    """(system, program) of every program of that name."""
    return tuple((s.name, p) for s in SYSTEMS.values() for p in s.programs if p.name == name)


@cache
def _names() -> re.Pattern[bytes]:
    names = sorted({p.name.encode() for s in SYSTEMS.values() for p in s.programs})
    return re.compile(rb"(?<![\w.])(?:" + b"|".join(map(re.escape, names)) + rb")(?![\w-])")


def may_start_workers(data: bytes) -> bool:
    """False for a text that surely holds no such command line."""
    return _names().search(data) is not None


def _parse(system: str, program: Program, words: list[str]) -> WorkerCommand | None:
    options: dict[str, Value] = {}
    bare: list[str] = []
    position = 1
    while position < len(words):
        position += _take(program, words, position, options, bare)
    command = bare[0] if bare and bare[0] in program.commands else ""
    role = program.commands.get(command)
    if role is None or (command == "multi" and not {"start", "restart"} & set(bare)):
        return None
    if program.needs and not (bare and re.search(program.needs, bare[0])):
        return None
    listed = options.get(program.queues) if program.queues else None
    queues = tuple(q.strip() for q in str(listed.value).split(",") if q.strip()) if isinstance(listed, Literal) else ()
    if isinstance(listed, Expression):
        queues = (listed.source,)
    if program.queues == "*":
        queues = tuple(w for w in bare if w != command)
    concurrency = options.get(program.concurrency) if program.concurrency else None
    return WorkerCommand(system, command or program.name, role, tuple(words), options, queues, concurrency)


def _take(program: Program, words: list[str], position: int, options: dict[str, Value], bare: list[str]) -> int:
    """Read one option or bare word; gives how many words it took."""
    word = words[position]
    name, equals, value = word.partition("=")
    if word.startswith("--"):
        if equals:
            options[program.values.get(name, program.flags.get(name, name[2:]))] = _value(value)
            return 1
        if name in program.values and position + 1 < len(words):
            return 1 + _values(program.values[name], program, words[position + 1 :], options)
        following = words[position + 1] if position + 1 < len(words) else "-"
        if name not in program.flags and not following.startswith("-") and following not in program.commands:
            options[name[2:]] = _value(following)
            return 2
        options[program.flags.get(name, name[2:])] = Literal(True)
        return 1
    if word.startswith("-") and len(word) > 1:
        # RQ's `-ds` is one option.
        short, rest = (word, "") if word in program.values else (word[:2], word[2:])
        if short in program.values:
            if rest:
                options[program.values[short]] = _value(rest.removeprefix("="))
                return 1
            if position + 1 < len(words):
                return 1 + _values(program.values[short], program, words[position + 1 :], options)
        for letter in word[1:]:
            options[program.flags.get(f"-{letter}", letter)] = Literal(True)
        return 1
    bare.append(word)
    return 1


def _values(name: str, program: Program, words: list[str], options: dict[str, Value]) -> int:
    """Read what follows an option: one word, or all up to the next option; gives how many."""
    count = 1
    if name in program.many:
        count = next((i for i, w in enumerate(words) if i and w.startswith("-")), len(words))
    options[name] = _value(",".join(words[:count])) if count > 1 else _value(words[0])
    return count


def _value(text: str) -> Value:
    """A number, a text, or an expression of the shell."""
    if "$" in text or "`" in text:
        return Expression(text)
    return Literal(int(text)) if text.isdigit() else Literal(text)
