"""A change as a unified diff in git's format, byte for byte: what `git apply` and `patch -p1` read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

import msgspec

from migrator.codemods.files import FileChange

CONTEXT = 3
_NO_NEWLINE = b"\n\\ No newline at end of file\n"
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


class Size(msgspec.Struct, frozen=True):
    """Lines that a diff adds and takes away."""

    added: int
    removed: int


def unified_diff(files: Iterable[FileChange]) -> bytes:
    """The diff of all `files`, empty if nothing changes."""
    return b"".join(line for file in files for line in diff_lines(file))


def diff_size(file: FileChange) -> Size:
    """How much of a file changes, as `git diff --numstat` counts it."""
    changes = [op for op in _compare(_lines(file.before), _lines(file.after)).get_opcodes() if op[0] != "equal"]
    return Size(sum(l - k for _, _, _, k, l in changes), sum(j - i for _, i, j, _, _ in changes))


def diff_lines(file: FileChange) -> Iterator[bytes]:
    """The diff of one file, line by line; each ends with a newline and keeps a carriage return that the file has."""
    old, new = _name(f"a/{file.path}"), _name(f"b/{file.path}")
    yield b"diff --git %s %s\n" % (old, new)
    if file.before is None:
        yield b"new file mode %s\n" % git_mode(file.mode).encode()
    if file.after is None:
        yield b"deleted file mode %s\n" % git_mode(file.mode).encode()
    if not file.before and not file.after:
        return
    yield b"--- %s\n" % (b"/dev/null" if file.before is None else _ended(old))
    yield b"+++ %s\n" % (b"/dev/null" if file.after is None else _ended(new))
    before, after = _lines(file.before), _lines(file.after)
    for hunk in _compare(before, after).get_grouped_opcodes(CONTEXT):
        yield b"@@ -%s +%s @@\n" % (_range(hunk[0][1], hunk[-1][2]), _range(hunk[0][3], hunk[-1][4]))
        for tag, i, j, k, l in hunk:
            yield from (_line(b" " if tag == "equal" else b"-", line) for line in before[i:j])
            if tag != "equal":
                yield from (_line(b"+", line) for line in after[k:l])


def git_mode(mode: int) -> str:
    """Git knows two modes of a regular file: executable or not."""
    return "100755" if mode & 0o100 else "100644"


def _compare(before: list[bytes], after: list[bytes]) -> difflib.SequenceMatcher[bytes]:
    return difflib.SequenceMatcher(None, before, after)


def _lines(data: bytes | None) -> list[bytes]:
    """Lines with their newline; only a line feed ends one, as in git."""
    pieces = (data or b"").split(b"\n")
    return [piece + b"\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])


def _line(sign: bytes, line: bytes) -> bytes:
    return sign + line if line.endswith(b"\n") else sign + line + _NO_NEWLINE


def _range(start: int, stop: int) -> bytes:
    """Lines `[start, stop)` as a hunk header counts them: an empty range names the line before it."""
    length = stop - start
    return b"%d" % (start + 1) if length == 1 else b"%d,%d" % (start if length == 0 else start + 1, length)


def _name(path: str) -> bytes:
    """A file name as git writes it: quoted only where a reader would stumble."""
    written = "".join(_ESCAPES.get(c) or (f"\\{ord(c):03o}" if ord(c) < 32 or ord(c) == 127 else c) for c in path)
    return (path if written == path else f'"{written}"').encode("utf-8", "surrogateescape")


def _ended(name: bytes) -> bytes:
    """A name with a space is closed by a tab, or what follows the space would count as a time stamp."""
    return name + b"\t" if b" " in name else name
