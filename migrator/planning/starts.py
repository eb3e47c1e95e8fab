"""Who starts what: jobs, and the schedules, functions and jobs that start them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from migrator.jobs import Enqueue, Inventory, Item, Job, Schedule, literal_of
from migrator.systems import SYSTEMS


@dataclass(frozen=True)
class Node:
    """A box of the picture.

    `kind`: `job`, `schedule`, `code` (a function or file that enqueues), `missing` (a name that no job here has).
    """

    kind: str
    label: str
    system: str = ""
    place: str = ""
    confidence: str = "certain"


@dataclass
class Starts:
    """`edges` lead from what starts to what is started; `items` are the enqueues and schedules behind an edge."""

    nodes: list[Node] = field(default_factory=list)
    edges: dict[tuple[int, int], list[Item]] = field(default_factory=dict)

    @cached_property
    def leading_to(self) -> Mapping[int, list[Item]]:
        """The enqueues and schedules that start each node, asked for when the picture is drawn."""
        found: defaultdict[int, list[Item]] = defaultdict(list)
        for (_, end), items in self.edges.items():
            found[end] += items
        return found

    def parts(self) -> list[list[int]]:
        """The nodes that hang together, the largest group first; those that hang on nothing are left out."""
        group = list(range(len(self.nodes)))

        def root(node: int) -> int:
            while group[node] != node:
                group[node] = group[group[node]]
                node = group[node]
            return node

        for start, end in self.edges:
            group[root(start)] = root(end)
        parts: defaultdict[int, list[int]] = defaultdict(list)
        for node in sorted({n for edge in self.edges for n in edge}):
            parts[root(node)].append(node)
        return sorted(parts.values(), key=lambda part: (-len(part), part))

    def alone(self) -> list[Node]:
        """Jobs that nothing in the code starts."""
        started = {end for _, end in self.edges}
        return [node for number, node in enumerate(self.nodes) if node.kind == "job" and number not in started]


def starts(inventory: Inventory) -> Starts:
    """The picture of an inventory's production code."""
    return _Linker(inventory).draw()


class _Linker:
    def __init__(self, inventory: Inventory) -> None:
        self._items = inventory.production
        self._jobs = [i for i in self._items if isinstance(i, Job)]
        self._picture = Starts()
        self._numbers: dict[Node | int, int] = {}
        self._by_identity: dict[str, int] = {}
        self._by_word: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._by_file: defaultdict[str, list[int]] = defaultdict(list)

    def draw(self) -> Starts:
        for number, job in enumerate(self._jobs):
            self._job(number, job)
        for item in self._items:
            if isinstance(item, Enqueue | Schedule):
                source = self._schedule(item) if isinstance(item, Schedule) else self._starter(item)
                for target in self._targets(item):
                    self._picture.edges.setdefault((source, target), []).append(item)
        return self._picture

    def _job(self, number: int, job: Job) -> None:
        name = job.name or job.symbol or "known only at run time"
        self._picture.nodes.append(Node("job", name, job.system, job.location.place, job.confidence))
        self._numbers[number] = number
        if job.symbol:
            self._by_identity[job.identity] = number
        words = {job.name, *(literal_of(t.value) for t in job.triggers if t.kind in ("event", "direct"))}
        queue = literal_of(job.queue)
        # A worker takes every job of its queue, whatever it is called.
        words |= {queue} if queue == job.name else set()
        for word in words - {""}:
            if isinstance(word, str):
                self._by_word[(job.system, word)].append(number)
        if job.handler is not None:
            self._by_file[job.handler.location.path].append(number)

    def _number(self, node: Node) -> int:
        if node not in self._numbers:
            self._numbers[node] = len(self._picture.nodes)
            self._picture.nodes.append(node)
        return self._numbers[node]

    def _schedule(self, schedule: Schedule) -> int:
        place = schedule.location.place
        return self._number(Node("schedule", schedule.name or schedule.job_name, schedule.system, place, schedule.confidence))

    def _starter(self, enqueue: Enqueue) -> int:
        """The job whose body enqueues, else the function, else the file."""
        path, line = enqueue.location.path, enqueue.location.line
        around = [n for n in self._by_file[path] if _holds(self._jobs[n], enqueue)]
        if around:
            return around[-1]
        label = enqueue.inside.rpartition(":")[2]
        if label:
            return self._number(Node("code", f"{label}()", place=path))
        return self._number(Node("code", f"{PurePosixPath(path).name}:{line}", place=f"{path}:{line}"))

    def _targets(self, item: Enqueue | Schedule) -> list[int]:
        if item.job in self._by_identity:
            return [self._by_identity[item.job]]
        for word in self._words(item):
            found = self._by_word[(item.system, word)]
            if found:
                return found
        if item.name in SYSTEMS[item.system].compositions:
            # Each of its parts is an enqueue of its own.
            return []
        label = next(self._words(item), "")
        # What is known only at run time may differ from place to place.
        place = "" if label else item.location.place
        return [self._number(Node("missing", label or "known only at run time", item.system, place))]

    def _words(self, item: Enqueue | Schedule) -> Iterator[str]:
        words: Iterable[object] = (item.name, literal_of(item.queue))
        if isinstance(item, Schedule):
            words = (item.job_name, literal_of(item.queue), item.name)
        yield from (word for word in words if isinstance(word, str) and word)


def _holds(job: Job, enqueue: Enqueue) -> bool:
    span = job.handler.location.span if job.handler is not None else None
    return span is not None and span.start <= enqueue.location.span.start < span.end
