"""What a meaning is in Celery's terms: an app, something that makes tasks, a task, a signature, a canvas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.scanners.by_name import depends_on_parameter
from migrator.scanners.linking import Defined, Evaluator, Instance, Meaning, Member, Place, parts
from migrator.scanners.linking.classes import attribute_candidates, base_classes
from migrator.scanners.python.functions import name_of
from migrator.syntax.tree import CLASSES, FUNCTIONS, callee_of, walk
from migrator.syntax.tree import field as child

SYSTEM = "celery"

APP_CLASSES = frozenset(
    (
        *("celery.Celery", "celery.app.Celery", "celery.app.base.Celery", "flask_celery.Celery"),
        *("tenant_schemas_celery.CeleryApp", "tenant_schemas_celery.app.CeleryApp"),
    )
)
_APPS = frozenset(
    (
        *("celery.current_app", "celery.app.current_app", "celery._state.current_app", "celery._state.get_current_app()"),
        *("celery.app.app_or_default()", "celery.app.default_app", "celery._state.default_app", "celery.current_app._get_current_object()"),
    )
)
#: `task` and `periodic_task` as plain functions are Celery 4 and older
_DEFINERS = frozenset(
    (
        *("celery.shared_task", "celery.app.shared_task", "celery.task", "celery.task.task", "celery.task.base.task"),
        *("celery.decorators.task", "celery.decorators.periodic_task", "celery.task.periodic_task", "celery.task.base.periodic_task"),
    )
)
_DEFINING_METHODS = frozenset(("task", "periodic_task", "register_task"))
_TASK_CLASSES = frozenset(
    (
        *("celery.Task", "celery.app.task.Task", "celery.app.task.BaseTask", "celery.task.Task", "celery.task.base.Task"),
        *("celery.task.base.BaseTask", "celery.task.PeriodicTask", "celery.task.base.PeriodicTask", "celery_batches.Batches"),
        *("celery_once.QueueOnce", "celery_singleton.Singleton", "celery.contrib.django.task.DjangoTask"),
        "celery.contrib.batches.Batches",
    )
)
_CANVASES = {f"{module}.{name}": name for module in ("celery", "celery.canvas") for name in ("chain", "group", "chord", "chunks")}
_NAMED_SIGNATURES = frozenset(
    (
        *("celery.signature", "celery.canvas.signature", "celery.canvas.Signature", "celery.Signature", "celery.subtask"),
        *("celery.canvas.subtask", "celery.task.subtask", "celery.task.sets.subtask"),
    )
)
#: methods of a task that make a signature
SIGNATURES = frozenset(("s", "si", "signature", "subtask", "subtask_from_request"))
#: methods of a task that make a canvas over many calls of it
SPREADS = frozenset(("map", "starmap", "chunks"))
#: methods that give the signature or canvas that they were called on, or one like it
_PASSING = frozenset(("set", "clone", "on_error", "skew", "group", "immutable", "freeze", "set_immutable"))
#: methods that put a task, signature or canvas on its way
RUNS = frozenset(("delay", "apply_async", "apply", "delay_on_commit", "apply_async_on_commit"))


@dataclass(frozen=True)
class Task:
    """A task as far as its uses can tell: `job` is `module:symbol` in the project, `name` Celery's name; either may be empty.

    `function` is what it runs, `options` everything written where it was made.
    """

    name: str = ""
    job: str = ""
    function: Place | None = None
    options: dict[str, Place] = field(default_factory=dict)
    made_by: Meaning | None = None


@dataclass(frozen=True)
class Terms:
    """Reads meanings of one project."""

    evaluator: Evaluator
    #: registering calls whose argument is being read: `f = app.task(f)` would lead back to itself
    open: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]], init=False, compare=False, repr=False)

    # -- apps and task makers -----------------------------------------------------------------------------------------

    def is_app(self, meaning: Meaning) -> bool:
        """True for an application object."""
        if meaning.key in _APPS:
            return True
        if isinstance(meaning, Member):
            return meaning.name == "app" and self.task(meaning.of) is not None
        if not isinstance(meaning, Instance) or meaning.decorated is not None:
            return False
        if isinstance(meaning.of, Defined):
            sending = self.evaluator.member(meaning, "send_task")
            return isinstance(sending, Member) and sending.of is not meaning and self.is_app(sending.of)
        return meaning.of.key in APP_CLASSES

    def is_definer(self, meaning: Meaning) -> bool:
        """True for what makes a task out of a function: `shared_task`, `app.task`."""
        return meaning.key in _DEFINERS or self.app_method(meaning) in _DEFINING_METHODS

    def app_method(self, meaning: Meaning) -> str:
        """`send_task` for that method of an application, empty for anything else."""
        owner, name = parts(meaning)
        return name if owner is not None and self.is_app(owner) else ""

    def is_task_class(self, meaning: Meaning) -> bool:
        """True for Celery's `Task` and what derives from it."""
        if isinstance(meaning, Defined) and meaning.place.node.type in CLASSES:
            source, node = meaning.place.source, meaning.place.node
            bases = (self.evaluator.of(source, b, meaning.place.frame) for b in base_classes(source, node))
            return any(b.key != meaning.key and self.is_task_class(b) for b in bases)
        if meaning.key in _TASK_CLASSES:
            return True
        return self.app_method(meaning) == "Task"

    # -- tasks --------------------------------------------------------------------------------------------------------

    def task(self, meaning: Meaning) -> Task | None:
        """The task that a meaning stands for, if it stands for one."""
        if isinstance(meaning, Member):
            if meaning.name == "__wrapped__":
                return None
            return Task(name=meaning.name) if self.app_method(meaning.of) == "tasks" else None
        if isinstance(meaning, Defined):
            return self._of_class(meaning) if self.is_task_class(meaning) else None
        if not isinstance(meaning, Instance):
            return None
        owner, name = parts(meaning.of)
        if name == "get" and owner is not None and meaning.call is not None and self.app_method(owner) == "tasks":
            first = self.evaluator.arguments(meaning.call).get(0)
            return Task(name=self.evaluator.text(first) if isinstance(first, Place) else "")
        layers = [meaning]
        while isinstance(layers[-1].of, Instance):
            layers.append(layers[-1].of)
        definer = layers[-1].of
        if isinstance(definer, Defined) and meaning.decorated is None:
            if not self.is_task_class(definer):
                return None
            return self._of_class(definer) if meaning.call is not None or self._run(definer.place) is not None else Task()
        if not self.is_definer(definer):
            if meaning.decorated is not None or definer.key not in _TASK_CLASSES:
                return None
            # Of what code only says that it is a task, its callers know which.
            return Task() if meaning.call is None else self._inheriting(meaning.call)
        if meaning.call is None and meaning.decorated is None:
            # One of several tasks.
            return Task()
        return self._defined(meaning, layers, definer)

    def _defined(self, meaning: Instance, layers: list[Instance], definer: Meaning) -> Task | None:
        options: dict[str, Place] = {}
        given: Place | None = None
        for layer in reversed(layers):
            ready = (pair for call in layer.prepared for pair in self.evaluator.arguments(call).items())
            options |= {k: v for k, v in ready if isinstance(k, str) and isinstance(v, Place)}
            for key, value in self.evaluator.arguments(layer.call).items() if layer.call is not None else ():
                if isinstance(value, Place):
                    if isinstance(key, str) and key != "*":
                        options[key] = value
                    elif key in (0, "*"):
                        given = value if key == 0 else self._first(value)
        function = self._runs(meaning, given)
        if isinstance(function, Task):
            return Task(function.name, function.job, function.function, {**function.options, **options}, definer)
        if function is None:
            # A decorator of the project makes tasks of what it is handed, and sends them itself.
            return Task(options=options) if given is not None and depends_on_parameter(self.evaluator.meaning(given)) else None
        symbol = meaning.symbol or f"{function.source.path}:{name_of(function)}"
        path, _, symbol = symbol.rpartition(":")
        job = f"{self.evaluator.project.module_of(path)}:{symbol}"
        return Task(self._name(options, function, given), job, function, options, definer)

    @staticmethod
    def _first(spread: Place) -> Place | None:
        """The first of what `*args` hands over, where a function hands on all that it was handed: `def task(*args): app.task(*args)`."""
        frame = spread.frame
        listed = child(frame.function, "parameters") if frame is not None else None
        first = listed.named_children[0] if listed is not None and listed.named_children else None
        given = frame.arguments.get(0) if frame is not None and first is not None and first.type == "list_splat_pattern" else None
        return given if isinstance(given, Place) and first is not None and first.named_children[0].text == spread.node.text else None

    def _runs(self, meaning: Instance, given: Place | None) -> Place | Task | None:
        """The function that a task runs, or the task of the class that was registered."""
        if meaning.decorated is not None:
            inner = child(meaning.decorated.node, "definition")
            return Place(meaning.decorated.source, inner, meaning.decorated.frame) if inner is not None else None
        if given is None:
            return None
        value = self.evaluator.meaning(given)
        if isinstance(value, Defined):
            return value.place if value.place.node.type in FUNCTIONS else self.task(value)
        here = (given.source.path, given.node.start_byte)
        if here in self.open or not isinstance(value, Instance):
            return None
        self.open.add(here)
        try:
            return self.task(value)
        finally:
            self.open.discard(here)

    def _name(self, options: dict[str, Place], function: Place, given: Place | None) -> str:
        if "name" in options:
            return self.evaluator.text(options["name"])
        if "**" in options:
            return ""
        wrapper = self.evaluator.meaning(given) if given is not None else None
        if isinstance(wrapper, Defined) and wrapper.place.node.id != function.node.id and not _keeps_name(wrapper.place):
            function = wrapper.place
        return f"{self.evaluator.project.module_of(function.source.path)}.{name_of(function)}"

    def _of_class(self, meaning: Defined) -> Task:
        options = self.class_options(meaning)
        module = self.evaluator.project.module_of(meaning.place.source.path)
        name = self.evaluator.text(options["name"]) if "name" in options else f"{module}.{meaning.name}"
        return Task(name, f"{module}:{meaning.name}", self._run(meaning.place), options, meaning)

    def _inheriting(self, made: Place) -> Task | None:
        """The task of a class of the project on whose instance a method of Celery's own class is called: `Plain().s()`."""
        function, frame = callee_of(made.node), made.frame
        owner = self.evaluator.of(made.source, function, frame) if function is not None else None
        if not isinstance(owner, Defined) and frame is not None and isinstance(frame.this, Instance):
            # `super().__init__()` in the constructor of that class
            owner = frame.this.of
        return self._of_class(owner) if isinstance(owner, Defined) and self.is_task_class(owner) else None

    def _run(self, place: Place, depth: int = 8) -> Place | None:
        """The method `run` of a task class, its own or that of a base class in the project."""
        own = next((c for c, _ in attribute_candidates(place.source, place.node, "run") if c.type in FUNCTIONS), None)
        if own is not None:
            return Place(place.source, own, place.frame)
        for base in base_classes(place.source, place.node) if depth else ():
            inherited = self.evaluator.of(place.source, base, place.frame)
            if isinstance(inherited, Defined) and inherited.place.node.type in CLASSES and inherited.place.node != place.node:
                found = self._run(inherited.place, depth - 1)
                if found is not None:
                    return found
        return None

    def class_options(self, meaning: Defined, depth: int = 8) -> dict[str, Place]:
        """Attributes that a task class sets, those of its base classes in the project included, by name."""
        source, node = meaning.place.source, meaning.place.node
        found: dict[str, Place] = {}
        for base in base_classes(source, node):
            inherited = self.evaluator.of(source, base, meaning.place.frame)
            if depth and isinstance(inherited, Defined) and inherited.place.node.type in CLASSES and inherited.key != meaning.key:
                # A base class is abstract or named for itself alone.
                inner = self.class_options(inherited, depth - 1)
                found = {**{k: v for k, v in inner.items() if k not in ("abstract", "name")}, **found}
        bases = child(node, "superclasses")
        for keyword in bases.named_children if bases is not None else ():
            # `class Notify(BaseTask, name="notify")`: what the base class makes of that is its name.
            name, value = child(keyword, "name"), child(keyword, "value")
            if keyword.type == "keyword_argument" and name is not None and value is not None and name.text == b"name":
                found["name"] = Place(source, value, meaning.place.frame)
        for statement in _statements(node):
            target, value = child(statement, "left"), child(statement, "right")
            if target is not None and value is not None and target.type == "identifier":
                found[source.text(target)] = Place(source, value, meaning.place.frame)
        return found

    def plain(self, meaning: Meaning) -> Task | None:
        """A function of the project as the task that it would be: for places that only take tasks."""
        if not isinstance(meaning, Defined) or meaning.place.node.type not in FUNCTIONS or meaning.owner is not None or not meaning.name:
            return None
        module = self.evaluator.project.module_of(meaning.place.source.path)
        return Task(f"{module}.{meaning.name}", f"{module}:{meaning.name}", meaning.place)

    def hands_on(self, meaning: Meaning) -> bool:
        """True for a decorator of the project that gives what it decorates to Celery, and gives it back as it was."""
        if not isinstance(meaning, Defined) or meaning.place.node.type not in FUNCTIONS:
            return False
        source = meaning.place.source
        for call in walk(meaning.place.node, ("call",)):
            function = child(call, "function")
            if function is None or (function.type != "attribute" and function.type != "identifier"):
                continue
            owner, name = child(function, "object"), child(function, "attribute")
            named = owner is not None and name is not None and source.text(name) == "task" and "celery" in source.text(owner).lower()
            if named or self.is_definer(self.evaluator.of(source, function)):
                return True
        return False

    # -- signatures and canvases --------------------------------------------------------------------------------------

    def signature(self, meaning: Meaning) -> tuple[Task, Instance] | None:
        """The task of a signature and the call that made it."""
        meaning = self._unpassed(meaning)
        if not isinstance(meaning, Instance):
            return None
        if isinstance(meaning.of, Member) and meaning.of.name in SIGNATURES:
            task = self.task(meaning.of.of)
            if task is not None:
                return task, meaning
        if self.app_method(meaning.of) != "signature" and meaning.of.key not in _NAMED_SIGNATURES:
            return None
        first = self.evaluator.arguments(meaning.call).get(0) if meaning.call is not None else None
        return Task(name=self.evaluator.text(first) if isinstance(first, Place) else ""), meaning

    def canvas(self, meaning: Meaning) -> tuple[str, Instance] | None:
        """The kind of a canvas (`chain`, `group`, `chord`, `map`, `starmap`, `chunks`) and the call or `|` that made it."""
        meaning = self._unpassed(meaning)
        if not isinstance(meaning, Instance):
            return None
        if isinstance(meaning.of, Member):
            if meaning.of.name == "__or__" and (self.signature(meaning.of.of) or self.canvas(meaning.of.of)):
                return "chain", meaning
            if meaning.of.name in SPREADS and self.task(meaning.of.of) is not None:
                return meaning.of.name, meaning
        kind = _CANVASES.get(meaning.of.key, "")
        return (kind, meaning) if kind else None

    def _unpassed(self, meaning: Meaning) -> Meaning:
        while isinstance(meaning, Instance) and isinstance(meaning.of, Member) and meaning.of.name in _PASSING:
            meaning = meaning.of.of
        return meaning


def _keeps_name(wrapper: Place) -> bool:
    """True if `functools.wraps` gives the wrapper the name of what it wraps."""
    whole = wrapper.node.parent
    if whole is None or whole.type != "decorated_definition":
        return False
    return any("wraps" in wrapper.source.text(c) for c in whole.named_children if c.type == "decorator")


def _statements(node: Node) -> Iterator[Node]:
    """Assignments directly in a class body."""
    body = child(node, "body")
    for statement in body.named_children if body is not None else ():
        inner = statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
        if inner is not None and inner.type == "assignment":
            yield inner
