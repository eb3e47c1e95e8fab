"""Helm's templates, seen as the manifests that they make with the chart's own values: a `range` over workers makes one of each.

Only what readers of jobs need is understood: values, `range`, `with`, and what stands in a loop's variables. Conditions are taken to hold,
as who installs the chart may want them to; what else the templates say is left out.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from migrator.jobs import Item, Location, Worker
from migrator.regex import regex
from migrator.scanners.files import Tree
from migrator.scanners.found import Found
from migrator.scanners.launch import Launch
from migrator.scanners.manifests.document import Document
from migrator.scanners.manifests.manifest import Manifest
from migrator.scanners.manifests.yaml_loading import plain

_FOLDER = "templates"
_ACTION = regex(r"\{\{-?\s*(.*?)\s*-?\}\}")
#: a line that is an action and nothing else
_ALONE = regex(r"^\s*\{\{-?\s*(?P<action>.*?)\s*-?\}\}\s*$")
_OPENS = regex(r"^(range|with|if|define|block)\b\s*(?P<rest>.*)$")
_LOOP = regex(r"^(?:(?P<key>\$\w+)\s*,\s*)?(?:(?P<value>\$\w+)\s*:=\s*)?(?P<over>[\w.$]+)$")
_PATH = regex(r"^(?P<root>\$\w*)?(?P<path>(?:\.\w+)*)\.?$")
_WORD = regex(r"[A-Za-z_]\w*")
_DEFAULT = regex(r"""\|\s*default\s+["']?([\w*/, .-]+?)["']?\s*(?:\||$)""")
_JSON = regex(r"^to(?:Json|Yaml)\s+(?P<of>\S+)")
#: how many lines and levels are made of one template, and of how many parts a value that is written out may be
_LINES, _DEPTH, _PARTS = 20_000, 20, 1_000


class _Scope(msgspec.Struct, frozen=True):
    """What `.` and the variables stand for; `values` are the chart's."""

    values: Any
    dot: Any = None
    variables: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])


def is_template(manifest: Manifest) -> bool:
    """True for a file among a chart's templates."""
    return "{{" in manifest.text and _chart(manifest.tree, manifest.path) is not None


def as_variable(action: str) -> str:
    """What the chart does not say, as a shell would have it.

    >>> as_variable("{{ .Values.worker.queues | quote }}")
    '$queues'
    """
    names = _WORD.findall(action.split("|")[0])
    return f"${names[-1] if names else 'value'}"


def read_made(manifest: Manifest, read: Callable[[Manifest], None], *, unknown: Callable[[str], str] = as_variable) -> None:
    """Let `read` see what a template makes; `unknown` gives what stands in for an action of which the chart does not say what it gives.

    What is found stands at the line of the template that makes it.
    """
    lines = manifest.text.split("\n")
    if sum(1 for line in lines for action in _ACTION.findall(line) if _OPENS.match(action)) > _DEPTH and _deep(lines) > _DEPTH:
        manifest.unresolved(f"nested more than {_DEPTH} deep, not read")
        return
    chart = _chart(manifest.tree, manifest.path) or ""
    values = _values(manifest.tree, chart)
    made = list(islice(_made(lines, range(len(lines)), _Scope(values, {"Values": values}), unknown, _DEPTH), _LINES + 1))
    if len(made) > _LINES:
        manifest.unresolved(f"this template makes more than {_LINES:,} lines, not read")
        return
    document = Document(manifest.path, "\n".join(text for text, _ in made).encode("utf-8", "surrogateescape"))
    inner = Manifest(document, manifest.tree, Found(), manifest.versions)
    read(inner)
    origins = [number for _, number in made]
    places = manifest.document.lines()

    def moved(location: Location) -> Location:
        number = origins[min(location.line, len(origins)) - 1]
        start, text = places[number]
        return manifest.document.location(start + len(text) - len(text.lstrip()), start + len(text))

    items = [_moved(item, moved) for item in inner.found.items]
    manifest.found.items += [_told_apart(item, items) for item in items]
    manifest.found.launches += [Launch(e.path, moved(e.location), e.service, e.words) for e in inner.found.launches]
    for each in inner.found.unresolved:
        number = origins[min(each.line, len(origins)) - 1] if origins else 0
        manifest.found.unresolved.append(msgspec.structs.replace(each, line=number + 1))


def _deep(lines: Sequence[str]) -> int:
    """How deep actions nest, at most."""
    depth = deepest = 0
    for action in (action for line in lines for action in _ACTION.findall(line)):
        depth += bool(_OPENS.match(action)) - (action == "end")
        deepest = max(deepest, depth)
    return deepest


def _moved(item: Item, moved: Callable[[Location], Location]) -> Item:
    location = moved(item.location)
    whole: dict[str, Any] = {"location": location}
    if getattr(item, "entry", None) is not None:
        whole["entry"] = location.span
    return msgspec.structs.replace(item, **whole)


