"""A call within a function of the project as the callers of that function make it, once for each round of the loops around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
from tree_sitter import Node

from migrator.jobs import Expression, Item, Job, Schedule, literal_of
from migrator.scanners.files import area_of
from migrator.scanners.leading import root_package
from migrator.scanners.linking import UNKNOWN, Defined, Evaluator, Frame, Instance, Meaning, Namespace, Place, Structure
from migrator.scanners.linking.calls import called_of, handed_of
from migrator.scanners.linking.conditions import reached
from migrator.scanners.linking.fills import filled_rounds
from migrator.scanners.linking.loops import rounds
from migrator.scanners.linking.values import same_place
from migrator.scanners.reading import Call, View
from migrator.scanners.typescript.statements import holder
from migrator.syntax.source import span
from migrator.syntax.tree import callee_of, contains, enclosing, name_of, walk
from migrator.syntax.tree import field as child

#: what parameters are named with, and texts as they are written
_PARAMETERS = ("identifier", "shorthand_property_identifier_pattern")
_TEXTS = ("string", "template_string")
#: entries of a definition that say what is run, where that cannot be followed
_HANDLERS = frozenset(("handler", "handle", "run", "process", "processor", "execute", "perform", "fn", "callback", "worker", "task", "job"))


def seen_from(site: Call, callee: Defined, inner: Call) -> list[Call]:
    """The call `inner` within the function `callee` as the caller at `site` makes it; none where it is not reached from there."""
    evaluator = site.view.evaluator
    if _of_another(callee, inner):
        return []
    frame = replace(evaluator.enter(callee, handed_of(site.inner)), site=site.inner)
    name = name_of(callee.place.node)
    via = (callee.place.source.text(name) if name is not None else callee.name or site.view.source.text(site.name), *inner.via)
    within = Place(inner.view.source, inner.node, frame)
    found: list[Call] = []
    for seen in rounds(evaluator, within) or [frame]:
        if reached(evaluator, msgspec.structs.replace(within, frame=seen)):
            place = _within(evaluator, inner.inner, seen)
            if not _all_reached(evaluator, place):
                continue
            function = called_of(place.node)
            meaning: Meaning = evaluator.of(place.source, function, place.frame) if function is not None else UNKNOWN
            if not root_package(meaning) or (inner.doubt and root_package(meaning) != root_package(inner.callee)):
                # A client that is known by its name alone is no more than that from outside.
                meaning = inner.callee
            about = element_of(site.view, seen) or inner.about or _told_by(site.view, place, _module_of(place.frame) or _module_of(seen))
            if about is not None and _is_made_of_what_is_handed_in(about, callee):
                about = None
            found.append(Call(site.view, site.node, meaning, meaning.key, site.name, place, via, inner.doubt or site.doubt, about))
    return found


def _of_another(callee: Defined, inner: Call) -> bool:
    """True if `inner` calls what one instance was made with, and the method is called on another one, or on one that is not known."""
    place: Place | None = inner.inner
    while place is not None and place.frame is not None:
        if _only_made(place.frame, callee.place.node):
            made, own = place.frame.this, callee.owner
            calls = [each.call if isinstance(each, Instance) else None for each in (made, own)]
            return calls[0] is not None and (calls[1] is None or not same_place(calls[0], calls[1]))
        place = place.frame.site
    return False


def _only_made(frame: Frame, function: Node) -> bool:
    """True for a method of which no more is known than what its instance was made with."""
    return frame.function.id == function.id and not frame.arguments and frame.site is None and frame.this is not None


def _is_made_of_what_is_handed_in(about: Place, callee: Defined) -> bool:
    """True for `{ name, handler }` in `register(name, handler)`: who calls that says what the object does not."""
    function, node = callee.place.node, about.node
    if node.type != "object" or about.source is not callee.place.source or not contains(function, node):
        return False
    entries = [child(entry, "value") or entry for entry in node.named_children]
    handed = {about.source.text(name) for name in walk(child(function, "parameters") or function, _PARAMETERS)}
    return any(about.source.text(entry) in handed for entry in entries) and not any(e.type in _TEXTS for e in entries)


def passed_up(site: Call) -> list[Call]:
    """What the method of a mixin that is called passes on to `super()`, where only the class of the instance says what that leads to."""
    callee, evaluator = site.callee, site.view.evaluator
    if not isinstance(callee, Defined) or not callee.place.source.is_python or not isinstance(callee.owner, Instance):
        return []
    source, found = callee.place.source, list[Call]()
    passing = f"super().{callee.name}".encode()
    for node in walk(callee.place.node, ("call",)) if passing in source.data else ():
        function = callee_of(node)
        # Where the file of the mixin tells, the method is a wrapper like any other.
        if function is not None and function.text == passing and root_package(evaluator.of(source, function)) in ("", "builtins"):
            inner = Call(replace(site.view, source=source), node, UNKNOWN, "", function, Place(source, node))
            found += [each for each in seen_from(site, callee, inner) if root_package(each.callee)]
    return found


def _all_reached(evaluator: Evaluator, place: Place) -> bool:
    """True if nothing is known to keep out the call, or any of the calls that lead to it."""
    seen: Place | None = place
    while seen is not None:
        if not reached(evaluator, seen):
            return False
        frame = seen.frame
        while frame is not None and frame.site is None:
            frame = frame.parent
        seen = frame.site if frame is not None else None
    return True


def in_rounds(call: Call) -> Iterator[Call]:
    """A call in loops over something known, once for each round; none outside of such loops."""
    evaluator = call.view.evaluator
    for frame in rounds(evaluator, call.inner) if call.inner.frame is None else ():
        if reached(evaluator, msgspec.structs.replace(call.inner, frame=frame)):
            inner = msgspec.structs.replace(call.inner, frame=frame)
            function = callee_of(inner.node)
            # What is called may itself be of the element: `job.queue.process(job.handler)`.
            known = bool(root_package(call.callee)) or function is None
            callee = call.callee if known or function is None else evaluator.of(inner.source, function, frame)
            about = element_of(call.view, frame) or _told_by(call.view, inner, _module_of(frame))
            yield replace(call, inner=inner, callee=callee, key=callee.key, about=about)


def filled_by(call: Call) -> Iterator[Call]:
    """A call in a loop over something that is filled elsewhere, as whatever puts something in there makes it."""
    evaluator = call.view.evaluator
    for each in filled_rounds(evaluator, call.place):
        fill, view = each.fill, replace(call.view, source=each.fill.source)
        name = child(callee_of(fill.node), "property") or child(callee_of(fill.node), "attribute") or fill.node
        via = tuple(filter(None, (call.view.around(call.node), *call.via)))
        about = element_of(view, each.frame)
        inner = _within(evaluator, call.inner, each.frame)
        function = called_of(inner.node)
        # What is called may itself be what was put in.
        known = bool(root_package(call.callee)) or function is None
        callee = call.callee if known or function is None else evaluator.of(inner.source, function, inner.frame)
        yield Call(view, fill.node, callee, callee.key, name, inner, via, call.doubt, about)


def element_of(view: View, frame: Frame | None) -> Place | None:
    """The object, or the entry of an object, that the innermost loop with such elements is about in this round."""
    while frame is not None and frame.element is not None:
        if isinstance(frame.element, Place):
            meaning = view.evaluator.meaning(frame.element)
            if isinstance(meaning, Structure) and not meaning.is_list:
                # What a function makes is the same object in the code for all of its calls.
                return meaning.place if meaning.place.frame is frame.element.frame else frame.element
            entry = frame.element.node if _is_entry(frame.element.node) else frame.element.node.parent
            if isinstance(meaning, Defined) and entry is not None and _is_entry(entry):
                return msgspec.structs.replace(frame.element, node=entry)
        frame = frame.parent
    return None


def from_folder(call: Call) -> bool:
    """True in a round about one of the files of a folder."""
    return _module_of(call.inner.frame) is not None


def _module_of(frame: Frame | None) -> Namespace | None:
    while frame is not None and not isinstance(frame.element, Namespace):
        frame = frame.parent
    return frame.element if frame is not None and isinstance(frame.element, Namespace) else None


def _told_by(view: View, inner: Place, module: Namespace | None) -> Place | None:
    """Where a module that was found in a folder says what is made of it: the object, or the statement."""
    for given in view.evaluator.arguments(inner).values() if module is not None else ():
        origin = view.evaluator.origin(given) if isinstance(given, Place) else None
        if origin is not None and module is not None and origin.source.path == module.path:
            told = enclosing(origin.node, ("object", "expression_statement", "lexical_declaration"))
            return msgspec.structs.replace(origin, node=told) if told is not None else origin
        meaning = view.evaluator.meaning(given) if isinstance(given, Place) else None
        whole = view.evaluator.export(meaning.path, "default") if isinstance(meaning, Namespace) and meaning == module else meaning
        if isinstance(whole, Structure) and not whole.is_list and module is not None and whole.place.source.path == module.path:
            return whole.place
    return None


def moved(item: Item, about: Place, view: View) -> Item:
    """A definition or schedule at the object that says what it is; anything else stands where the call stands."""
    source, node = about.source, about.node
    # A function that is a job because it is named somewhere stands where it is written.
    if isinstance(item, Job) and (item.form == "function" or not _handles(about, view)):
        return item
    if isinstance(item, Job | Schedule) and item.location.path == view.source.path:
        whole = {"location": source.location(_declared(node)), "area": area_of(source.path)}
        if isinstance(item, Schedule):
            told = _moment(item, about, view)
            whole["location"] = source.location(told) if told is not None else whole["location"]
            return msgspec.structs.replace(item, entry=span(node), **whole)
        symbol, _ = holder(source, node)
        return msgspec.structs.replace(item, definition=span(node), symbol=symbol, module=view.project.module_of(source.path), **whole)
    return item


def _moment(schedule: Schedule, about: Place, view: View) -> Node | None:
    """Where a definition says when it runs; None for an object that says nothing else: it is the schedule itself."""
    when = schedule.cron if schedule.cron is not None else schedule.interval
    known, written = literal_of(when), when.source if isinstance(when, Expression) else ""
    handled = _handles(about, view)
    for pair in walk(about.node, ("pair",)) if known is not None or written else ():
        value = child(pair, "value")
        if value is None:
            continue
        said = about.source.text(value) == written if written else view.evaluator.known(Place(about.source, value, about.frame)) == known
        if said:
            return pair if handled or pair.parent != about.node else None
    return None


def _handles(about: Place, view: View) -> bool:
    """True for a definition: an object with a function, or an entry that is one; an object of settings alone defines no job."""
    if about.node.type != "object":
        return True
    entries = view.evaluator.entries(about)
    return any(isinstance(view.evaluator.meaning(entry), Defined | Instance) or name in _HANDLERS for name, entry in entries.items())


def _declared(about: Node) -> Node:
    """`defineJob<Payload>({ … })` of the object in it, where that is all it is handed: who reads on stands at the call."""
    call = about.parent.parent if about.type == "object" and about.parent is not None and about.parent.type == "arguments" else None
    whole = call is not None and call.type == "call_expression" and about.parent is not None and len(about.parent.named_children) == 1
    return call if whole and call is not None else about


def _is_entry(node: Node) -> bool:
    return node.type in ("pair", "shorthand_property_identifier", "method_definition")


def _within(evaluator: Evaluator, place: Place, frame: Frame, done: dict[int, Frame] | None = None) -> Place:
    """`place` with `frame` around it: where it was already seen from a call, that call's own arguments are now seen from `frame`.

    `done`: the frames that are around it already, by the id of what they were. Arguments of one call share theirs.
    """
    return msgspec.structs.replace(place, frame=_around(evaluator, place.frame, frame, {} if done is None else done))


def _around(evaluator: Evaluator, known: Frame | None, frame: Frame, done: dict[int, Frame]) -> Frame:
    if known is None:
        return frame
    if _only_made(known, frame.function):
        return replace(frame, this=known.this)
    if id(known) not in done:
        arguments = {k: _within(evaluator, v, frame, done) if isinstance(v, Place) else v for k, v in known.arguments.items()}
        # What is around a round of a loop is seen from there, too.
        looped = known.element is not None and known.parent is not None
        parent = _around(evaluator, known.parent, frame, done) if looped else known.parent
        element = _within(evaluator, known.element, frame, done) if isinstance(known.element, Place) else known.element
        site = _within(evaluator, known.site, frame, done) if known.site is not None else None
        this = _instance(evaluator, site) or known.this
        done[id(known)] = replace(known, arguments=arguments, parent=parent, element=element, site=site, this=this)
    return done[id(known)]


def _instance(evaluator: Evaluator, site: Place | None) -> Meaning | None:
    """On what the call at `site` calls its method, seen from further out."""
    callee = callee_of(site.node) if site is not None else None
    meaning = evaluator.of(site.source, callee, site.frame) if site is not None and callee is not None else None
    return meaning.owner if isinstance(meaning, Defined) else None
