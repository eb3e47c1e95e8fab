"""What a meaning is in Huey's terms: a Huey object, what makes tasks, a task, a task that is made to be enqueued later, a group of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from migrator.jobs import Literal, Value
from migrator.scanners.linking import Defined, Evaluator, External, Instance, Meaning, Member, Place
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.python.functions import Function, made
from migrator.scanners.reading import View
from migrator.syntax.tree import CLASSES

SYSTEM = "huey"

_DJANGO = frozenset(("huey.contrib.djhuey", "huey.djhuey", "django_huey"))
#: what makes tasks, as a method of a Huey object or a function for Django -> whether it makes them recurring
DEFINERS = {
    "task": False,
    "periodic_task": True,
    "context_task": False,
    "db_task": False,
    "db_periodic_task": True,
    "on_commit_task": False,
}
#: the type of a task that is handed in: whoever hands it in says which one that is
_SAID = "huey.api.TaskWrapper"
_CRONTABS = frozenset(
    ("huey.crontab", "huey.api.crontab", "huey.contrib.djhuey.crontab", "huey.contrib.mini.crontab", "django_huey.crontab")
)
#: methods of a task that make one to be enqueued later
SIGNATURES = frozenset(("s",))
#: methods of such a task that give it back
_PASSING = frozenset(("then", "error"))
_GROUPS = {f"{module}.{name}": name for module in ("huey", "huey.api") for name in ("group", "chord")}


@dataclass(frozen=True)
class Task:
    """`name` as Huey registers it, where it is `named`, else as it would without a name that only the run knows.

    `options` is everything written where it was made, `when` the schedule of a recurring one.
    """

    name: str
    function: Function
    options: Mapping[str, Place] = field(default_factory=dict[str, Place])
    definer: Meaning | None = None
    periodic: bool = False
    named: bool = True

    @property
    def job(self) -> str:
        """`module:symbol`."""
        return self.function.job

    @property
    def when(self) -> Place | None:
        """What says when a recurring task is due."""
        return self.options.get("validate_datetime") if self.periodic else None


class Terms(msgspec.Struct, frozen=True):
    """Reads meanings of one project."""

    evaluator: Evaluator

    def is_huey(self, meaning: Meaning) -> bool:
        """True for an object of one of Huey's classes."""
        if isinstance(meaning, External):
            return meaning.path[-1] == "HUEY" and ".".join(meaning.path[:-1]) in _DJANGO
        if not isinstance(meaning, Instance) or meaning.decorated is not None:
            return False
        return self.makes_huey(meaning.of)

    def makes_huey(self, maker: Meaning, depth: int = 8) -> bool:
        """True for what gives a Huey object when it is called: a class of Huey's, or one that derives from it."""
        if isinstance(maker, Defined) and maker.place.node.type in CLASSES and depth:
            bases = (
                self.evaluator.of(maker.place.source, b, maker.place.frame) for b in base_classes(maker.place.source, maker.place.node)
            )
            return any(base.key != maker.key and self.makes_huey(base, depth - 1) for base in bases)
        if not isinstance(maker, External) or maker.path[0] not in ("huey", "django_huey"):
            return False
        return maker.path[-1].endswith("Huey") or maker.key == "django_huey.get_queue"

    def method(self, meaning: Meaning) -> str:
        """`enqueue` for that method of a Huey object, or the function of the same name that Django's modules offer."""
        if isinstance(meaning, Member) and self.is_huey(meaning.of):
            return meaning.name
        if isinstance(meaning, External) and len(meaning.path) > 1:
            module, name = ".".join(meaning.path[:-1]), meaning.path[-1]
            if module in _DJANGO or self.is_huey(External(meaning.path[:-1])):
                return name
        return ""

    def is_definer(self, meaning: Meaning) -> bool:
        """True for what makes tasks out of functions."""
        return self.method(meaning) in DEFINERS

    def is_crontab(self, meaning: Meaning) -> bool:
        """True for Huey's `crontab(…)`."""
        return isinstance(meaning, Instance) and meaning.of.key in _CRONTABS

    def task(self, meaning: Meaning) -> Task | None:
        """The task that a meaning stands for."""
        how = made(self.evaluator, meaning)
        name = self.method(how.definer) if how is not None else ""
        if how is None or name not in DEFINERS:
            return None
        return self._made(how.function, how.definer, how.arguments)

    def registered(self, function: Function, definer: Meaning, call: Place) -> Task:
        """The task that `definer(**options)(function)` makes of a function that it is handed on the side."""
        given = {k: v for k, v in self.evaluator.arguments(call).items() if isinstance(v, Place)}
        return self._made(function, definer, given)

    def _made(self, function: Function, definer: Meaning, arguments: Mapping[int | str, Place]) -> Task:
        name = self.method(definer)
        first = "obj" if name == "context_task" else "validate_datetime"
        names = (first, *_PARAMETERS) if DEFINERS[name] or name == "context_task" else _PARAMETERS
        options = {names[k] if isinstance(k, int) and k < len(names) else str(k): v for k, v in arguments.items()}
        title = self.evaluator.text(options["name"]) if "name" in options else function.name
        known = bool(title) and "**" not in options
        full = f"{function.module}.{title or function.name}"
        return Task(full, function, options, definer, DEFINERS[name], named=known)

    def one_of_several(self, meaning: Meaning) -> bool:
        """True for a task out of a dictionary or list of tasks, and for what code only says to be one."""
        unmade = isinstance(meaning, Instance) and meaning.call is None and meaning.decorated is None
        return isinstance(meaning, Instance) and unmade and (self.is_definer(meaning.of) or meaning.of.key == _SAID)

    def job_of(self, definition: Meaning) -> str:
        """`module:symbol` of a decorated function."""
        task = self.task(definition)
        return task.job if task is not None else ""

    def signature(self, meaning: Meaning) -> tuple[Task, Instance] | None:
        """The task of `task.s(…)`, with or without `.then(…)`, and the call that made it."""
        while isinstance(meaning, Instance) and isinstance(meaning.of, Member) and meaning.of.name in _PASSING:
            meaning = meaning.of.of
        if not isinstance(meaning, Instance) or not isinstance(meaning.of, Member) or meaning.of.name not in SIGNATURES:
            return None
        task = self.task(meaning.of.of)
        return (task, meaning) if task is not None else None

    def group(self, meaning: Meaning) -> str:
        """`group` or `chord` for one of them, with or without `.then(…)`."""
        while isinstance(meaning, Instance) and isinstance(meaning.of, Member) and meaning.of.name in _PASSING:
            meaning = meaning.of.of
        return _GROUPS.get(meaning.of.key, "") if isinstance(meaning, Instance) else ""

    def queue(self, view: View, task: Task) -> Value | None:
        """The name of the Huey object that a task belongs to, or the queue that django-huey is told."""
        if "queue" in task.options:
            return view.value(task.options["queue"])
        owner = task.definer.of if isinstance(task.definer, Member) else None
        name = self.name_of(view, owner) if isinstance(owner, Instance) else None
        return name if isinstance(name, Literal) and isinstance(name.value, str) else None

    def name_of(self, view: View, huey: Instance) -> Value | None:
        """The name that a Huey object is made with."""
        given = self.evaluator.arguments(huey.call) if huey.call is not None else {}
        name = given.get("name", given.get(0))
        return view.value(name) if isinstance(name, Place) else None


#: positional parameters of `task`, and of `periodic_task` and `context_task` after their first (huey 3.5.4)
_PARAMETERS = ("retries", "retry_delay", "retry_backoff", "priority", "context", "name", "expires", "timeout")