def _told_apart(item: Item, items: Sequence[Item]) -> Item:
    """A worker under the name of its container, where a loop makes several of one command."""
    if not isinstance(item, Worker) or not item.service:
        return item
    alike = [i for i in items if isinstance(i, Worker) and (i.location, i.name) == (item.location, item.name)]
    return msgspec.structs.replace(item, name=item.service) if len(alike) > 1 else item


def _chart(tree: Tree, path: str) -> str | None:
    """The folder of the chart to whose templates a file belongs; None for any other file."""
    parts = path.split("/")[:-1]
    for index in range(len(parts) - 1, -1, -1):
        folder = "/".join(parts[:index])
        if parts[index] == _FOLDER and posixpath.join(folder, "Chart.yaml") in tree:
            return folder
    return None


def _values(tree: Tree, chart: str) -> Any:
    path = posixpath.join(chart, "values.yaml")
    return plain(tree.read(path)) if path in tree else None


def _made(
    lines: Sequence[str], numbers: Sequence[int], scope: _Scope, unknown: Callable[[str], str], depth: int
) -> Iterator[tuple[str, int]]:
    """(text, number of the template's line) of every line that is made."""
    at = 0
    while at < len(numbers):
        number = numbers[at]
        alone = _ALONE.match(lines[number])
        opens = _OPENS.match(alone["action"]) if alone is not None and lines[number].count("{{") == 1 else None
        if opens is None:
            if alone is None or lines[number].count("{{") > 1 or _PATH.match(alone["action"]):
                yield _filled(lines[number], scope, unknown), number
            at += 1
            continue
        end, otherwise = _end(lines, numbers, at)
        body = numbers[at + 1 : otherwise]
        if depth and opens[1] != "define":
            for each in _scopes(opens[1], opens["rest"], scope):
                yield from _made(lines, body, each, unknown, depth - 1)
        at = end + 1


def _end(lines: Sequence[str], numbers: Sequence[int], at: int) -> tuple[int, int]:
    """(where the action that opens at `at` ends, where its `else` is, or the same)."""
    depth, otherwise = 0, -1
    for index in range(at, len(numbers)):
        actions = _ACTION.findall(lines[numbers[index]])
        depth += sum(1 for action in actions if _OPENS.match(action))
        depth -= sum(1 for action in actions if action == "end")
        if depth == 1 and otherwise < 0 and any(action.startswith("else") for action in actions):
            otherwise = index
        if depth == 0:
            return index, otherwise if otherwise >= 0 else index
    return len(numbers), otherwise if otherwise >= 0 else len(numbers)


def _scopes(verb: str, rest: str, scope: _Scope) -> Iterator[_Scope]:
    """What the body of an action sees, once for each round."""
    loop = _LOOP.match(rest)
    over = _value(loop["over"], scope) if loop is not None else None
    if verb == "with":
        yield _Scope(scope.values, over, scope.variables)
        return
    if verb != "range" or loop is None or not isinstance(over, list | dict) or not over:
        # Of what the chart does not say how often it is made, once is known.
        yield _Scope(scope.values, None, scope.variables) if verb == "range" else scope
        return
    pairs = list(over.items() if isinstance(over, dict) else enumerate(over))
    for key, value in pairs:
        named = {loop["key"]: key, loop["value"]: value}
        yield _Scope(scope.values, value, {**scope.variables, **{n: v for n, v in named.items() if n}})


def _filled(line: str, scope: _Scope, unknown: Callable[[str], str]) -> str:
    def value(match: re.Match[str]) -> str:
        found = _rendered(match[1], scope)
        return found if found is not None else unknown(match[0])

    return _ACTION.sub(value, line)


def _rendered(action: str, scope: _Scope) -> str | None:
    """The text that an action gives; None where the chart does not say."""
    as_json, default = _JSON.match(action), _DEFAULT.search(action)
    path = as_json["of"] if as_json is not None else action.split("|")[0].removeprefix("quote ").strip()
    found = _value(path, scope)
    if found is None:
        return default[1] if default is not None else None
    if isinstance(found, list | dict):
        return json.dumps(found, default=str) if _is_small(found) else None
    text = str(found).lower() if isinstance(found, bool) else str(found)
    return json.dumps(text, ensure_ascii=False) if "quote" in action else text


def _is_small(value: Any) -> bool:
    """False for what aliases make endless, or nearly so."""
    waiting, parts = [value], 0
    while waiting and parts <= _PARTS:
        each = waiting.pop()
        parts += 1
        waiting += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
    return not waiting


def _value(path: str, scope: _Scope) -> Any:
    """What a path into the values, the loop's element or a variable leads to."""
    match = _PATH.match(path)
    if match is None:
        return None
    root, keys = match["root"], [key for key in match["path"].split(".") if key]
    value = scope.dot if root is None else {"Values": scope.values} if root == "$" else scope.variables.get(root)
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
