"""What a meaning is in Procrastinate's terms: an app or blueprint, a task, something that defers one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import msgspec
from tree_sitter import Node

from migrator.scanners.linking import Defined, Evaluator, External, Instance, Meaning, Member, Place
from migrator.scanners.python.functions import Function, decorators, function_of, name_of
from migrator.scanners.python.passing import named

SYSTEM = "procrastinate"

APPS = frozenset(("procrastinate.App", "procrastinate.app.App", "procrastinate.AsyncApp"))
BLUEPRINTS = frozenset(("procrastinate.Blueprint", "procrastinate.blueprints.Blueprint"))
_READY = frozenset(
    (
        *("procrastinate.contrib.django.app", "procrastinate.contrib.django.procrastinate_app.app"),
        *("procrastinate.contrib.django.procrastinate_app.current_app", "procrastinate.contrib.django.procrastinate_app.ProxyApp"),
    )
)
#: methods of an app that give it, or one like it
_SAME = frozenset(("open", "open_async", "with_connector", "replace_connector", "from_path", "__enter__", "__aenter__"))
DEFERS = frozenset(("defer", "defer_async", "batch_defer", "batch_defer_async"))
#: types of what is handed in: whoever hands it in says which task that is
_SAID = frozenset(("procrastinate.tasks.Task", "procrastinate.jobs.JobDeferrer", "procrastinate.JobDeferrer"))
_BUILTIN = "procrastinate.builtin_tasks."
_DEPTH = 6


@dataclass(frozen=True)
class Layer:
    """A decorator of Procrastinate's, or a call that stands for one: `method` of an app or blueprint with its `options`."""

    method: str
    owner: Meaning
    options: Mapping[str, Place]
    decorator: Node | None = None
    call: Place | None = None


@dataclass(frozen=True)
class Task:
    """A task as far as its uses can tell: `job` is `module:symbol` in the project, `name` Procrastinate's name; either may be empty.

    `options` are those of `configure`; `layers` is all that was done to the function, the outermost first.
    """

    name: str = ""
    job: str = ""
    function: Function | None = None
    options: Mapping[str, Place] = field(default_factory=dict[str, Place])
    layers: tuple[Layer, ...] = ()

    @property
    def definer(self) -> Layer | None:
        """What makes it a task."""
        return next((layer for layer in self.layers if layer.method == "task"), None)

    @property
    def periodics(self) -> tuple[Layer, ...]:
        """What defers it by the clock."""
        return tuple(layer for layer in self.layers if layer.method == "periodic")


