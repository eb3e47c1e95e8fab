"""What a meaning is in the terms of Django's tasks."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from migrator.scanners.linking import Evaluator, Instance, Meaning, Member, Place
from migrator.scanners.python.functions import Made, made

SYSTEM = "django-tasks"
#: `django.tasks` is known by the name of its backport
PACKAGE = "django_tasks"

_DEFINERS = frozenset((f"{PACKAGE}.task", f"{PACKAGE}.base.task"))
#: the type of a task that is handed in: whoever hands it in says which one that is
_SAID = frozenset((f"{PACKAGE}.Task", f"{PACKAGE}.base.Task"))
_BACKENDS = (f"{PACKAGE}.task_backends.", f"{PACKAGE}.default_task_backend.")
#: methods of a task that put it on its way; calling it runs it on the spot
RUNS = frozenset(("enqueue", "aenqueue"))


class Chosen(msgspec.Struct, frozen=True):
    """A task, with what `.using(…)` says of it before it is put on its way."""

    made: Made
    options: Mapping[str, Place] = msgspec.field(default_factory=dict[str, Place])

    @property
    def name(self) -> str:
        """The dotted path by which backends find it."""
        return self.made.function.dotted


class Terms(msgspec.Struct, frozen=True):
    """Reads meanings of one project."""

    evaluator: Evaluator

    def is_definer(self, meaning: Meaning) -> bool:
        """True for what makes a task out of a function."""
        return meaning.key in _DEFINERS

    def task(self, meaning: Meaning) -> Chosen | None:
        """The task that a meaning stands for, `task.using(…)` included."""
        meaning, options = self._using(meaning)
        how = made(self.evaluator, meaning)
        return Chosen(how, options) if how is not None and self.is_definer(how.definer) else None

    def handed_in(self, meaning: Meaning) -> bool:
        """True for what code only says to be a task."""
        said, _ = self._using(meaning)
        return isinstance(said, Instance) and said.call is None and said.of.key in _SAID

    def _using(self, meaning: Meaning) -> tuple[Meaning, dict[str, Place]]:
        """The task of `task.using(…)`, and what that says of it."""
        options: dict[str, Place] = {}
        while isinstance(meaning, Instance) and isinstance(meaning.of, Member) and meaning.of.name == "using":
            given = self.evaluator.arguments(meaning.call) if meaning.call is not None else {}
            options = {**{k: v for k, v in given.items() if isinstance(k, str) and isinstance(v, Place)}, **options}
            meaning = meaning.of.of
        return meaning, options

    def job_of(self, meaning: Meaning) -> str:
        """`module:symbol` of the task that a definition makes, empty where it makes none."""
        task = self.task(meaning)
        return task.made.function.job if task is not None else ""

    def is_backend_call(self, key: str) -> bool:
        """True for `default_task_backend.enqueue` and `task_backends["x"].enqueue`."""
        return key.startswith(_BACKENDS) and key.rpartition(".")[2] in RUNS
