"""What runs again and again for as long as the process lives: `setInterval`, timers that set themselves again, loops that sleep."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.linking import Defined, Place
from migrator.scanners.reading import View
from migrator.scanners.typescript.handlers import function_of
from migrator.syntax.tree import CLASSES, FUNCTIONS, ancestors, callee_of, enclosing, name_of, walk
from migrator.syntax.tree import field as child

_PAUSES = r"(sleep|delay|wait|pause|snooze|timeout|setTimeout|scheduler\.wait)\w*"
_PAUSE = regex(rf"^{_PAUSES}$", re.IGNORECASE)
_ENDLESSLY = r"\(\s*(?:true|1|!?\s*(?:this\.)?_?#?\w*(?:stop|clos|run|shut|abort|exit|active|alive|cancel)\w*(?:\.\w+)*(?:\(\))?)\s*\)"
_ENDLESS = regex(rf"^{_ENDLESSLY}$", re.IGNORECASE)
#: what `break` leaves, and how code says that the process is to end
_LEFT = ("while_statement", "for_statement", "do_statement", "for_in_statement", "switch_statement")
_STOPS = regex(r"stop|abort|shut|clos|signal|running|exit|cancel|terminat|destroy", re.IGNORECASE)
#: where a timer tries again what has failed
_FAILED = regex(r"(connect|retry|retries|attempt|backoff|listen)", re.IGNORECASE)
#: how many calls deep the way back to the timer is looked for
_LAYERS = 3
#: the same in a file that is not parsed; comments of documentation, in which no line can hold code
_SETS = regex(r"set(?:Interval|Timeout)\b")
_LOOPS = (regex(rf"while\s*(?:/[/*]|(?i:{_ENDLESSLY}))"), regex(r"for *\( *; *; *\)"))
_PAUSES_SOMEWHERE = regex(rf"(?<![\w$]){_PAUSES}\s*(?:[(<`]|\?\.|[!)]\s*[(<!)?]|/[/*])", re.IGNORECASE)
_DOCUMENTATION = regex(r"^[ \t]*+/\*(?:[^\n*]++|\*(?!/))*+(?:\n[ \t]*+\*(?!/)(?:[^\n*]++|\*(?!/))*+)*+(?:\n[ \t]*+)?\*/", re.MULTILINE)


class Recurring(msgspec.Struct, frozen=True):
    """One of them: where it stands, the function that it runs, milliseconds between two rounds, and what people call it."""

    shape: str
    at: Node
    callback: Place
    pause: Place | None
    name: str
    #: set only where none is set, and forgotten when it rings: it puts off what others ask for
    debounces: bool = False


def may_recur(data: bytes) -> bool:
    """False for a file in which `recurring` finds nothing, as its text shows: most loops end, and documentation sets no timers."""
    text = data.decode("utf-8", "replace")
    return _may_recur(text) and _may_recur(_DOCUMENTATION.sub("", text))


def _may_recur(text: str) -> bool:
    return bool(_SETS.search(text)) or (any(loop.search(text) for loop in _LOOPS) and bool(_PAUSES_SOMEWHERE.search(text)))


def recurring(view: View) -> Iterator[Recurring]:
    """Every one of a file; a loop within a loop counts once."""
    view.source.look_for("call_expression", "while_statement", "for_statement", "do_statement")
    for call in view.source.nodes("call_expression"):
        callee = callee_of(call)
        name = view.source.text(child(callee, "property") or callee) if callee is not None else ""
        if name in ("setInterval", "setTimeout") and callee is not None and _is_global(view, callee):
            found = _timer(view, call, name)
            if found is not None:
                yield found
    for loop in view.source.nodes("while_statement", "for_statement", "do_statement"):
        found = _loop(view, loop)
        if found is not None:
            yield found


def _is_global(view: View, callee: Node) -> bool:
    """True for the platform's own function, not a method of the project."""
    if callee.type == "identifier":
        return True
    owner = child(callee, "object")
    return owner is not None and view.source.text(owner) in ("global", "globalThis", "timers")


def _timer(view: View, call: Node, method: str) -> Recurring | None:
    setter, once = _named_around(call), method == "setTimeout"
    # What shows where the timer is set comes before what it runs, which may stand in another file.
    if _is_awaited(call) or (setter is None or _is_second_try(view, call, setter) if once else _is_cleared(call)):
        return None
    given = view.evaluator.arguments(view.place(call))
    first, pause = given.get(0), given.get(1)
    callback = _callback(view, first) if isinstance(first, Place) else None
    if callback is None:
        return None
    if once and (setter is None or not _comes_back(view, callback, setter)):
        return None
    # It ends by itself.
    if not once and any(_clears(inner) for inner in walk(callback.node, ("call_expression",))):
        return None
    place = pause if isinstance(pause, Place) else None
    name = _called(view, callback) or _called(view, view.place(setter) if setter is not None else None)
    return Recurring(method, call, callback, place, name, once and _is_debounced(view, call, callback))


def _is_debounced(view: View, call: Node, callback: Place) -> bool:
    """`if (!this.timer) this.timer = setTimeout(() => { this.timer = null; … })`."""
    assigned = call.parent if call.parent is not None and call.parent.type == "assignment_expression" else None
    holder = child(assigned, "left")
    around = enclosing(assigned, ("if_statement", *FUNCTIONS)) if assigned is not None else None
    condition = child(around, "condition")
    if holder is None or condition is None or view.source.text(condition).replace(" ", "") != f"(!{view.source.text(holder)})":
        return False
    return any(
        (left := child(each, "left")) is not None and left.text == holder.text for each in walk(callback.node, ("assignment_expression",))
    )


