"""What a call hands to a task: the arguments for its function, and the options of the sending."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypedDict

from migrator.jobs import Argument, Expression, Value
from migrator.scanners.linking import Instance, Place
from migrator.scanners.reading import View
from migrator.syntax.source import span
from migrator.syntax.tree import field as child

#: positional parameters of the calls that take the task's arguments in a list and a dictionary (celery 5.7.0)
APPLY_ASYNC = ("args", "kwargs", "task_id", "producer", "link", "link_error", "shadow")
APPLY = ("args", "kwargs", "link", "link_error", "task_id", "retries", "throw", "logfile", "loglevel", "headers")
SEND_TASK = (
    *("name", "args", "kwargs", "countdown", "eta", "task_id", "producer", "connection", "router", "result_cls", "expires"),
    *("publisher", "link", "link_error", "add_to_parent", "group_id", "group_index", "retries", "chord", "reply_to"),
    *("time_limit", "soft_time_limit", "root_id", "parent_id", "route_name", "shadow", "chain", "task_type"),
)
SIGNATURE = ("args", "kwargs")
NAMED_SIGNATURE = ("name", "args", "kwargs")


class Fields(TypedDict, total=False):
    """The neutral fields of `Enqueue` that options fill."""

    delay: Value
    eta: Value
    queue: Value
    priority: Value
    expires: Value


@dataclass(frozen=True)
class Passing:
    """`arguments` for the task's function, `options` of the sending as places."""

    arguments: tuple[Argument, ...] = ()
    options: dict[str, Place] = field(default_factory=dict)

    def with_options(self, other: dict[str, Place]) -> Passing:
        """The same with further options, which win."""
        return Passing(self.arguments, {**self.options, **other})

    def fields(self, view: View) -> Fields:
        """The neutral fields of `Enqueue` that the options fill."""
        given = {k: view.value(v) for k, v in self.options.items() if not _is_none(v)}
        fields: Fields = {}
        if "countdown" in given:
            fields["delay"] = given["countdown"]
        for name in ("eta", "queue", "priority", "expires"):
            if name in given:
                fields[name] = given[name]
        return fields

    def written(self, view: View) -> dict[str, Value]:
        """The options as written; `**` marks options that only the run knows."""
        return {k: view.value(v) for k, v in self.options.items()}


def direct(view: View, call: Place) -> Passing:
    """`delay(*args, **kwargs)`: everything is for the function."""
    return Passing(tuple(view.argument(value, name, star) for name, star, value in _written(call)))


def split(view: View, call: Place, positional: tuple[str, ...]) -> Passing:
    """`apply_async(args, kwargs, **options)`, with the names of its positional parameters."""
    options: dict[str, Place] = {}
    position = 0
    for name, star, value in _written(call):
        if name or star:
            options[name or star] = value
        else:
            options[positional[position] if position < len(positional) else f"#{position}"] = value
            position += 1
    arguments = (*_positional(view, options.pop("args", None)), *_keywords(view, options.pop("kwargs", None)))
    return Passing(arguments, options)


def option_arguments(call: Place) -> dict[str, Place]:
    """Keyword arguments of `sig.set(queue="x")`."""
    return {name or star: value for name, star, value in _written(call) if name or star}


def listed(view: View, args: Place | None, kwargs: Place | None) -> tuple[Argument, ...]:
    """Arguments that are given as a list and a dictionary."""
    return (*_positional(view, args), *_keywords(view, kwargs))


def _written(call: Place) -> Iterator[tuple[str, str, Place]]:
    """(keyword, star, value) of each argument, in order."""
    arguments = child(call.node, "arguments")
    if arguments is None:
        return
    if arguments.type == "generator_expression":
        yield "", "", Place(call.source, arguments, call.frame)
        return
    for node in arguments.named_children:
        match node.type:
            case "comment":
                continue
            case "keyword_argument":
                name, value = child(node, "name"), child(node, "value")
                if name is not None and value is not None:
                    yield call.source.text(name), "", Place(call.source, value, call.frame)
            case "list_splat" | "dictionary_splat":
                yield "", "*" if node.type == "list_splat" else "**", Place(call.source, node.named_children[0], call.frame)
            case _:
                yield "", "", Place(call.source, node, call.frame)


def _positional(view: View, place: Place | None) -> Iterator[Argument]:
    """The elements of a tuple or list that stands there; anything else is unpacked as a whole."""
    if place is None or _is_none(place):
        return
    place = view.evaluator.origin(place)
    if place.node.type not in ("tuple", "list"):
        yield Argument(Expression(place.text), span(place.node), star="*")
        return
    for node in place.node.named_children:
        if node.type == "list_splat":
            yield view.argument(Place(place.source, node.named_children[0], place.frame), star="*")
        elif node.type != "comment":
            yield view.argument(Place(place.source, node, place.frame))


def _keywords(view: View, place: Place | None) -> Iterator[Argument]:
    """The entries of a dictionary that stands there; anything else is unpacked as a whole."""
    if place is None or _is_none(place):
        return
    place = view.evaluator.origin(place)
    pairs = list(_pairs(view, place))
    if any(name is None for name, _ in pairs) or not (pairs or place.node.type == "dictionary" or _is_dict_call(view, place)):
        yield Argument(Expression(place.text), span(place.node), star="**")
        return
    for name, value in pairs:
        yield view.argument(value, name or "", "" if name else "**")


def _pairs(view: View, place: Place) -> Iterator[tuple[str | None, Place]]:
    """(name, value) of a dictionary display or `dict(…)`; an empty name for an unpacked one, None for a key that is no name."""
    if _is_dict_call(view, place):
        for name, star, value in _written(place):
            yield (name if name or star == "**" else None), value
        return
    for node in place.node.named_children if place.node.type == "dictionary" else ():
        if node.type == "dictionary_splat":
            yield "", Place(place.source, node.named_children[0], place.frame)
        elif node.type == "pair":
            key, value = child(node, "key"), child(node, "value")
            if key is not None and value is not None:
                name = view.evaluator.text(Place(place.source, key, place.frame))
                yield (name if name.isidentifier() else None), Place(place.source, value, place.frame)


def _is_dict_call(view: View, place: Place) -> bool:
    meaning = view.evaluator.meaning(place)
    return isinstance(meaning, Instance) and meaning.of.key == "builtins.dict" and place.node.type == "call"


def _is_none(place: Place) -> bool:
    return place.node.type == "none"
