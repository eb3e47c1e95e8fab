"""Tables as Prisma schemas and SQL files declare them: name, columns, and the values of the status column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from migrator.regex import regex

_PRISMA_BLOCK = regex(r"^[ \t]*(model|enum)[ \t]+(\w+)[ \t]*\{([^}]*)\}", re.MULTILINE)
_PRISMA_MAP = regex(r'@@map\("([^"]+)"\)')
_PRISMA_COMMENT = regex(r"//[^\n]*")

_IDENTIFIER = r'(?:"(?P<{0}q>[^"]+)"|(?P<{0}>\w+))'
_CREATE_TABLE = regex(
    r"\bcreate\s+(?:unlogged\s+|temp(?:orary)?\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:(?:\"[^\"]+\"|\w+)\s*\.\s*)?"
    + _IDENTIFIER.format("name")
    + r"\s*\(",
    re.IGNORECASE,
)
_CREATE_ENUM = regex(
    r"\bcreate\s+type\s+(?:(?:\"[^\"]+\"|\w+)\s*\.\s*)?" + _IDENTIFIER.format("name") + r"\s+as\s+enum\s*\(([^)]*)\)", re.IGNORECASE
)
_ALTER_TABLE = regex(
    r"\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?:(?:\"[^\"]+\"|\w+)\s*\.\s*)?" + _IDENTIFIER.format("name") + r"\s+(?=add\b)",
    re.IGNORECASE,
)
_ADDED = regex(r"^\s*add\s+(?:column\s+)?(?:if\s+not\s+exists\s+)?", re.IGNORECASE)
_COLUMN = regex(r"^\s*" + _IDENTIFIER.format("name") + r"\s+(?P<type>\"[^\"]+\"|\w+)(?P<rest>.*)$", re.DOTALL)
_CONSTRAINTS = {"primary", "unique", "constraint", "check", "foreign", "exclude", "like", "index", "key"}
_TEXT = regex(r"'([^']*)'")
_DEFAULT = regex(r"\bdefault\s+(?:(\d+)\b|'([^']*)')", re.IGNORECASE)
_PRISMA_DEFAULT = regex(r"@default\((?:(\d+)|\"([^\"]*)\"|(\w+))\)")
_SQL_COMMENT = regex(r"--[^\n]*")


@dataclass(frozen=True)
class Declared:
    """A table. `line` and `end_line` are 1-based, `start` and `end` byte offsets into the file; `defaults` those that are literals."""

    model: str
    table: str
    columns: tuple[str, ...]
    statuses: tuple[str, ...]
    line: int
    end_line: int
    start: int
    end: int
    defaults: Mapping[str, int | str] = field(default_factory=dict)


def prisma_models(text: str) -> list[Declared]:
    """The models of a Prisma schema."""
    blocks = [(m, _PRISMA_COMMENT.sub("", m.group(3))) for m in _PRISMA_BLOCK.finditer(text)]
    enums = {m.group(2): tuple(body.split()) for m, body in blocks if m.group(1) == "enum"}
    models: list[Declared] = []
    for match, body in blocks:
        if match.group(1) != "model":
            continue
        lines = [line for line in body.splitlines() if line.split() and not line.lstrip().startswith("@@")]
        fields = [line.split() for line in lines]
        columns = {f[0]: f[1].rstrip("?[]") if len(f) > 1 else "" for f in fields}
        defaults = {f[0]: _default(m) for f, line in zip(fields, lines, strict=True) if (m := _PRISMA_DEFAULT.search(line))}
        statuses = next((enums[t] for c, t in columns.items() if c.lower() in ("status", "state") and t in enums), ())
        mapped = _PRISMA_MAP.search(body)
        start = match.start() + len(match.group(0)) - len(match.group(0).lstrip())
        name = match.group(2)
        models.append(_declared(text, name, mapped.group(1) if mapped else name, tuple(columns), statuses, start, match.end(), defaults))
    return models


def sql_tables(text: str) -> list[Declared]:
    """The tables that an SQL file creates."""
    plain = _SQL_COMMENT.sub(lambda m: " " * len(m.group(0)), text)
    enums = {(m["nameq"] or m["name"]).lower(): tuple(_TEXT.findall(m.group(3))) for m in _CREATE_ENUM.finditer(plain)}
    tables: list[Declared] = []
    for match in _CREATE_TABLE.finditer(plain):
        end = _closing(plain, match.end())
        columns: list[str] = []
        statuses: tuple[str, ...] = ()
        defaults: dict[str, int | str] = {}
        for part in _split(plain[match.end() : end]):
            column = _COLUMN.match(part)
            if column is None or (column["name"] or "").lower() in _CONSTRAINTS:
                continue
            name = column["nameq"] or column["name"]
            columns.append(name)
            default = _DEFAULT.search(part)
            if default is not None:
                defaults[name] = _default(default)
            if name.lower() in ("status", "state"):
                check = _TEXT.findall(part) if "check" in part.lower() else []
                statuses = enums.get(column["type"].strip('"').lower(), tuple(check))
        name = match["nameq"] or match["name"]
        tables.append(_declared(text, name, name, tuple(columns), statuses, match.start(), end + 1, defaults))
    return tables


def sql_additions(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(table, columns) of every `alter table … add column …` of an SQL file.

    >>> list(sql_additions("alter table only public.jobs add column if not exists error text, add attempts int default 0, drop column x;"))
    [('jobs', ('error', 'attempts'))]
    >>> list(sql_additions("alter table jobs add constraint k unique (a); alter table jobs drop column b;"))
    []
    """
    plain = _SQL_COMMENT.sub(lambda m: " " * len(m.group(0)), text)
    for match in _ALTER_TABLE.finditer(plain):
        end = plain.find(";", match.end())
        added = [_ADDED.sub("", part) for part in _split(plain[match.end() : end if end >= 0 else len(plain)]) if _ADDED.match(part)]
        columns = [column for part in added if (column := _COLUMN.match(part)) is not None]
        names = tuple(c["nameq"] or c["name"] for c in columns if (c["name"] or "").lower() not in _CONSTRAINTS)
        if names:
            yield match["nameq"] or match["name"], names


def _default(match: re.Match[str]) -> int | str:
    number, *texts = match.groups()
    return int(number) if number is not None else next(t for t in texts if t is not None)


def _declared(
    text: str,
    model: str,
    table: str,
    columns: tuple[str, ...],
    statuses: tuple[str, ...],
    start: int,
    end: int,
    defaults: Mapping[str, int | str],
) -> Declared:
    line = text.count("\n", 0, start) + 1
    last = line + text.count("\n", start, end)
    return Declared(model, table, columns, statuses, line, last, len(text[:start].encode()), len(text[:end].encode()), defaults)


def _closing(text: str, start: int) -> int:
    """Where the parenthesis that was opened just before `start` closes; the end of the text if it never does."""
    depth = 1
    for index in range(start, len(text)):
        if text[index] == "(":
            depth += 1
        elif text[index] == ")":
            depth -= 1
            if depth == 0:
                return index
    return len(text)


def _split(body: str) -> list[str]:
    """A list at its top-level commas."""
    parts, depth, begin = [], 0, 0
    for index, character in enumerate(body):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(body[begin:index])
            begin = index + 1
    return [*parts, body[begin:]]
