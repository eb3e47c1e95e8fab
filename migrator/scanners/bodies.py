"""Into the body of a function and of the functions of the project that it calls: every call on the way, with what is called."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.jobs.redaction import redact_text
from migrator.scanners.files import area_of
from migrator.scanners.found import Found
from migrator.scanners.linking import Defined, Frame, Meaning, Place
from migrator.scanners.reading import View
from migrator.scanners.workspace import Workspace
from migrator.syntax.tree import FUNCTIONS, callee_of, name_of

#: how many functions of the project lead from the first one to a call at most
DEPTH = 4
_CALLS = ("call", "call_expression", "new_expression")


class Reached(msgspec.Struct, frozen=True):
    """A call. `meaning` is what is called; `in_loop`: once for each of many, on the whole way; `via`: names of the functions on it.

    `function` is the one of them in which the call stands, `by` the call that leads into that: None in the function where all begins.
    """

    view: View
    node: Node
    callee: Node
    meaning: Meaning
    in_loop: bool
    via: tuple[str, ...]
    frame: Frame | None
    function: Node
    by: Reached | None = None

    @property
    def start(self) -> Node:
        """The call in the function where all begins that leads to this one: itself, where it stands there."""
        call = self
        while call.by is not None:
            call = call.by
        return call.node

    @property
    def written(self) -> str:
        """What is called, as the code has it, on one line of sixty characters at most."""
        text = " ".join(self.view.source.text(self.callee).split())
        # Masked before it is cut: half an address no longer shows what in it is a password.
        return text if len(text) < 60 else f"…{redact_text(text)[-58:]}"

    def arguments(self) -> dict[int | str, Place | Meaning]:
        """The arguments by position and keyword, seen with the parameters of the functions on the way bound."""
        return self.view.evaluator.arguments(Place(self.view.source, self.node, self.frame))


class Bodies:
    """The functions of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._found = workspace, Found()

    def view(self, path: str) -> View:
        """A file as readers see it; what is found in it goes nowhere."""
        return self._workspace.view(path, self._found)

    def calls(self, view: View, function: Node, depth: int = DEPTH) -> Iterator[Reached]:
        """Every call in `function`, and in what it calls of the project's production code, nearer ones first; each place once."""
        entered = {(view.source.path, function.start_byte)}
        pending: list[tuple[View, Node, Frame | None, Reached | None]] = [(view, function, None, None)]
        while pending:
            inside, body, frame, by = pending.pop(0)
            looped, via = (by.in_loop, (*by.via, _label(by.meaning))) if by is not None else (False, ())
            for node in inside.source.below(body, *_CALLS):
                callee = callee_of(node)
                if callee is None:
                    continue
                meaning = inside.evaluator.of(inside.source, callee, frame)
                call = Reached(inside, node, callee, meaning, looped or inside.in_loop(node), via, frame, body, by)
                yield call
                if not isinstance(meaning, Defined) or meaning.place.node.type not in FUNCTIONS or len(via) >= depth:
                    continue
                path, called = meaning.place.source.path, meaning.place.node
                if (path, called.start_byte) not in entered and not area_of(path):
                    entered.add((path, called.start_byte))
                    inner = inside.evaluator.enter(meaning, call.arguments())
                    pending.append((self.view(path), called, inner, call))


def _label(function: Meaning) -> str:
    name = name_of(function.place.node) if isinstance(function, Defined) else None
    return function.place.source.text(name) if isinstance(function, Defined) and name is not None else "a function"
