"""A change as a row of commits, each a tree that parses: for review one by one.

Contents in between are computed in memory, from the edits of the groups that have had their turn. What several groups share comes
first where it only adds (imports, manifest entries, new files that moved code imports) and last where it takes away; where it does
both in one edit, the groups of that file go together. New files that nothing imports, such as a worker, use what has moved: they come last.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal as OneOf

import msgspec

from migrator.codemods.changes import ChangeSet, Decision, Edit
from migrator.codemods.edits import apply_edits
from migrator.codemods.files import FileChange, locate
from migrator.codemods.syntax_check import check_syntax
from migrator.errors import MigratorError
from migrator.syntax.source import SUFFIXES
from migrator.systems import SYSTEMS

By = OneOf["all", "job"]


class Commit(msgspec.Struct, frozen=True):
    """`files` are relative to the commit before."""

    message: str
    files: tuple[FileChange, ...]


def plan_commits(changes: ChangeSet, files: Sequence[FileChange], root: Path, by: By) -> tuple[Commit, ...]:
    """The commits that together make `files` (those of `file_changes`) out of the tree as it is."""
    if not files:
        return ()
    whole = Commit(_message(f"Move background jobs {_route(changes)}", changes.decisions), tuple(files))
    if by == "all":
        return (whole,)
    commits = tuple(_by_group(changes, files, root))
    return commits if len(commits) > 1 else (whole,)


class _Parts:
    """Which edits belong to which groups; edits of no group or of several are shared."""

    def __init__(self, changes: ChangeSet, root: Path) -> None:
        self.own: dict[str, set[Edit]] = defaultdict(set)
        self.additions: set[Edit] = set()
        self.removals: set[Edit] = set()
        owners: dict[Edit, set[str]] = defaultdict(set)
        for edit in changes.edits:
            plain = Edit(locate(root, edit.path), edit.span, edit.text)
            group = edit.group or _group_around(edit, changes.decisions)
            # A file is no job: what is done to a manifest serves all.
            owners[plain].add("" if group == edit.path else group)
        self._rank = {edit: number for number, edit in enumerate(owners)}
        touched: dict[str, set[str]] = defaultdict(set)
        for edit, groups in owners.items():
            touched[edit.path] |= groups - {""}
        self._merged: dict[str, str] = {}
        for edit, groups in owners.items():
            named = groups - {""}
            replaces = bool(edit.text) and edit.span.start < edit.span.end
            if len(groups) == 1 and named:
                self.own[min(named)].add(edit)
            elif replaces and touched[edit.path]:
                self._merge(touched[edit.path])
                self.own[min(touched[edit.path])].add(edit)
            elif edit.span.start == edit.span.end:
                self.additions.add(edit)
            else:
                self.removals.add(edit)

    def clusters(self, order: Sequence[str]) -> Iterator[tuple[list[str], set[Edit]]]:
        """Groups that go together, and their edits, in `order`."""
        members: dict[str, list[str]] = defaultdict(list)
        for group in dict.fromkeys((*order, *self.own)):
            if group in self.own:
                members[self._root(group)].append(group)
        for groups in members.values():
            yield groups, set().union(*(self.own[group] for group in groups))

    def partial(self, file: FileChange, edits: set[Edit], decisions: Sequence[Decision]) -> bytes:
        """The file with those of its edits that are among `edits`."""
        mine = [edit for edit in edits if edit.path == file.path]
        return apply_edits(file.before or b"", sorted(mine, key=lambda e: (e.span.start, e.span.end, self._rank[e])), decisions)

    def _merge(self, groups: set[str]) -> None:
        first, *rest = sorted({self._root(group) for group in groups})
        self._merged.update(dict.fromkeys(rest, first))

    def _root(self, group: str) -> str:
        while group in self._merged:
            group = self._merged[group]
        return group


def _by_group(changes: ChangeSet, files: Sequence[FileChange], root: Path) -> Iterator[Commit]:
    parts = _Parts(changes, root)
    route = _route(changes)
    names = {d.group: d.name for d in reversed(changes.decisions) if d.kind == "definition"}
    tree = {file.path: file for file in files}
    early = _imported(changes, [file for file in files if file.before is None])
    done: set[Edit] = set()
    state = {file.path: file.before for file in files}

    steps: list[tuple[str, list[Decision], set[Edit], set[str]]] = [(f"Prepare the move {route}", [], parts.additions, early)]
    told: set[str] = set()
    for groups, edits in parts.clusters([d.group for d in changes.decisions]):
        told.update(groups)
        decisions = [d for d in changes.decisions if d.group in groups]
        subject = ", ".join(names.get(group, group) for group in groups)
        moved = any(d.outcome == "rewritten" for d in decisions)
        steps.append((f"Move {subject} {route}" if moved else f"Mark what is left to do about {subject}", decisions, edits, set()))
    rest = [d for d in changes.decisions if d.group not in told]
    steps.append((f"Finish the move {route}", rest, parts.removals, set()))

    waiting: list[tuple[str, list[Decision]]] = []
    for number, (subject, decisions, edits, whole) in enumerate(steps):
        done |= edits
        now = dict(state)
        for path in {edit.path for edit in edits} & tree.keys():
            now[path] = parts.partial(tree[path], done, changes.decisions)
        now.update({path: tree[path].after for path in whole})
        if number == len(steps) - 1:
            now = {path: file.after for path, file in tree.items()}
        made = tuple(FileChange(path, state[path], now[path], tree[path].mode) for path in sorted(now) if now[path] != state[path])
        if not made:
            continue
        waiting.append((subject, decisions))
        if number < len(steps) - 1 and not _parses(made):
            continue  # goes together with what follows
        yield Commit(_message("; ".join(s for s, _ in waiting), [d for _, ds in waiting for d in ds]), made)
        waiting, state = [], now


def _imported(changes: ChangeSet, new: Sequence[FileChange]) -> set[str]:
    """Those of the new files that changed code names, and those that these name in turn."""
    text = "\n".join(edit.text for edit in changes.edits if PurePosixPath(edit.path).suffix in SUFFIXES)
    found: set[str] = set()
    while fresh := {f.path for f in new if f.path not in found and re.search(rf"\b{re.escape(_module(f.path))}\b", text)}:
        found |= fresh
        text += "\n".join((f.after or b"").decode() for f in new if f.path in fresh)
    return found


def _module(path: str) -> str:
    """The last part of the name under which code imports a file."""
    pure = PurePosixPath(path)
    name = pure.name.split(".")[0]
    return pure.parent.name if name in ("index", "__init__") else name


def _group_around(edit: Edit, decisions: Sequence[Decision]) -> str:
    """The group of the smallest decision that holds the edit; empty if none does."""
    around = [
        d
        for d in decisions
        if d.location.path == edit.path and d.location.span.start <= edit.span.start and edit.span.end <= d.location.span.end and d.group
    ]
    return min(around, key=lambda d: d.location.span.end - d.location.span.start).group if around else ""


def _parses(files: Sequence[FileChange]) -> bool:
    try:
        check_syntax(files)
    except MigratorError:
        return False
    return True


def _route(changes: ChangeSet) -> str:
    source, target = (SYSTEMS[system].title if system in SYSTEMS else system for system in (changes.source, changes.target))
    return f"from {source} to {target}"


def _message(subject: str, decisions: Sequence[Decision]) -> str:
    lines = [f"- {d.location.place} {d.name}: {d.summary}" for d in decisions if d.outcome == "rewritten"]
    left = [f"- {d.location.place} {d.name}: {d.summary}" for d in decisions if d.open]
    parts = [subject, "\n".join(lines), "\n".join(["Left to do:", *left]) if left else ""]
    return "\n\n".join(part for part in parts if part) + "\n"
