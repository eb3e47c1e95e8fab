"""What a file takes from others and what of that it gives on, read off its text: a hundred times as fast as parsing it.

Comments and strings are read, too, and scopes are not told apart, so that the answer errs on the side of too many. No pattern here can
take longer than in proportion to the file, whatever is in it.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

from migrator.regex import regex
from migrator.syntax.bindings import NAMESPACE

DEFAULT = "default"

#: what names are made of, in any alphabet
_W = rb"[\w$\x80-\xff]"

_PYTHON_FROM = regex(
    rb"from[ \t]++([.\w\x80-\xff]++)[ \t]++import\b[ \t\\\r\n]*+(\([^()]*+\)|[^\n;(\\]*+(?:\\\r?\n[^\n;(\\]*+)*+)",
)
#: wherever on a line it stands: a pattern that begins with plain text is searched for many times as fast
_PYTHON_IMPORT = regex(rb"import[ \t]++([^\n;\\]++(?:\\\r?\n[^\n;\\]*+)*+)")
_COMMENT = regex(rb"#[^\n]*")

#: what names the module in TypeScript and JavaScript; whatever stands between it and the keyword before holds the names
_FROM = regex(rb"""from\s*+["']([^"'\n]++)["']""")
#: a word that every one of these patterns begins with lets them be searched for at the speed of the bytes
_REQUIRE = regex(rb"""require\s*+\(\s*+["']([^"'\n]++)["']""")
_IMPORT = regex(rb"""import\s*+\(?+\s*+["']([^"'\n]++)["']""")
_GIVEN_TO = regex(rb"(?:(export\s++)?(?:const|let|var|import)\s++)?(%s++|\{[^{}]*+\})\s*+=\s*+(?:await\s++)?$" % _W)
#: how far before a `require` is looked for what it is given to, and before an `import` for the beginning of its line
_BEFORE = 400
_NAMES = regex(rb"\{([^{}]*)\}")
_EXPORTED = regex(rb"export\s*+(?:type\s*+)?+\{([^{}]*+)\}(?!\s*+from)")
_DEFAULT = regex(rb"export\s++default\s++(%s++)" % _W)
_COMMONJS_NAME = regex(rb"exports\.(%s++)\s*+=\s*+(%s++)" % (_W, _W))
_PAIR = regex(rb"(?<!%s)(%s++)[\"']?+\s*+:\s*+(%s++)" % (_W, _W, _W))
_WORD = regex(rb"%s++" % _W)
#: where a name is given to a module as a whole
_NAMESPACE = regex(
    rb"import\s++(?:type\s++)?\*\s*+as\s++%s++\s++from|(?:const|let|var)\s++%s++\s*+=\s*+(?:await\s++)?(?=require|import)" % (_W, _W)
)
#: a name that stands by itself, and the member that is asked for, if any; within quotes, and after a dot, it is another one. What stands
#: before the name is looked at behind it: a pattern that begins with plain text is searched for many times as fast
_MEMBER = rb"""%%(name)s(?<![\w$\x80-\xff"'`/]%%(name)s)(?<!(?<!\.)\.%%(name)s)(?!%s)(?:\s*+(?:\?\s*+)?\.\s*+(%s++))?""" % (_W, _W)


class Taken(NamedTuple):
    """`member` of `module` under the name `local`; `member` is `*` for the whole module, `local` empty where the name cannot be told."""

    local: str
    module: str
    member: str


_Origin = tuple[str, str]


class ImportText(msgspec.Struct, frozen=True):
    """`taken` from others; `given` on by name as (module, member); `whole` modules of which everything is given on."""

    taken: tuple[Taken, ...] = ()
    given: Mapping[str, tuple[_Origin, ...]] = msgspec.field(default_factory=dict)
    whole: tuple[str, ...] = ()


def imports_of(data: bytes, *, python: bool) -> ImportText:
    """Read a file's text."""
    return _python(data) if python else _typescript(data)


def _python(data: bytes) -> ImportText:
    """In Python, what is taken at the top of a file is given on, and where that is cannot be seen here."""
    taken: list[Taken] = []
    data = _COMMENT.sub(b"", data)
    for match in _PYTHON_FROM.finditer(data):
        module, clause = _text(match[1]), match[2]
        if b"*" in clause:
            taken.append(Taken(NAMESPACE, module, NAMESPACE))
            continue
        for part in clause.strip(b"() \t").split(b","):
            words = [_text(word) for word in part.split() if word != b"\\"]
            if words:
                taken.append(Taken(words[2] if len(words) > 2 else words[0], module, words[0]))
    for match in _imports(data):
        for part in match[1].split(b","):
            words = [_text(word) for word in part.split() if word != b"\\"]
            if words:
                taken.append(Taken(words[2] if len(words) > 2 else words[0].split(".")[0], words[0], NAMESPACE))
    whole = tuple(t.module for t in taken if t.local == NAMESPACE)
    return ImportText(tuple(taken), _by_name(t for t in taken if t.local != NAMESPACE), whole)


def _typescript(data: bytes) -> ImportText:
    taken: list[Taken] = []
    given: list[Taken] = []
    whole: list[str] = []
    end = 0
    for match in _FROM.finditer(data):
        keyword = max(_last_word(data, b"import", end, match.start()), _last_word(data, b"export", end, match.start()))
        end, module = match.end(), _text(match[1])
        if keyword < 0:
            taken.append(Taken("", module, NAMESPACE))
            continue
        found = list(_clause(data[keyword + len(b"import") : match.start()], module))
        taken += found
        if data.startswith(b"export", keyword):
            given += found
            if any(t.local == NAMESPACE for t in found):
                whole.append(module)
    for match in (*_REQUIRE.finditer(data), *_IMPORT.finditer(data)):
        beginning = data[max(0, match.start() - _BEFORE) : match.start()]
        before = _GIVEN_TO.search(beginning) if beginning.rstrip().endswith((b"=", b"await")) else None
        found = list(_required(before[2] if before is not None else b"", _text(match[1])))
        taken += found
        if before is not None and before[1]:
            given += found
    given += _exported(data, taken)
    if b"exports" in data:
        given += _commonjs(data, taken)
        whole += (t.module for t in taken if t.member == NAMESPACE)
    return ImportText(tuple(taken), _by_name(t for t in given if t.local != NAMESPACE), tuple(dict.fromkeys(whole)))


def _last_word(data: bytes, word: bytes, start: int, end: int) -> int:
    """Where `word` stands last between two places, not as a part of another word; -1 where it does not."""
    while True:
        found = data.rfind(word, start, end)
        beside = data[max(0, found - 1) : found] + b" " + data[found + len(word) : found + len(word) + 1]
        if found < 0 or _WORD.search(beside) is None:
            return found
        end = found + len(word) - 1


def _clause(clause: bytes, module: str) -> Iterator[Taken]:
    """What stands between `import` or `export` and `from`. `export * from` takes everything under its own names."""
    names = _NAMES.search(clause)
    if names is not None:
        for local, member in _listed(names[1]):
            yield Taken(local, module, member)
        clause = clause[: names.start()] + clause[names.end() :]
    words = [_text(word) for word in _WORD.findall(clause) if word not in (b"type", b"typeof")]
    if b"*" in clause:
        yield Taken(words[words.index("as") + 1] if "as" in words[:-1] else NAMESPACE, module, NAMESPACE)
        words = words[: words.index("as")] if "as" in words else []
    if words:
        yield Taken(words[0], module, DEFAULT)


def _listed(names: bytes, renames: bytes = b" as ") -> Iterator[tuple[str, str]]:
    """(local name, member) of the names in braces: `a`, `a as b`, `type a`, `a: b`."""
    for part in names.replace(renames, b" as ").split(b","):
        words = [word for word in _WORD.findall(part) if word != b"type"] or _WORD.findall(part)
        if words:
            yield _text(words[2] if words[1:2] == [b"as"] and len(words) > 2 else words[0]), _text(words[0])


def _required(pattern: bytes, module: str) -> Iterator[Taken]:
    if pattern.startswith(b"{"):
        yield from (Taken(local, module, member) for local, member in _listed(pattern, b":"))
    else:
        yield Taken(_text(pattern), module, NAMESPACE)


def _exported(data: bytes, taken: list[Taken]) -> Iterator[Taken]:
    """What a file imports first and exports then."""
    if b"export" not in data:
        return
    by_local = _by_name(taken)
    renamed = [pair for match in _EXPORTED.finditer(data) for pair in _listed(match[1])]
    renamed += [(DEFAULT, _text(match[1])) for match in _DEFAULT.finditer(data)]
    for name, local in renamed:
        yield from (Taken(name, *origin) for origin in by_local.get(local, ()))


def _commonjs(data: bytes, taken: list[Taken]) -> Iterator[Taken]:
    """`module.exports = …` and `exports.name = …`: whatever was required may be in it, under its own name or as an entry's value."""
    by_local = _by_name(taken)
    yield from taken
    for match in (*_PAIR.finditer(data), *_COMMONJS_NAME.finditer(data)):
        name, local = _text(match[1]), _text(match[2])
        yield from (Taken(name, *origin) for origin in by_local.get(local, ()))
    yield from (Taken(DEFAULT, t.module, t.member) for t in taken)


def _by_name(taken: Iterator[Taken] | list[Taken]) -> dict[str, tuple[_Origin, ...]]:
    found: defaultdict[str, dict[_Origin, None]] = defaultdict(dict)
    for local, module, member in taken:
        found[local][module, member] = None
    return {name: tuple(origins) for name, origins in found.items()}


def members_used(data: bytes, name: str, *, python: bool) -> frozenset[str] | None:
    """The members of a module that a file asks for, where it has the whole of it as `name`; None where it does more with it than that."""
    data = _without_imports(data) if python else _NAMESPACE.sub(b"", data)
    member = re.compile(_MEMBER % {b"name": re.escape(name.encode())})
    found = {match[1] for match in member.finditer(data)}
    return frozenset(map(_text, found)) if None not in found else None


@lru_cache(maxsize=1)
def _without_imports(data: bytes) -> bytes:
    """A file of Python without what it imports: it is asked for the members of one module after the other."""
    data = _PYTHON_FROM.sub(b"", _COMMENT.sub(b"", data))
    kept, end = list[bytes](), 0
    for match in _imports(data):
        kept.append(data[end : match.start()])
        end = match.end()
    return b"".join((*kept, data[end:]))


def _imports(data: bytes) -> Iterator[re.Match[bytes]]:
    """`import a.b` at the beginning of a line."""
    for match in _PYTHON_IMPORT.finditer(data):
        before = data[max(0, match.start() - _BEFORE) : match.start()].rpartition(b"\n")
        if not before[2].strip(b" \t") and (before[1] or match.start() <= _BEFORE):
            yield match


def words_of(data: bytes) -> frozenset[str]:
    """Every name that stands in a file."""
    return frozenset(map(_text, set(_WORD.findall(data))))


def _text(word: bytes) -> str:
    # Names of modules and of what they offer stand in many files.
    return sys.intern(word.decode("utf-8", "replace"))
