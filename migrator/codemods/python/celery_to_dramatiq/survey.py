"""Everything that is known before deciding: each task, each use of one, and what stands in the way of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tree_sitter import Node

from migrator.codemods.python.celery_to_dramatiq.api import Verdict, judge, judge_app
from migrator.codemods.python.celery_to_dramatiq.bodies import own_mentions
from migrator.codemods.python.celery_to_dramatiq.interpolation import clash
from migrator.codemods.python.celery_to_dramatiq.plan import Change, Problem, Task, Use
from migrator.codemods.python.celery_to_dramatiq.schedules import ScheduledUse, Schedules
from migrator.codemods.python.celery_to_dramatiq.sends import Sends
from migrator.codemods.python.celery_to_dramatiq.strings import loaded_modules, named_elsewhere, named_in_strings
from migrator.codemods.python.celery_to_dramatiq.tasks import Application, is_task_decorator, read_task
from migrator.codemods.python.celery_to_dramatiq.workflows import SIGNATURES, Workflows
from migrator.codemods.python.expressions import arguments, string
from migrator.codemods.python.mentions import Mention, mentions
from migrator.codemods.python.names import External, Module, Origin, Symbol
from migrator.jobs import Job, Span
from migrator.syntax.source import Source, span
from migrator.syntax.tree import ancestors, walk
from migrator.syntax.tree import field as child
from migrator.systems.celery import MODULES

LOGGER = "celery.utils.log.get_task_logger"
#: what a task and an actor have in common, under different names
_RENAMED = {"name": "actor_name", "run": "fn"}
_MAIN_THREAD = frozenset(("asyncio.get_event_loop", "asyncio.get_child_watcher", "asyncio.new_child_watcher"))


@dataclass(slots=True)
class Loose:
    """Something of Celery's that is left to a person without keeping a job from moving."""

    problem: Problem
    name: str


@dataclass(slots=True)
class Survey:
    """`stuck`: jobs whose definition is of a form that is not rewritten. `everywhere`: problems of all jobs."""

    tasks: dict[str, Task] = field(default_factory=dict)
    stuck: dict[str, tuple[Job, Problem]] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    everywhere: list[Problem] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    app_mentions: list[Mention] = field(default_factory=list)
    api_mentions: list[Mention] = field(default_factory=list)
    calls: list[tuple[Mention, str]] = field(default_factory=list)  #: inline calls, with the task's key
    imports: list[tuple[Mention, str]] = field(default_factory=list)  #: imports of tasks, with the key
    accounted: dict[str, list[Span]] = field(default_factory=dict)  #: path -> text whose mentions are understood

    def covered(self, path: str, where: Span) -> bool:
        """True for text that something above has read whole."""
        return any(s.start <= where.start and where.end <= s.end for s in self.accounted.get(path, ()))

    def account(self, source: Source, node: Node) -> None:
        """Note that `node` is understood."""
        self.accounted.setdefault(source.path, []).append(span(node))


