"""The findings that were there when a team began: written down once, so that only new ones count.

An entry is a rule, a file and the symbol in it, with the fingerprints of what was found there; lines do not matter. What is wrong with a
system as a whole has no file.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from migrator.errors import MigratorError
from migrator.jobs.findings import Check, Compared, Finding, Mended, Spot, Suppressed
from migrator.rules.fingerprints import Identity
from migrator.rules.parts import part, rest
from migrator.rules.registry import listed

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


def record(identities: Mapping[Finding, Sequence[Identity]]) -> Baseline:
    """A baseline that knows these findings at all of their places."""
    entries: dict[Key, Counter[str]] = defaultdict(Counter)
    for finding, places in identities.items():
        for place in places:
            entries[finding.id, place.path, place.symbol][place.mark] += 1
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
    baseline: Baseline,
    identities: Mapping[Finding, Sequence[Identity]],
    checks: Iterable[Check],
    *,
    name: str,
    root: Path,
    files: frozenset[str],
) -> Comparison:
    """What of the findings the baseline called `name` knows. `files` are those below `root` that were looked at.

    A place is known by its fingerprint, or else as one of as many in the same symbol, so that an edit of the line does not make it new.
    Of a finding only those places are new that are not known. What was not looked at, or cannot be told, is not mended.
    """
    left = {(entry.rule, entry.path, entry.symbol): Counter(entry.known) for entry in baseline.findings}
    asked = [(finding, number, place) for finding, places in identities.items() for number, place in enumerate(places)]
    known: set[tuple[Finding, int]] = set()
    for exact in (True, False):
        for finding, number, place in asked:
            there = left.get((finding.id, place.path, place.symbol), Counter[str]())
            mark = place.mark if exact else next(iter(sorted(there)), "")
            if (finding, number) not in known and there[mark] > 0:
                there[mark] -= 1
                known.add((finding, number))
                left[finding.id, place.path, place.symbol] = +there
    new: list[Finding] = []
    before: list[Suppressed] = []
    for finding, places in identities.items():
        news, olds = ([n for n in range(len(places)) if ((finding, n) in known) == old] for old in (False, True))
        if olds:
            before.append(Suppressed(_at(finding, places, olds), "baseline", f"known since {name} was written", name))
        if news:
            spots = _spots(finding, places, news)
            new.append(_named(rest(finding, spots, "was known before", "were known before"), places[news[0]], whole=not olds))
    decided = {check.id for check in checks if not check.reason}
    gone = {key: marks for key, marks in left.items() if marks and _told(key, decided, root, files)}
    pruned = {(e.rule, e.path, e.symbol): Counter(e.known) - gone.get((e.rule, e.path, e.symbol), Counter()) for e in baseline.findings}
    return Comparison(
        tuple(new),
        tuple(before),
        Compared(name, len(before), len(new), tuple(Mended(*key, marks.total()) for key, marks in sorted(gone.items()))),
        _baseline({key: marks for key, marks in pruned.items() if marks}),
    )


def _spots(finding: Finding, places: Sequence[Identity], numbers: Sequence[int]) -> Sequence[Spot]:
    """The places with these numbers; all of them for what is wrong with a system as a whole, which has one identity."""
    return finding.places if len(places) < len(finding.places) else [finding.places[n] for n in numbers]


def _at(finding: Finding, places: Sequence[Identity], numbers: Sequence[int]) -> Finding:
    whole = len(numbers) == len(places)
    return finding if whole else _named(part(finding, _spots(finding, places, numbers)), places[numbers[0]], whole=False)


def _named(finding: Finding, first: Identity, *, whole: bool) -> Finding:
    """A part of a finding goes by its own first place."""
    return finding if whole else msgspec.structs.replace(finding, symbol=first.symbol, fingerprint=first.mark)


def _told(key: Key, decided: Collection[str], root: Path, files: frozenset[str]) -> bool:
    """True if nothing can be found there any more: the rule was asked and decided everywhere, and the file was read or is gone."""
    rule, path, _ = key
    if all(rule != known.id for known in listed()):
        return True
    return rule in decided and (not path or path in files or not (root / path).is_file())


def _baseline(entries: Mapping[Key, Mapping[str, int]]) -> Baseline:
    order = sorted(entries, key=lambda key: (key[1], key[0], key[2]))
    return Baseline(SCHEMA, tuple(Entry(*key, dict(sorted(entries[key].items()))) for key in order))
