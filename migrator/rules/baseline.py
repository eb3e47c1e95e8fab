"""The findings that were there when a team began: written down once, so that only new ones count.

An entry is a rule, a file and the symbol in it, with the fingerprints of what was found there; lines do not matter. What is wrong with a
system as a whole has no file.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from migrator.errors import MigratorError
from migrator.jobs.findings import Check, Compared, Finding, Mended, Suppressed
from migrator.rules.registry import rules

_AGAIN = "Write it anew with --write-baseline, or take it from version control."
Key = tuple[str, str, str]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of one rule in one symbol of one file. `known`: fingerprint -> number of places."""

    rule: str
    path: str
    symbol: str
    known: dict[str, int]


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file, sorted by path, rule and symbol, so that it reads well in a review."""

    schema: str
    findings: tuple[Entry, ...]

    def text(self) -> str:
        """The file as JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1).decode() + "\n"


SCHEMA = "migrator.baseline/1"


class Comparison(msgspec.Struct, frozen=True):
    """What a baseline says of an audit: findings that it does not know, those that it knows, and the baseline without what is mended."""

    new: tuple[Finding, ...]
    known: tuple[Suppressed, ...]
    told: Compared
    pruned: Baseline


def record(findings: Iterable[Finding]) -> Baseline:
    """A baseline that knows these findings."""
    entries: dict[Key, dict[str, int]] = defaultdict(dict)
    for finding in findings:
        entries[_key(finding)][finding.fingerprint] = _places(finding)
    return _baseline(entries)


def read(file: Path) -> Baseline:
    """A baseline from its file.

    Raises:
        MigratorError: there is no such file, or it is none.
    """
    try:
        tree = json.loads(file.read_bytes())
    except FileNotFoundError:
        remedy = f"`migrate audit --write-baseline {file}` makes it."
        raise MigratorError("there is no such baseline", place=str(file), remedy=remedy) from None
    except OSError as error:
        raise MigratorError(f"the baseline cannot be read: {error.strerror}", place=str(file)) from None
    except json.JSONDecodeError as error:
        raise MigratorError(f"this is not JSON: {error.msg}", place=f"{file}:{error.lineno}", remedy=_AGAIN) from None
    except UnicodeDecodeError:
        raise MigratorError("this is not a text file in UTF-8", place=str(file), remedy=_AGAIN) from None
    except RecursionError:
        raise MigratorError("this is nested too deep to be a baseline", place=str(file), remedy=_AGAIN) from None
    schema = tree.get("schema") if isinstance(tree, dict) else None
    if schema != SCHEMA:
        said = f"its `schema` is {json.dumps(schema)}" if schema is not None else "it has no `schema`"
        raise MigratorError(f"this is no baseline that we know: {said}, not {json.dumps(SCHEMA)}", place=str(file), remedy=_AGAIN)
    try:
        return msgspec.convert(tree, Baseline)
    except msgspec.ValidationError as error:
        raise MigratorError(f"this is no baseline: {error}", place=str(file), remedy=_AGAIN) from None


def compare(
    baseline: Baseline, findings: Sequence[Finding], checks: Iterable[Check], *, name: str, root: Path, files: frozenset[str]
) -> Comparison:
    """What of `findings` the baseline called `name` knows. `files` are those below `root` that were looked at.

    A finding is known by its fingerprint, or else as one of as many in the same symbol, so that an edit of the line does not make it new.
    One that has come to more places than it had is new. What was not looked at, or cannot be told, is not mended.
    """
    left = {(entry.rule, entry.path, entry.symbol): dict(entry.known) for entry in baseline.findings}
    known: set[Finding] = set()
    grown: dict[Finding, int] = {}
    edited: list[Finding] = []
    for finding in findings:
        there = left.get(_key(finding), {})
        if finding.fingerprint not in there:
            edited.append(finding)
        elif _places(finding) <= (before := there.pop(finding.fingerprint)):
            known.add(finding)
        else:
            grown[finding] = before
    for finding in edited:
        there = left.get(_key(finding), {})
        match = next((mark for mark, places in sorted(there.items()) if _places(finding) <= places), None)
        if match is not None:
            there.pop(match)
            known.add(finding)
    states = {check.id: check.state for check in checks}
    gone = {key: marks for key, marks in left.items() if marks and _told(key, states, root, files)}
    reason = f"known since {name} was written"
    pruned: dict[Key, dict[str, int]] = {}
    for entry in baseline.findings:
        key = (entry.rule, entry.path, entry.symbol)
        if kept := {mark: places for mark, places in entry.known.items() if mark not in gone.get(key, ())}:
            pruned[key] = kept
    return Comparison(
        tuple(_grown(finding, grown.get(finding, 0)) for finding in findings if finding not in known),
        tuple(Suppressed(finding, "baseline", reason, name) for finding in findings if finding in known),
        Compared(name, len(known), len(findings) - len(known), tuple(Mended(*key, len(marks)) for key, marks in sorted(gone.items()))),
        _baseline(pruned),
    )


def _grown(finding: Finding, before: int) -> Finding:
    """A finding that is new because it has come to more places."""
    known = "one of its places was" if before == 1 else f"{before} of its places were"
    return msgspec.structs.replace(finding, message=f"{finding.message} (Only {known} known before.)") if before else finding


def _told(key: Key, states: Mapping[str, str], root: Path, files: frozenset[str]) -> bool:
    """True if it can be told that nothing is found there any more: the rule was asked and decided, and the file was read or is gone."""
    rule, path, _ = key
    if all(rule != known.id for known in rules()):
        return True
    return states.get(rule, "unknown") != "unknown" and (not path or path in files or not (root / path).is_file())


def _key(finding: Finding) -> Key:
    return finding.id, "" if _anywhere(finding.id) else finding.path, finding.symbol


def _places(finding: Finding) -> int:
    """The number of places at which something is wrong."""
    return 1 if _anywhere(finding.id) else len(finding.places)


@cache
def _anywhere(rule: str) -> bool:
    return any(known.id == rule and known.anywhere for known in rules())


def _baseline(entries: Mapping[Key, Mapping[str, int]]) -> Baseline:
    order = sorted(entries, key=lambda key: (key[1], key[0], key[2]))
    return Baseline(SCHEMA, tuple(Entry(*key, dict(sorted(entries[key].items()))) for key in order))