class Surveyor:
    """Goes over the whole tree once. `found` are all mentions, `jobs` those of the inventory."""

    def __init__(self, application: Application, jobs: Iterable[Job]) -> None:
        self.application, self.survey = application, Survey()
        self.tree, self.names, self.app = application.tree, application.names, application.app
        for job in jobs:
            read = read_task(application, job)
            key = f"{job.location.path}:{job.symbol}"
            if isinstance(read, Task):
                self.survey.tasks[key] = read
            else:
                self.survey.stuck[key] = (job, read)

    def run(self) -> Survey:
        """Everything that can be known from reading."""
        survey = self.survey
        self._double_names()
        self._main_thread()
        for task in survey.tasks.values():
            whole = task.function.parent
            decorator = whole.named_children[0] if whole is not None else task.function
            survey.account(task.source, decorator)
        for path, where in self.application.settings.understood:
            survey.accounted.setdefault(path, []).append(where)
        found = list(self._mentions())
        looked_up = any(verdict.reach == "ids" for m in found if (verdict := self._verdict(m)) is not None)
        sends = Sends(self.application, ids=not looked_up)
        self._schedules(found)
        self._jobs(found, sends)
        self._sent_by_name(found, sends)
        for mention in found:
            self._surroundings(mention)
        self._strings()
        self._own_names()
        return survey

    # -- mentions -----------------------------------------------------------------------------------------------------

    def _mentions(self) -> Iterable[Mention]:
        keys = {*self.survey.tasks, *self.survey.stuck}
        modules = {key.rpartition(":")[0] for key in keys}
        words = {key.rpartition(":")[2].encode() for key in keys} | {m.encode() for m in MODULES} | {self.app.name.encode()}

        def interesting(origin: Origin) -> bool:
            if isinstance(origin, External):
                return origin.path.split(".")[0] in MODULES
            if isinstance(origin, Module):
                return origin.path in modules or any(
                    isinstance(o, Symbol) and o.key in keys
                    for name in (self.tree.bindings(origin.path).module if origin.path in self.tree else ())
                    for o in self.names.exported(origin.path, name)
                )
            return origin.key in keys or origin == self.app

        for path in self.tree.containing(*words):
            source = self.tree.source(path)
            yield from mentions(self.names, source, interesting)

    def _jobs(self, found: list[Mention], sends: Sends) -> None:
        """Uses of tasks: calls, workflows, values."""
        workflows = Workflows(self.application, self.survey.tasks)
        done: set[tuple[str, int, int]] = set()
        own = {(t.path, n.start_byte) for t in self.survey.tasks.values() for n in own_mentions(t)}
        for mention in found:
            task = self.survey.tasks.get(mention.origin.key) if isinstance(mention.origin, Symbol) else None
            if task is None or (mention.source.path, mention.node.start_byte) in own:
                continue
            if any(isinstance(u, ScheduledUse) and _contains(u, mention) for u in self.survey.uses):
                continue
            if not mention.sure:
                self._use(mention, task, Problem("MIG127", "the name can stand for something else", mention.source.location(mention.node)))
            elif mention.imported:
                self.survey.imports.append((mention, task.key))
            elif mention.attribute_name in SIGNATURES and mention.method_call is not None:
                around = workflows.around(mention.source, mention.method_call)
                if around is None:
                    use = sends.signature(mention, task)
                    self._add(use) if use is not None else self._use(mention, task, self._lone_signature(mention))
                elif (key := (mention.source.path, around[0].start_byte, around[0].end_byte)) not in done:
                    done.add(key)
                    self._add(around[1])
            elif mention.attribute_name == "delay":
                self._add(sends.delay(mention, task))
            elif mention.attribute_name == "apply_async":
                self._add(sends.apply_async(mention, task))
            elif not mention.attribute_name and mention.call is not None:
                self._called(mention, task)
            elif mention.attribute_name in _RENAMED and mention.attribute is not None and not _is_set(mention.attribute):
                use = self._use(mention, task)
                word = _RENAMED[mention.attribute_name]
                use.change.replace(child(mention.attribute, "attribute") or mention.attribute, word)
                use.summary = f"`{word}` of the actor."
            else:
                what = f"`{mention.attribute_name}` of it is used" if mention.attribute_name else "it is used as a value"
                self._use(mention, task, Problem("MIG127", what, mention.source.location(mention.node)))

    def _lone_signature(self, mention: Mention) -> Problem:
        return Problem("MIG124", "a signature of it is kept or passed on", mention.source.location(mention.node))

    def _called(self, mention: Mention, task: Task) -> None:
        """A task called as a function runs inline on either system. Only a task that calls itself cannot tell the two apart."""
        self.survey.calls.append((mention, task.key))
        inside = mention.source.path == task.path and any(a == task.function for a in ancestors(mention.node))
        if inside and task.change.helpers & {"retry", "retries", "message_id", "retry_on"}:
            self._use(mention, task, Problem("MIG101", "it calls itself, and asks for retries", mention.source.location(mention.node)))

    def _use(self, mention: Mention, task: Task, *problems: Problem) -> Use:
        where = mention.source.location(mention.attribute or mention.node)
        use = Use("reference", where, (task.key,), Change(mention.source.path), problems=list(problems), name=task.actor)
        self._add(use)
        return use

    def _add(self, use: Use) -> None:
        self.survey.uses.append(use)
        self.survey.accounted.setdefault(use.location.path, []).append(use.location.span)

    def _schedules(self, found: list[Mention]) -> None:
        by_actor = {t.actor: t for t in self.survey.tasks.values()}
        staying = {job.name for job, _ in self.survey.stuck.values()}
        reader = Schedules(self.names, self.application.settings, self.application.zone, self.application.router, by_actor, staying)
        for use in reader.read():
            self._add(use)
        for mention in found:
            decorator = next((a for a in ancestors(mention.node) if a.type == "decorator"), None)
            ready = mention.origin == self.app and mention.attribute_name in ("on_after_configure", "on_after_finalize")
            if ready and decorator is not None and decorator.parent is not None and decorator.parent.parent == mention.source.root:
                for use in reader.connected(mention.source, decorator.parent):
                    self._add(use)
        self.survey.everywhere += reader.problems
        self.survey.loose += [Loose(problem, "beat_schedule") for problem in reader.elsewhere]
        for path, where in reader.understood:
            self.survey.accounted.setdefault(path, []).append(where)

    def _sent_by_name(self, found: list[Mention], sends: Sends) -> None:
        by_actor = {t.actor: t for t in self.survey.tasks.values()}
        stuck = {job.name for job, _ in self.survey.stuck.values()}
        for mention in found:
            callee, source = self._sends_by_name(mention), mention.source
            if callee is None:
                continue
            given = arguments(source, callee)
            name = string(source, given.positional[0] if given.positional else given.value("name"))
            if name in by_actor:
                self._add(sends.send_task(source, callee, by_actor[name]))
            elif name:
                self.survey.account(source, callee)
                if name not in stuck:
                    reason = f"the job {name!r} is started by name, and is defined in another application"
                    self.survey.loose.append(Loose(Problem("MIG128", reason, source.location(callee)), name))

    def _sends_by_name(self, mention: Mention) -> Node | None:
        """The call of `send_task` on the application."""
        if isinstance(mention.origin, External):
            return mention.call if mention.origin.path == "celery.current_app.send_task" else None
        return mention.method_call if mention.origin == self.app and mention.attribute_name == "send_task" else None

    # -- what stands around -------------------------------------------------------------------------------------------

    def _verdict(self, mention: Mention) -> Verdict | None:
        if mention.imported or self.survey.covered(mention.source.path, mention.span):
            return None
        if isinstance(mention.origin, External):
            return None if mention.origin.path == LOGGER else judge(mention.origin.path)
        return judge_app(mention) if mention.origin == self.app else None

    def _surroundings(self, mention: Mention) -> None:
        survey, source = self.survey, mention.source
        if mention.origin == self.app:
            survey.app_mentions.append(mention)
        elif isinstance(mention.origin, External):
            survey.api_mentions.append(mention)
            if mention.origin.path == LOGGER and mention.call is not None:
                self._logger(mention)
                return
        elif isinstance(mention.origin, Module):
            self._module_value(source, mention.node, mention.origin.path, mention.attribute_name)
            return
        if self._is_retries_exhausted(mention) or self._is_decorator(mention):
            return
        verdict = self._verdict(mention)
        if verdict is None:
            return
        problem = Problem(verdict.trap, verdict.reason, source.location(mention.node))
        around = next((t for t in survey.tasks.values() if t.path == source.path and _within(mention.node, t.function)), None)
        if verdict.reach == "all":
            survey.everywhere.append(problem)
        elif verdict.reach == "around" and around is not None:
            around.problems.append(problem)
        elif verdict.reach in ("file", "around"):
            for key in self._jobs_of_file(source.path):
                survey.tasks[key].problems.append(problem)
            survey.loose.append(Loose(problem, source.text(mention.node)))
        else:
            survey.loose.append(Loose(problem, source.text(mention.node)))

    def _is_retries_exhausted(self, mention: Mention) -> bool:
        """`except MaxRetriesExceededError` in a task's body has a counterpart."""
        if not isinstance(mention.origin, External) or mention.origin.path != "celery.exceptions.MaxRetriesExceededError":
            return False
        task = next((t for t in self.survey.tasks.values() if t.path == mention.source.path and _within(mention.node, t.function)), None)
        caught = next((a.type for a in ancestors(mention.node) if a.type in ("except_clause", "block", "call")), "") == "except_clause"
        if task is None or not caught or mention.imported:
            return False
        task.change.replace(mention.node, self.application.local.use(task.change, "RetriesExhausted"))
        self.survey.account(mention.source, mention.node)
        return True

    def _is_decorator(self, mention: Mention) -> bool:
        """The decorator of a job that stays: it stays with it."""
        decorator = next((a for a in ancestors(mention.node) if a.type == "decorator"), None)
        if decorator is None or not is_task_decorator(self.names, self.app, mention.source, decorator):
            return False
        name = child(child(decorator.parent, "definition"), "name")
        key = f"{mention.source.path}:{mention.source.text(name)}" if name is not None else ""
        return key in self.survey.stuck or key in self.survey.tasks

    def _jobs_of_file(self, path: str) -> set[str]:
        used = {key for use in self.survey.uses if use.location.path == path for key in use.jobs}
        return used | {task.key for task in self.survey.tasks.values() if task.path == path}

    def _logger(self, mention: Mention) -> None:
        """Celery's logger of a task is a logger: it moves with the jobs of its file, or else with all jobs."""
        source, call = mention.source, mention.call
        keys = [t.key for t in self.survey.tasks.values() if t.path == source.path]
        staying = [k for k in self.survey.stuck if k.startswith(f"{source.path}:")]
        use = Use("reference", source.location(call or mention.node), tuple(keys or self.survey.tasks), Change(source.path))
        use.name, use.summary = "get_task_logger", "A logger of the standard library."
        if staying:
            use.problems.append(Problem("MIG159", "jobs of its file stay on Celery", use.location))
            use.jobs = ()
        use.change.replace(mention.node, "logging.getLogger")
        use.change.logging = True
        self._add(use)

    def _module_value(self, source: Source, node: Node, path: str, attribute: str) -> None:
        if attribute in ("__name__", "__file__", "__doc__"):
            return
        problem = Problem("MIG126", "the module that holds it is used as a value", source.location(node))
        for task in self._offered(path):
            task.problems.append(problem)

    def _offered(self, path: str) -> list[Task]:
        """The tasks that a module defines or hands on."""
        found = [t for t in self.survey.tasks.values() if t.path == path]
        for name in self.tree.bindings(path).module:
            keys = {o.key for o in self.names.exported(path, name) if isinstance(o, Symbol)}
            found += [t for key, t in self.survey.tasks.items() if key in keys and t not in found]
        return found

    # -- names --------------------------------------------------------------------------------------------------------

    def _strings(self) -> None:
        survey = self.survey
        for named in named_in_strings(self.tree, survey.tasks, self._aliases()):
            path, where = named.source.path, span(named.node)
            if survey.covered(path, where) or self._is_route(named.source, named.node):
                continue
            use = Use("reference", named.source.location(named.node), (named.task.key,), Change(path), name=named.task.actor)
            if named.rest == ".delay" and self._is_patch(named.source, named.node):
                text = named.source.text(named.node)
                use.change.replace(named.node, f"{text[: text.rindex('.delay')]}.send{text[text.rindex('.delay') + 6 :]}")
                use.summary = "The patched method is `send`."
            else:
                use.problems.append(Problem("MIG128", "its name stands in a string", use.location))
            self._add(use)
        for where, task in named_elsewhere(self.tree, survey.tasks):
            problem = Problem("MIG128", f"its name stands in {where.path}, line {where.line}", where)
            survey.uses.append(Use("reference", where, (task.key,), Change(where.path), problems=[problem], name=task.actor))
        modules = {self.tree.module_of(t.path): t.path for t in survey.tasks.values()}
        for source, call, path in loaded_modules(self.tree, modules):
            self._module_value(source, call, path, "")

    def _aliases(self) -> dict[str, Task]:
        """The names that other modules import tasks under: what `mock.patch` is told is where a name is looked up."""
        found: dict[str, Task] = {}
        for mention, key in self.survey.imports:
            named = mention.node.parent.parent if mention.node.parent is not None else None
            alias = child(named, "alias") or mention.node
            found[f"{self.tree.module_of(mention.source.path)}.{mention.source.text(alias)}"] = self.survey.tasks[key]
        return found

    def _is_route(self, source: Source, node: Node) -> bool:
        entry = self.application.settings.entry("task_routes")
        return entry is not None and entry.source.path == source.path and _within(node, entry.value)

    def _is_patch(self, source: Source, node: Node) -> bool:
        """The target of `mock.patch("…")` and the like, without arguments that would depend on the patched name."""
        call = node.parent.parent if node.parent is not None and node.parent.type == "argument_list" else None
        callee = child(call, "function")
        return callee is not None and source.text(callee).endswith("patch")

    def _own_names(self) -> None:
        """A Dramatiq module of the same name, or the name `dramatiq` for something else, would break what is written."""
        for thing in (*self.survey.tasks.values(), *self.survey.uses):
            change = thing.change
            if change.dramatiq and not self._is_dramatiq(change.path):
                thing.problems.append(Problem("MIG114", "the name `dramatiq` is taken in its file", thing.location))
            if change.logging and not self._is_module(change.path, "logging"):
                thing.problems.append(Problem("MIG114", "the name `logging` is taken in its file", thing.location))
            within = clash(self.tree.source(change.path), change) if change.path.endswith(".py") else None
            if within is not None:
                reason = "within an f-string, the new expression would need the quotes of the string"
                thing.problems.append(Problem("MIG114", reason, self.tree.source(change.path).location(within)))

    def _is_dramatiq(self, path: str) -> bool:
        return self._is_module(path, "dramatiq")

    def _is_module(self, path: str, name: str) -> bool:
        if self.application.local.free(path, name):
            return True
        bound = self.tree.bindings(path).module.get(name, [])
        elsewhere = [n for n in walk(self.tree.source(path).root, ("identifier",)) if n.text == name.encode()]
        return bool(bound) and all(b.kind == "import" and b.module == name and b.member == "*" for b in bound) and bool(elsewhere)

    def _main_thread(self) -> None:
        """Signals and the implicit event loop exist in the main thread only; Dramatiq runs jobs in another."""
        for task in self.survey.tasks.values():
            for node in walk(task.function, ("identifier", "attribute")):
                origin = self.names.origin(task.source, node)
                if isinstance(origin, External) and (origin.path in _MAIN_THREAD or origin.path.startswith("signal.")):
                    reason = f"`{task.source.text(node)}` works in the main thread only"
                    task.problems.append(Problem("MIG116", reason, task.source.location(node)))
                    break

    def _double_names(self) -> None:
        seen: dict[str, Task] = {}
        for task in self.survey.tasks.values():
            other = seen.setdefault(task.actor, task)
            if other is not task:
                for one in (task, other):
                    one.problems.append(Problem("MIG114", f"two jobs have the name {task.actor!r}", one.location))


def _is_set(node: Node) -> bool:
    """True where something is assigned to `node`."""
    parent = node.parent
    return (
        parent is not None and parent.type in ("assignment", "augmented_assignment", "delete_statement") and child(parent, "right") != node
    )


def _contains(use: Use, mention: Mention) -> bool:
    where = use.location
    return where.path == mention.source.path and where.span.start <= mention.node.start_byte < where.span.end


def _within(node: Node, outer: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


__all__ = ["Loose", "ScheduledUse", "Survey", "Surveyor"]