def _callback(view: View, first: Place) -> Place | None:
    """The function that is run, also where it is bound."""
    found = function_of(view, first)
    if found is not None:
        return found
    callee = callee_of(first.node) if first.node.type == "call_expression" else None
    name = child(callee, "property")
    bound = child(callee, "object") if name is not None and view.source.text(name) == "bind" else None
    return function_of(view, Place(first.source, bound, first.frame)) if bound is not None else None


def _is_awaited(call: Node) -> bool:
    """`new Promise((resolve) => setTimeout(resolve, ms))` only waits."""
    function = enclosing(call, FUNCTIONS)
    outer = function.parent.parent if function is not None and function.parent is not None and function.parent.type == "arguments" else None
    callee = callee_of(outer) if outer is not None and outer.type == "new_expression" else None
    return callee is not None and callee.text == b"Promise"


def _is_cleared(call: Node) -> bool:
    """True for a timer that ends with what set it: it only waits for something, or accompanies it."""
    function = enclosing(call, FUNCTIONS)
    following = walk(function, ("call_expression",), skip=FUNCTIONS) if function is not None else ()
    return any(_clears(inner) and inner.start_byte > call.end_byte for inner in following)


def _clears(call: Node) -> bool:
    callee = callee_of(call)
    return callee is not None and callee.text == b"clearInterval"


def _named_around(node: Node) -> Node | None:
    function = enclosing(node, FUNCTIONS)
    while function is not None and name_of(function) is None:
        function = enclosing(function, FUNCTIONS)
    return function


def _comes_back(view: View, callback: Place, setter: Node) -> bool:
    """True if what the timer runs leads to the function that set it."""
    if callback.node == setter:
        return True
    name = name_of(setter)
    wanted = name.text if name is not None else None
    waiting, seen = [(callback, 0)], set[int]()
    while waiting:
        place, layer = waiting.pop()
        if place.node.id in seen:
            continue
        seen.add(place.node.id)
        for call in walk(place.node, ("call_expression",)):
            callee = callee_of(call)
            last = child(callee, "property") or callee
            if last is not None and last.text == wanted:
                return True
            meaning = view.evaluator.of(place.source, callee, place.frame) if callee is not None and layer < _LAYERS else None
            if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS and meaning.place.source is view.source:
                waiting.append((meaning.place, layer + 1))
    return False


def _is_second_try(view: View, call: Node, setter: Node) -> bool:
    """True where the timer is set because something has failed."""
    name = name_of(setter)
    if name is not None and _FAILED.search(view.source.text(name)):
        return True
    for ancestor in ancestors(call):
        if ancestor == setter:
            return False
        if ancestor.type == "catch_clause":
            return True
        callee = callee_of(ancestor) if ancestor.type == "call_expression" else None
        method = child(callee, "property")
        if method is not None and view.source.text(method) in ("catch", "on", "once", "addEventListener"):
            return True
    return False


def _loop(view: View, loop: Node) -> Recurring | None:
    """`while (true) { …; await sleep(ms); }`."""
    text = view.source.text
    condition, body = child(loop, "condition"), child(loop, "body")
    if body is None:
        return None
    if loop.type == "for_statement":
        endless = text(loop).replace(" ", "").startswith("for(;;)")
    else:
        endless = condition is not None and bool(_ENDLESS.match(text(condition)))
    function = _named_around(loop)
    if not endless or function is None or _ends(view, body):
        return None
    for call in walk(body, ("call_expression",), skip=CLASSES):
        callee = callee_of(call)
        last = child(callee, "property") or callee
        if last is None or not _PAUSE.match(text(last)):
            continue
        given = view.evaluator.arguments(view.place(call))
        pause = given.get(1 if text(last) == "setTimeout" else 0)
        place = Place(view.source, body)
        return Recurring("loop", loop, place, pause if isinstance(pause, Place) else None, _called(view, view.place(function)))
    return None


def _ends(view: View, body: Node) -> bool:
    """True if the loop is left when its work is done, and not only because the process is."""
    for leave in walk(body, ("break_statement", "return_statement"), skip=FUNCTIONS):
        if leave.type == "break_statement" and enclosing(leave, _LEFT) != body.parent:
            continue
        condition = child(enclosing(leave, ("if_statement",)), "condition")
        if condition is None or condition.start_byte < body.start_byte or not _STOPS.search(view.source.text(condition)):
            return True
    return False


def _called(view: View, function: Place | None) -> str:
    """A function's name, or that of the only thing it calls."""
    name = name_of(function.node) if function is not None else None
    if function is not None and name is not None and name.type != "default":
        return function.source.text(name).removeprefix("this.").lstrip("#")
    calls = list(walk(function.node, ("call_expression",))) if function is not None else []
    callees = [c for call in calls if (c := callee_of(call)) is not None]
    named = [view.source.text(child(c, "property") or c) for c in callees if c.type in ("identifier", "member_expression")]
    mine = [n for n in named if n not in ("catch", "then", "finally", "log", "error", "info", "warn", "debug")]
    return mine[0] if len(set(mine)) == 1 and function is not None and function.source is view.source else ""
