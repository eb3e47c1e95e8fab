"""Functions that Zappa runs on Lambda in the background, `@task` and `run(…)`: said, because nothing here moves them."""

from __future__ import annotations

from migrator.scanners.python.functions import decorators
from migrator.scanners.reading import Call, Reader, View
from migrator.syntax.tree import callee_of
from migrator.systems.sqs import SYSTEM

_MODULES = ("zappa.asynchronous", "zappa.async", "zappa.async_task")
_TASKS = frozenset(f"{module}.{name}" for module in _MODULES for name in ("task", "task_sns"))
_RUNS = frozenset(f"{module}.run" for module in _MODULES)
_WHY = "Zappa runs this on Lambda in the background, a job that is not followed further"


def _call(call: Call) -> None:
    if call.key in _RUNS:
        call.view.unresolved(call.node, _WHY)


def _file(view: View) -> None:
    for function in view.source.nodes("function_definition"):
        for decorator in decorators(function):
            expression = decorator.named_children[0]
            called = callee_of(expression) if expression.type == "call" else expression
            if called is not None and view.evaluator.of(view.source, called).key in _TASKS:
                view.unresolved(decorator, _WHY)


READER = Reader(system=SYSTEM.name, markers=(b"zappa",), packages=("zappa",), call=_call, file=_file)
