"""What a call hands over: arguments for the job's function, and options for the sending."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from migrator.jobs import Argument, Expression, Value
from migrator.scanners.linking import Instance, Place
from migrator.scanners.reading import View
from migrator.syntax.source import span
from migrator.syntax.tree import field as child

_PARTIALS = (b"partial", b"functools.partial")


class Passing(msgspec.Struct, frozen=True):
    """`arguments` for the job's function, `options` of the sending as places."""

    arguments: tuple[Argument, ...] = ()
    options: dict[str, Place] = msgspec.field(default_factory=dict)

    def written(self, view: View) -> dict[str, Value]:
        """The options as written; `**` marks options that only the run knows."""
        return {k: view.value(v) for k, v in self.options.items()}

    def given(self, view: View, name: str) -> Value | None:
        """An option's value; None where it is absent or `None`."""
        place = self.options.get(name)
        return view.value(place) if place is not None and not is_none(place) else None


def direct(view: View, call: Place) -> Passing:
    """`delay(*args, **kwargs)`: everything is for the function."""
    return Passing(tuple(view.argument(value, name, star) for name, star, value in written(call)))


def split(view: View, call: Place, positional: tuple[str, ...]) -> Passing:
    """`apply_async(args, kwargs, **options)`, with the names of its positional parameters."""
    options = named(call, positional)
    arguments = listed(view, options.pop("args", None), options.pop("kwargs", None))
    return Passing(arguments, options)


def reserving(view: View, call: Place, reserved: frozenset[str], positional: tuple[str, ...] = ()) -> Passing:
    """`enqueue(f, 1, job_timeout=5, to="x")`: positions named in `positional` and keywords of `reserved` are options, the rest goes on.

    An `args` or `kwargs` that is reserved holds arguments.
    """
    options: dict[str, Place] = {}
    arguments: list[Argument] = []
    given = list(written(call))
    waiting = [p for p in positional if all(p != name for name, _, _ in given)]
    for name, star, value in given:
        if name in reserved or name in positional:
            options[name] = value
        elif not name and not star and waiting:
            options[waiting.pop(0)] = value
        else:
            arguments.append(view.argument(value, name, star))
    held = listed(view, options.pop("args", None), options.pop("kwargs", None))
    return Passing((*arguments, *held), options)


def named(call: Place, positional: tuple[str, ...]) -> dict[str, Place]:
    """Every argument of a call by its parameter's name; `#n` for a position without one, `*` and `**` for unpacked ones."""
    options: dict[str, Place] = {}
    position = 0
    for name, star, value in written(call):
        if name or star:
            options[name or star] = value
        else:
            options[positional[position] if position < len(positional) else f"#{position}"] = value
            position += 1
    return options


def option_arguments(call: Place) -> dict[str, Place]:
    """Keyword arguments of `sig.set(queue="x")`."""
    return {name or star: value for name, star, value in written(call) if name or star}


def listed(view: View, args: Place | None, kwargs: Place | None) -> tuple[Argument, ...]:
    """Arguments that are given as a list and a dictionary."""
    return (*_positional(view, args), *_keywords(view, kwargs))


def written(call: Place) -> Iterator[tuple[str, str, Place]]:
    """(keyword, star, value) of each argument, in order: of `partial(f, 1)` those that `f` will get."""
    arguments = child(call.node, "arguments")
    if arguments is None:
        return
    if arguments.type == "generator_expression":
        yield "", "", Place(call.source, arguments, call.frame)
        return
    function = child(call.node, "function")
    prepares = function is not None and function.text in _PARTIALS
    for node in arguments.named_children[prepares:]:
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


def is_none(place: Place) -> bool:
    """True where `None` is written."""
    return place.node.type == "none"


def _positional(view: View, place: Place | None) -> Iterator[Argument]:
    """The elements of a tuple or list that stands there; anything else is unpacked as a whole."""
    if place is None or is_none(place):
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
    if place is None or is_none(place):
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
        for name, star, value in written(place):
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
