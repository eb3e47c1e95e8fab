"""Which files of a tree are read: those that git would show or tracks, minus what others wrote or generated. Links are never followed."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ignore import DirEntry, Error, WalkBuilder
from ignore.overrides import OverrideBuilder

from migrator.errors import MigratorError
from migrator.jobs import Area
from migrator.jobs.ours import is_ours
from migrator.regex import regex
from migrator.scanners.installed import installed

#: larger files are reported, not read
MAX_BYTES = 2_000_000
#: how much of a tree is kept in memory, so that it is read but once
KEPT_BYTES = 24_000_000
#: Reading a file again takes as long for a small one as for a larger one: five in six files of code are not larger than this, and hold a
#: quarter of its bytes
_KEPT_FILE = 8_000
#: folders that hold other people's code or build output, wherever they stand
LEFT_OUT = (
    *(".git", "node_modules", "bower_components", "site-packages", "__pycache__", ".venv", "venv", ".tox", ".nox"),
    *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".parcel-cache", ".yarn", ".pnpm-store", ".turbo"),
    *(".next", ".nuxt", ".svelte-kit", ".migrator"),
)

#: why something was passed over
NO_ENTRY = "folder may not be read"
LINK = "link"
SPECIAL = "a pipe, socket or device"
NOT_TEXT = "its name is not UTF-8"
MINIFIED = "minified"
OURS = "written by migrate"
INSTALLED = "installed package"
#: bytes of a file, and of its lines on average, from which on it may be minified
_SMALL, _LONG_LINES = 50_000, 500
TOO_BIG = f"over {MAX_BYTES // 1_000_000} MB"

_TEST = regex(
    r"(^|/)(tests?|__tests__|__mocks__|testing|typetests?|\.semgrep|spec|specs|e2e|cypress|playwright)/|"
    # Folders are named so in Python; in JavaScript `test_platform` may be what tests are run on.
    r"(^|/)(test_[^/]*|[^/]*_test)/(?!.*\.[cm]?[jt]sx?$)|"
    r"(^|/)(test_[^/]*|[^/]*_tests?|conftest|tests)\.py$|\.(\w*test|test-d|tst|spec|e2e|mock|stories)\.[cm]?[jt]sx?$|_test\.[cm]?[jt]sx?$"
)
_EXAMPLE = regex(r"(^|/)(examples?|samples?|docs?|demos?|templates?/[^/]*\.(example|sample)|playground|benchmarks?)/")


class _Room:
    """How many bytes may still be kept in memory."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, size: int) -> bool:
        """True if there is room for that many more, which then are taken."""
        if size > self._left:
            return False
        self._left -= size
        return True


@dataclass(frozen=True)
class Tree:
    """The files of a tree. `sizes` maps each path (relative, `/`) to its bytes; `skipped` says what was passed over and why."""

    root: Path
    sizes: dict[str, int]
    skipped: dict[str, list[str]] = field(default_factory=dict)
    _room: _Room = field(default_factory=lambda: _Room(KEPT_BYTES), init=False, repr=False, compare=False)
    _kept: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __contains__(self, path: str) -> bool:
        return path in self.sizes

    def read(self, path: str) -> bytes:
        """The file's bytes; UTF-16, with or without a byte order mark, becomes UTF-8 (offsets then mean the converted text)."""
        data = self._kept.get(path)
        if data is None:
            data = self._read(path)
            # Sizes are those of the walk, so that what is kept is the same in every scan of the tree. What is not read is said once.
            size = self.sizes.get(path, 0)
            if not data or (size <= _KEPT_FILE and self._room.take(size)):
                self._kept[path] = data
        return data

    def _read(self, path: str) -> bytes:
        try:
            with open(f"{self.root}/{path}", "rb", buffering=0) as stream:  # noqa: PTH123 - a path object for each file costs as much as reading it
                # Python sets aside as much as is asked for, and asking for two megabytes of each small file costs more than reading it.
                data = stream.read(min(os.fstat(stream.fileno()).st_size, MAX_BYTES) + 1)
        except OSError as error:
            # Gone since the walk, or not ours to read: empty, and said in the statistics.
            self.skipped.setdefault((error.strerror or "cannot be read").lower(), []).append(path)
            return b""
        if _is_minified(path, data):
            self.skipped.setdefault(MINIFIED, []).append(path)
            return b""
        if is_ours(data):
            self.skipped.setdefault(OURS, []).append(path)
            return b""
        encoding = _wide(data[:256])
        return data.decode(encoding, "replace").encode() if encoding else data

    def head(self, path: str) -> bytes:
        """As much of a file as is ever read; empty if it cannot be."""
        try:
            with (self.root / path).open("rb") as stream:
                return stream.read(MAX_BYTES)
        except OSError:
            return b""


def _is_minified(path: str, data: bytes) -> bool:
    """True for JavaScript that a program has squeezed into a few lines: nobody's own code, and costly to read."""
    return len(data) > _SMALL and path.endswith((".js", ".mjs", ".cjs")) and len(data) > _LONG_LINES * (data.count(b"\n") + 1)


