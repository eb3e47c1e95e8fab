"""Calls that look like Celery's on something that could not be told: reported, never guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from tree_sitter import Node

from migrator.jobs import Job
from migrator.regex import regex
from migrator.scanners.found import Found
from migrator.scanners.leading import root_package
from migrator.scanners.linking import UNKNOWN, Defined, External, Instance, Known, Meaning, Member, Unknown
from migrator.scanners.linking.classes import attribute_candidates, sets_at_run_time
from migrator.scanners.python import celery_choices, celery_enqueues, handed_in
from migrator.scanners.python.celery_terms import RUNS, SIGNATURES, SYSTEM, Task, Terms
from migrator.scanners.python.functions import decorators, view_of
from migrator.scanners.reading import Call, View, excerpt
from migrator.syntax.source import Source
from migrator.syntax.tree import CLASSES, FUNCTIONS, callee_of, walk
from migrator.syntax.tree import field as child

_KEY = "celery own attribute"
_SENDS = "send_task"
_OF_ITS_OWN = "gives what it decorates a method {}: jobs of a system of this project's own, which are not read"
#: packages whose decorators make no jobs
_PLAIN_DECORATORS = frozenset(("functools", "contextlib", "typing", "abc", "builtins", "django", "flask", "asyncio", "warnings"))
_PLAIN = "celery on a function"
_PART = "celery signature of a function"
_ELSEWHERE = "celery of another package"
#: modules of packages that are not in the tree whose functions are tasks: Celery's own discovery goes by this name
_TASK_MODULES = frozenset(("tasks", "celery_tasks"))
#: methods that only tasks have; `apply` is a method of far too many things
_OF_TASKS = RUNS - {"apply"}
#: what a pool of processes is called, and the modules that have some
_POOL = regex(r"(?i)(^|[._])\w*pool$")
_POOLS = frozenset(("multiprocessing", "multiprocess", "pathos", "billiard", "gevent", "eventlet", "joblib"))
#: what an application is called where nothing else tells one
_APP = regex(r"(?i)(^|[._])(app|celery)(\(\))?$")


def read(call: Call) -> None:
    """Report a call such as `x.delay(…)`, unless `x` is surely something else, or the task stands in the call itself."""
    if handed_in.untold(call, SYSTEM):
        return
    if call.view.source.text(call.name) in SIGNATURES:
        # Far too many things have a method `s` or `signature`: only what is found to be a task makes one.
        if isinstance(call.receiver, Defined) and call.receiver.place.node.type in FUNCTIONS:
            call.view.found.calls[_PART].append(call)
        return
    if celery_choices.own_attribute(call):
        # Which task that is may be for a subclass to say: that is known when everything is read.
        call.view.found.calls[_KEY].append(call)
    else:
        _report(call)


def read_file(view: View) -> None:
    """Record tasks that are handed to something of another package which is then sent: `config.task(send_mail).delay(…)`.

    Tasks that another package defines are kept until it is known whether the tree has Celery at all.
    """
    for node in view.source.nodes("call"):
        function = callee_of(node)
        name = child(function, "attribute")
        if function is None or name is None or view.source.text(name) not in RUNS | {_SENDS}:
            continue
        callee = view.evaluator.of(view.source, function)
        package = root_package(callee)
        if package not in ("", "builtins", SYSTEM):
            call = Call(view, node, callee, callee.key, name, view.place(node))
            if _sent_by_name(call) or _handed_in(call):
                continue
            if _name_elsewhere(callee):
                view.found.calls[_ELSEWHERE].append(call)
            elif SYSTEM in package and view.source.text(name) in _OF_TASKS and not view.source.text(function).startswith("super("):
                # What a package around Celery brings along: `self.celery_app.tasks.get(name)` in an admin page of django-celery-beat
                view.unresolved(node, f"what {view.source.text(name)} is called on could not be told: it is of {package}", SYSTEM)


def link(found: Found) -> None:
    """Report what no subclass tells more about; record tasks of other packages, where the tree has Celery."""
    likely = {f"{i.module}:{i.symbol}": i for i in found.items if isinstance(i, Job) and i.system == SYSTEM}
    known = any(i.system == SYSTEM and i.kind in ("definition", "client", "dependency") for i in found.items)
    others: defaultdict[str, list[Call]] = defaultdict(list)
    for call in found.calls[_PLAIN]:
        decorator = _decorated_elsewhere(call) if not known and not call.view.area else ""
        if decorator:
            others[decorator].append(call)
        else:
            _on_function(call, likely)
    _report_others(others)
    for call in found.calls[_PART]:
        _of_likely(call, likely)
    for call in found.calls[_KEY]:
        if not celery_choices.from_subclasses(call):
            _report(call)
    if known:
        for call in found.calls[_ELSEWHERE]:
            name = _name_elsewhere(call.callee)
            celery_enqueues.read_as(
                call, Task(name=name), call.view.source.text(call.name), f"{name} is another package's: the name of its module tells a task"
            )


def _name_elsewhere(callee: Meaning) -> str:
    """`vendor.tasks.send` of `vendor.tasks.send.delay`, a task of a package that is not in the tree; empty for anything else."""
    if not isinstance(callee, External) or callee.path[-1] not in _OF_TASKS:
        return ""
    *modules, _ = path = callee.path[:-1]
    return ".".join(path) if _TASK_MODULES & set(modules[1:]) else ""


def _report_others(sent: Mapping[str, list[Call]]) -> None:
    """Say of each decorator of a package that is not read, in a tree without Celery, that it makes jobs: where the first one is sent."""
    for decorator, calls in sent.items():
        calls.sort(key=lambda call: (call.view.source.path, call.location.line))
        first, more = calls[0], len(calls) - 1
        rest = f", as {more} more calls do" if more > 1 else ", as one more call does" if more else ""
        first.view.unresolved(first.node, f"sends what {decorator} makes a job{rest}: that system is not read")


def settle(found: Found) -> None:
    """Drop what is told after all: `self.delay()` is nothing to its file, and an enqueue to the task around it."""
    sources = {view.source.path: view.source for view in found.views}
    told: set[tuple[str, int, str]] = set()
    for item in found.items:
        source = sources.get(item.location.path) if item.system == SYSTEM and item.kind == "enqueue" and item.name else None
        if source is not None:
            # Another call may stand on the same line.
            line = source.data.count(b"\n", 0, item.location.span.start) + 1
            told.add((source.path, line, excerpt(source.text(item.location.span))))
    found.unresolved[:] = [u for u in found.unresolved if u.system != SYSTEM or (u.path, u.line, u.source) not in told]


def _report(call: Call) -> None:
    chain: list[Meaning] = [call.callee]
    while isinstance(chain[-1], Member | Instance):
        chain.append(chain[-1].of)
    root = chain[-1]
    why = root.why if isinstance(root, Unknown) else ""
    if len(chain) == 2 and isinstance(root, Defined) and root.place.node.type in FUNCTIONS:
        # Its decorator may be found to make a task of it yet.
        call.view.found.calls[_PLAIN].append(call)
        return
    if (
        _is_function(call)
        or _is_pool(call)
        or _handed_in(call)
        or _is_elsewhere(chain)
        or _sent_by_name(call)
        or celery_choices.read(call, why)
    ):
        return
    call.view.unresolved(
        call.node, f"what {call.view.source.text(call.name)} is called on could not be told{f': {why}' if why else ''}", SYSTEM
    )


def _is_function(call: Call) -> bool:
    """True for a parameter that is called by its own name, and said to be any function: `def retry(delay: Callable): delay(1)`."""
    function, view = callee_of(call.node), call.view
    if function is None or function.type != "identifier":
        return False
    bound = view.evaluator.project.bindings(view.source.path).lookup(view.source.text(function), function)
    return any(b.annotation is not None and "Callable" in view.source.text(b.annotation) for b in bound if b.kind == "parameter")


def _is_pool(call: Call) -> bool:
    """True for a pool of processes that a function is handed, where its file has a module with such pools: `pool.apply_async(f, …)`."""
    receiver, view = call.receiver_node, call.view
    if receiver is None or view.source.text(call.name) != "apply_async" or not _POOL.search(view.source.text(receiver)):
        return False
    return any(b.kind == "import" and b.module.partition(".")[0] in _POOLS for b in view.project.bindings(view.source.path).every())


def _of_likely(call: Call, jobs: Mapping[str, Job]) -> bool:
    """Record a call on a function that is likely a task; False for any other."""
    plain = Terms(call.view.evaluator).plain(call.receiver) if call.receiver is not None else None
    job = jobs.get(plain.job) if plain is not None else None
    if plain is None or job is None:
        return False
    celery_enqueues.read_as(call, Task(job.name, plain.job), call.view.source.text(call.name), job.reason)
    return True


def _on_function(call: Call, jobs: Mapping[str, Job]) -> None:
    """Record a call on a function that is likely a task; report one on a function of which nothing says so."""
    function, name = call.receiver, call.view.source.text(call.name)
    if not _of_likely(call, jobs) and not _of_its_own(call, function, name):
        called = function.name if isinstance(function, Defined) else ""
        call.view.unresolved(call.node, f"{name} is called on no task: {called} is a function that nothing makes a task", SYSTEM)


def _decorated_elsewhere(call: Call) -> str:
    """The decorator of a package that is not read of the function of the tree that is sent: `jobs.task`; empty if it has none."""
    function = call.receiver
    for decorator in decorators(function.place.node) if isinstance(function, Defined) else ():
        meaning: Meaning = (
            call.view.evaluator.of(function.place.source, decorator.named_children[0]) if isinstance(function, Defined) else UNKNOWN
        )
        while isinstance(meaning, Instance | Member):
            meaning = meaning.of
        if isinstance(meaning, External) and meaning.path[0] not in _PLAIN_DECORATORS:
            return meaning.key
    return ""


def _of_its_own(call: Call, function: Meaning | None, name: str) -> bool:
    """Say of a decorator of the project that it gives functions the method that is called: `function.delay = put`; False for others."""
    if not isinstance(function, Defined):
        return False
    for decorator in decorators(function.place.node):
        maker = call.view.evaluator.of(function.place.source, decorator.named_children[0], function.place.frame)
        if isinstance(maker, Instance):
            # `@task(queue="mails")`, an object of a class, is called with the function.
            maker = call.view.evaluator.member(maker, "__call__")
        if not isinstance(maker, Defined) or maker.place.node.type not in FUNCTIONS:
            continue
        source = maker.place.source
        given = next((n for n in walk(maker.place.node, ("assignment", "call")) if _method_given(source, n) == name), None)
        if given is not None:
            view_of(call.view, maker.place).unresolved(given, _OF_ITS_OWN.format(name))
            return True
    return False


def _method_given(source: Source, node: Node) -> str:
    """`delay` of `function.delay = put` and of `setattr(function, "delay", put)`; empty for anything else."""
    if node.type == "assignment":
        left = child(node, "left")
        name = child(left, "attribute") if left is not None and left.type == "attribute" else None
        return source.text(name) if name is not None else ""
    called, arguments = callee_of(node), child(node, "arguments")
    if called is None or called.text != b"setattr" or arguments is None or len(arguments.named_children) != 3:
        return ""
    return source.text(arguments.named_children[1]).strip("\"'")


def _sent_by_name(call: Call) -> bool:
    """`app.send_task("name")` on something of which only its own name says that it is an application: no other library has that method."""
    receiver = call.receiver_node
    if receiver is None or call.view.source.text(call.name) != _SENDS or not _APP.search(call.view.source.text(receiver)):
        return False
    return celery_enqueues.read_sent(call, f"{call.view.source.text(receiver)} is taken for an application by its name")


def _is_elsewhere(chain: list[Meaning]) -> bool:
    """True for what is known and is no task: a literal, what a class of the project inherits from elsewhere, `super()`."""
    root = chain[-1]
    if isinstance(root, Defined) and root.place.node.type in CLASSES:
        # An attribute that the class itself gives a value, which could not be told, may well be a task.
        first = next((m.name for m in reversed(chain) if isinstance(m, Member)), "")
        source, node = root.place.source, root.place.node
        return not any(True for _ in attribute_candidates(source, node, first)) and not sets_at_run_time(source, node)
    return isinstance(root, Known | Defined) or root.key == "builtins.super"


def _handed_in(call: Call) -> bool:
    """`request.task(send_mail).delay(…)`: a task that is handed to something unknown which is then sent."""
    made = call.receiver_node
    arguments = child(made, "arguments") if made is not None and made.type == "call" else None
    if arguments is None or not isinstance(call.callee, Member):
        return False
    terms = Terms(call.view.evaluator)
    tasks: list[Task] = []
    for node in arguments.named_children:
        meaning = call.view.evaluator.of(call.view.source, node)
        task = terms.task(meaning) or terms.plain(meaning)
        if task is not None:
            tasks.append(task)
    if len(tasks) != 1:
        return False
    task = tasks[0]
    celery_enqueues.read_as(call, task, call.callee.name, f"{task.name} is handed to something that could not be told")
    return True