class Terms(msgspec.Struct, frozen=True):
    """Reads meanings of one project."""

    evaluator: Evaluator

    def is_app(self, meaning: Meaning) -> bool:
        """True for an app or a blueprint."""
        if meaning.key in _READY:
            return True
        if not isinstance(meaning, Instance) or meaning.decorated is not None:
            return False
        if meaning.of.key in APPS | BLUEPRINTS:
            return True
        owner, name = self._parts(meaning.of)
        if name == "from_path":
            return owner is not None and owner.key in APPS
        return name in _SAME and owner is not None and self.is_app(owner)

    def app_method(self, meaning: Meaning) -> tuple[str, Meaning | None]:
        """(`task`, the app) for that method of an app; empty for anything else."""
        owner, name = self._parts(meaning)
        return (name, owner) if owner is not None and self.is_app(owner) else ("", None)

    def makes(self, meaning: Meaning) -> bool:
        """True for `app.task` and `app.periodic`."""
        return self.app_method(meaning)[0] in ("task", "periodic")

    def task(self, meaning: Meaning) -> Task | None:
        """The task that a meaning stands for, or that it will defer."""
        if isinstance(meaning, External):
            return Task(meaning.key) if meaning.key.startswith(_BUILTIN) else None
        if isinstance(meaning, Member):
            method, _ = self.app_method(meaning.of)
            return Task(meaning.name) if method == "tasks" else None
        if not isinstance(meaning, Instance):
            return None
        owner, name = self._parts(meaning.of)
        if name == "configure" and owner is not None:
            inner = self.task(owner)
            return replace(inner, options={**inner.options, **self._options(meaning.call)}) if inner is not None else None
        if self.app_method(meaning.of)[0] == "configure_task":
            options = self._options(meaning.call, ("name",))
            written = options.pop("name", None)
            return Task(self._name(written) if written is not None else "", options=options)
        return self._made(meaning)

    def _made(self, meaning: Instance) -> Task | None:
        if meaning.call is None and meaning.of.key in _SAID:
            return Task()
        if meaning.decorated is not None:
            function = function_of(self.evaluator, meaning)
            layers = tuple(self._decorating(function)) if function is not None else ()
        else:
            function, layers = self._unfolded(meaning)
        definer = next((layer for layer in layers if layer.method == "task"), None)
        if function is None or definer is None:
            return None
        written = definer.options.get("name")
        own = f"{function.module}.{function.name}"
        name = self.evaluator.text(written) if written is not None and written.node.type != "none" else own
        return Task("" if "**" in definer.options and written is None else name, function.job, function, layers=layers)

    def _decorating(self, function: Function) -> Iterator[Layer]:
        """What each decorator of a function does, from the top; decorators of the project are looked into."""
        place = function.place
        inner = Defined(place, name_of(place))
        for node in decorators(place.node):
            expression = Place(place.source, node.named_children[0], place.frame)
            made = self.evaluator.apply(self.evaluator.meaning(expression), expression, {0: inner})
            if isinstance(made, Instance):
                for layer in self._unfolded(made, plain=True)[1]:
                    yield replace(layer, decorator=node, call=layer.call or (expression if expression.node.type == "call" else None))

    def _unfolded(self, meaning: Meaning, *, plain: bool = False, depth: int = _DEPTH) -> tuple[Function | None, tuple[Layer, ...]]:
        """The function at the heart of `app.periodic(cron="…")(app.task(f))`, and what is done to it."""
        if not isinstance(meaning, Instance) or not depth:
            return None, ()
        # `app.task(name="x")(f)` is a call of a call; a decorator that takes its function or not may add one more.
        calls = [meaning]
        while isinstance(calls[-1].of, Instance):
            calls.append(calls[-1].of)
        method, owner = self.app_method(calls[-1].of)
        if owner is None or method not in ("task", "periodic"):
            return None, ()
        written = [call for call in calls if call is not meaning or not plain or len(calls) == 1]
        options = {k: v for call in written for k, v in self._options(call.call).items() if not k.startswith("#")}
        first = self.evaluator.arguments(calls[0].call).get(0) if calls[0].call is not None else None
        if not isinstance(first, Place) and len(calls) > 1 and calls[1].call is not None:
            first = self.evaluator.arguments(calls[1].call).get(0)
        layer = Layer(method, owner, options, call=calls[-1].call if len(calls) > 1 else None)
        inner = self.evaluator.meaning(first) if isinstance(first, Place) else None
        function = function_of(self.evaluator, inner) if isinstance(inner, Defined) else None
        if function is not None or inner is None:
            return function, (layer,)
        decorated = self._made(inner) if isinstance(inner, Instance) and inner.decorated is not None else None
        if decorated is not None:
            return decorated.function, (layer, *decorated.layers)
        found, layers = self._unfolded(inner, depth=depth - 1)
        return found, (layer, *layers)

    def _options(self, call: Place | None, positional: tuple[str, ...] = ()) -> dict[str, Place]:
        found = named(call, positional) if call is not None else {}
        # `app.task(**options)` in a function of the project that was given them by name.
        inner = self.evaluator.entries(found["**"]) if "**" in found else {}
        return {**{k: v for k, v in found.items() if k != "**"}, **inner} if inner and "..." not in inner else found

    def _name(self, place: Place) -> str:
        """A text, or `task.name`."""
        meaning = self.evaluator.meaning(place)
        task = self.task(meaning.of) if isinstance(meaning, Member) and meaning.name == "name" else None
        return task.name if task is not None else self.evaluator.text(place)

    @staticmethod
    def _parts(meaning: Meaning) -> tuple[Meaning | None, str]:
        if isinstance(meaning, Member):
            return meaning.of, meaning.name
        if isinstance(meaning, External) and len(meaning.path) > 1:
            return External(meaning.path[:-1]), meaning.path[-1]
        return None, ""