def _wide(beginning: bytes) -> str:
    """The name of the encoding of a text in UTF-16, empty for any other: without a mark, every other byte of nearly any code is zero.

    >>> _wide("import x".encode("utf-16-be")), _wide(b"\\xff\\xfei\\0"), _wide(b"import x"), _wide(b"a\\0\\0b")
    ('utf-16-be', 'utf-16', '', '')
    """
    if beginning[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    first, second = (beginning[start::2].count(0) * 4 for start in (0, 1))
    most = len(beginning) // 2 * 3
    return "" if len(beginning) < 8 or (first < most and second < most) else "utf-16-be" if first > second else "utf-16-le"


@cache
def area_of(path: str) -> Area:
    """`test`, `example`, or empty for production code, by the habits of naming.

    >>> area_of("app/tests/test_mail.py"), area_of("docs/queue.ts"), area_of("src/contest/jobs.py")
    ('test', 'example', '')
    >>> area_of("typetests/queue.ts"), area_of("src/queue.tst.ts"), area_of(".semgrep/task.py"), area_of("src/best.ts")
    ('test', 'test', 'test', '')
    >>> area_of("jobs/mail_test.ts"), area_of("test_platform/cron.ts"), area_of("test_platform/tasks.py")
    ('test', '', 'test')
    """
    if _TEST.search(path):
        return "test"
    return "example" if _EXAMPLE.search(path) else ""


def walk(root: Path, exclude: Sequence[str] = ()) -> Tree:
    """List the regular files below `root`, sorted by path. `exclude`: patterns as in `.gitignore` of files to leave out.

    Raises:
        MigratorError: `root` does not exist, is not a folder, or may not be read; a pattern is none.
    """
    if not root.is_dir():
        cause = "is not a folder" if root.exists() else "does not exist"
        raise MigratorError(cause, place=str(root), remedy="Give the folder that holds the application's code.")
    root = root.resolve()
    if not os.access(root, os.R_OK | os.X_OK):
        raise MigratorError("is a folder that you may not read", place=str(root), remedy="Run as a user who may, or change its mode.")
    sizes: dict[str, int] = {}
    skipped: dict[str, list[str]] = {}
    globs = [f"!{_checked(pattern)}" for pattern in exclude]
    for relative, path in (*_below(root, globs), *_tracked_all_the_same(root, globs)):
        try:
            status = os.lstat(path)
        except OSError:
            # Gone while the tree was walked.
            continue
        shown = relative if relative.isascii() else os.fsencode(relative).decode("utf-8", "replace")
        if stat.S_ISREG(status.st_mode):
            if shown != relative:
                skipped.setdefault(NOT_TEXT, []).append(shown)
            elif status.st_size > MAX_BYTES:
                skipped.setdefault(TOO_BIG, []).append(shown)
            else:
                sizes[relative] = status.st_size
        elif stat.S_ISLNK(status.st_mode):
            skipped.setdefault(LINK, []).append(shown)
        elif not stat.S_ISDIR(status.st_mode):
            skipped.setdefault(SPECIAL, []).append(shown)
        elif not os.access(path, os.R_OK | os.X_OK):
            skipped.setdefault(NO_ENTRY, []).append(shown)
    others = sorted(set(installed(root, sizes)))
    for path in others:
        del sizes[path]
    if others:
        skipped[INSTALLED] = others
    return Tree(root, dict(sorted(sizes.items())), {k: sorted(v) for k, v in skipped.items()})


def matching(root: Path, patterns: Sequence[str]) -> frozenset[str]:
    """The files of a tree that one of `patterns` means, as `.gitignore` would; a folder means all that is in it.

    Raises:
        MigratorError: a pattern is none.
    """
    globs = [glob for pattern in patterns for glob in (_checked(pattern), f"{pattern.rstrip('/')}/**")]
    return frozenset(relative for relative, path in _below(root.resolve(), globs) if not os.path.isdir(path))  # noqa: PTH112 - it is a text


def _tracked_all_the_same(root: Path, globs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Files that `.gitignore` names although git tracks them: they are part of the application like any other."""
    try:
        asked = ("git", "-C", str(root), "ls-files", "-z", "--cached", "--ignored", "--exclude-standard")
        done = subprocess.run(asked, capture_output=True, check=False)
    except OSError:
        return
    named = {os.fsdecode(name) for name in done.stdout.split(b"\0") if name} if done.returncode == 0 else set[str]()
    if named:
        yield from ((relative, path) for relative, path in _below(root, globs, ignored=True) if relative in named)


def _checked(pattern: str) -> str:
    """A pattern that says what it means by itself: `!` turns the meaning of others round."""
    if not pattern.strip() or pattern.startswith("!"):
        raise MigratorError(
            "is no pattern that stands by itself", place=repr(pattern), remedy="Write it as a line of .gitignore without `!`."
        )
    return pattern


def _below(root: Path, globs: Sequence[str], *, ignored: bool = False) -> Iterator[tuple[str, str]]:
    """(path relative to `root` with `/`, path) of all that is not left out; with `ignored`, of what git ignores as well."""
    overrides = OverrideBuilder(root)
    for glob in globs:
        try:
            overrides.add(glob)
        except Error as error:
            remedy = "Write it as a line of .gitignore."
            raise MigratorError(f"cannot be read as a pattern ({error})", place=glob.removeprefix("!"), remedy=remedy) from None
    # What was said last counts.
    for name in LEFT_OUT:
        overrides.add(f"!**/{name}/")
    # Outside of a repository `.gitignore` says nothing: whoever exported the tree may have exported files that it names.
    builder = WalkBuilder(root).hidden(False).require_git(True).follow_links(False).overrides(overrides.build())
    if ignored:
        builder = builder.git_ignore(False).git_exclude(False).git_global(False).ignore(False)
    beginning = len(str(root).rstrip(os.sep)) + 1
    for entry in _entries(builder):
        path = str(entry.path())
        relative = path[beginning:]
        if relative:
            yield relative if os.sep == "/" else relative.replace(os.sep, "/"), path


def _entries(builder: WalkBuilder) -> Iterator[DirEntry]:
    """What the walk comes to. An error ends neither the walk nor the program: the folder that it is about has been given before."""
    entries = iter(builder.build())
    while True:
        try:
            yield next(entries)
        except StopIteration:
            return
        except Error:
            continue
