"""What a meaning is in Taskiq's terms: a broker, a task, a kicker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from migrator.scanners.linking import Evaluator, External, Instance, Meaning, Member, Place
from migrator.scanners.python.functions import Made, made
from migrator.systems.taskiq import PACKAGES

SYSTEM = "taskiq"

#: methods of a broker that make a task of a function
DEFINERS = frozenset(("task", "register_task"))
#: methods of a task or kicker that put it on its way, or on a schedule
SENDS = frozenset(("kiq", "schedule_by_time"))
SCHEDULES = {"schedule_by_cron": "cron", "schedule_by_interval": "interval"}
_KICKERS = frozenset(("taskiq.kicker.AsyncKicker", "taskiq.AsyncKicker"))
_KICKER_METHODS = frozenset(("with_labels", "with_task_id", "with_schedule_id", "with_broker"))


@dataclass(frozen=True)
class Task:
    """A task as far as its uses can tell: `job` is `module:symbol` in the project, `name` Taskiq's name; either may be empty.

    `labels` are those that the sending adds.
    """

    name: str = ""
    job: str = ""
    made: Made | None = None
    labels: Mapping[str, Place] = field(default_factory=dict[str, Place])


class Terms(msgspec.Struct, frozen=True):
    """Reads meanings of one project."""

    evaluator: Evaluator

    def is_broker(self, meaning: Meaning) -> bool:
        """True for a broker, whatever it was given since it was made: `ListQueueBroker(url).with_result_backend(…)`."""
        while isinstance(meaning, Instance) and isinstance(meaning.of, Member) and meaning.of.name.startswith("with_"):
            meaning = meaning.of.of
        if isinstance(meaning, Instance):
            return meaning.decorated is None and self.is_broker_class(meaning.of)
        # `async_shared_broker`, `agent.broker`.
        path = meaning.path if isinstance(meaning, External) else ()
        return len(path) > 1 and path[0] in PACKAGES and path[-1].endswith("broker")

    def is_broker_class(self, meaning: Meaning) -> bool:
        """True for a class of brokers."""
        if not isinstance(meaning, External) or meaning.path[0] not in PACKAGES:
            return False
        return meaning.path[-1].endswith(("Broker", "BrokerWrapper")) or meaning.path[-1] == "AppWrapper"

    def broker_method(self, meaning: Meaning) -> str:
        """`task` for that method of a broker, empty for anything else."""
        if isinstance(meaning, Member):
            return meaning.name if self.is_broker(meaning.of) else ""
        if isinstance(meaning, External) and len(meaning.path) > 2:
            return meaning.path[-1] if self.is_broker(External(meaning.path[:-1])) else ""
        return ""

    def is_definer(self, meaning: Meaning) -> bool:
        """True for what makes a task of a function: `broker.task`, `broker.register_task`."""
        return self.broker_method(meaning) in DEFINERS

    def task(self, meaning: Meaning) -> Task | None:
        """The task that a meaning stands for, or that its kicker sends."""
        if not isinstance(meaning, Instance):
            return None
        if isinstance(meaning.of, Member) and meaning.of.name in _KICKER_METHODS:
            inner = self.task(meaning.of.of)
            given = self._labels(meaning) if meaning.of.name == "with_labels" else {}
            return Task(inner.name, inner.job, inner.made, {**inner.labels, **given}) if inner is not None else None
        if isinstance(meaning.of, Member) and meaning.of.name == "kicker":
            return self.task(meaning.of.of)
        # A broker that a framework holds has no other way to be told.
        if meaning.of.key in _KICKERS or (isinstance(meaning.of, Member) and meaning.of.name == "find_task"):
            return self._by_name(meaning)
        how = made(self.evaluator, meaning)
        return self.of(how) if how is not None and self.is_definer(how.definer) else None

    def of(self, how: Made) -> Task:
        """The task that a broker made of a function."""
        function = how.function
        written = how.arguments.get("task_name", how.arguments.get(0))
        name = self.evaluator.text(written) if written is not None else f"{function.module}:{function.name}"
        if written is not None and not name:
            # `task_name=None` is none.
            name = f"{function.module}:{function.name}" if written.node.type == "none" else ""
        return Task("" if "**" in how.arguments and written is None else name, function.job, how)

    def _by_name(self, meaning: Instance) -> Task:
        given = self.evaluator.arguments(meaning.call) if meaning.call is not None else {}
        name, labels = given.get("task_name", given.get(0)), given.get("labels", given.get(2))
        found = self.evaluator.entries(labels) if isinstance(labels, Place) else {}
        return Task(self._name(name) if isinstance(name, Place) else "", labels=found)

    def _name(self, place: Place) -> str:
        """A text, or `task.task_name`."""
        meaning = self.evaluator.meaning(place)
        task = self.task(meaning.of) if isinstance(meaning, Member) and meaning.name == "task_name" else None
        return task.name if task is not None else self.evaluator.text(place)

    def _labels(self, meaning: Instance) -> dict[str, Place]:
        given = self.evaluator.arguments(meaning.call) if meaning.call is not None else {}
        return {k: v for k, v in given.items() if isinstance(k, str) and isinstance(v, Place)}
