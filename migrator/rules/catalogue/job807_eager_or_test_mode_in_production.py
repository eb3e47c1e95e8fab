"""JOB807: jobs that run inside the request that enqueues them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from migrator.jobs import Expression, Setting, literal_of
from migrator.regex import regex
from migrator.rules.celery_configuration import named
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.syntax.tree import enclosing

#: settings of a machine that serves nobody
_ELSEWHERE = regex(r"(^|[_./-])(dev|devel|develop|development|local|test|tests|testing|ci|debug|sandbox|e2e)([_./-]|$)", re.IGNORECASE)
_CONDITIONS = frozenset(("if_statement", "elif_clause", "else_clause", "conditional_expression", "class_definition", "function_definition"))
#: a default that the environment may change
_DEFAULT = regex(r"(?:default\s*=\s*|,\s*)(True|False)\b|\.(?:BooleanValue)\(\s*(True|False)\b")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each place that says whether tasks run at once."""
    for setting in named(evidence, "task_always_eager"):
        known = literal_of(setting.value)
        if known is False:
            yield Pass(spot(setting, "tasks go to workers"))
        elif _ELSEWHERE.search(str(PurePosixPath(setting.location.path).with_suffix(""))):
            yield Pass(spot(setting, "only in settings of a machine for development or tests"))
        elif _is_conditional(evidence, setting):
            yield Undecided("whether tasks run at once depends on a condition, or on which settings are chosen", spot(setting))
        elif known is True:
            message = f"`{setting.name}` is true: every task runs inside the request that enqueues it, and no worker ever sees one."
            yield Fail(spot(setting), message, ("celery",))
        elif (found := _DEFAULT.search(setting.value.source if isinstance(setting.value, Expression) else "")) is not None:
            if "True" in found.groups():
                message = f"`{setting.name}` is true unless the environment says otherwise: forgotten there, no task ever reaches a worker."
                yield Fail(spot(setting), message, ("celery",), confidence="likely")
            else:
                yield Pass(spot(setting, "false unless the environment says otherwise"))
        else:
            yield Undecided("whether tasks run at once is only known at run time", spot(setting))


def _is_conditional(evidence: Evidence, setting: Setting) -> bool:
    """True for a setting under a condition, or in a class or function that is one of several."""
    if setting.entry is None or not setting.location.path.endswith(".py"):
        return True
    view = evidence.bodies.view(setting.location.path)
    node = view.source.root.descendant_for_byte_range(setting.entry.start, setting.entry.start)
    return node is None or enclosing(node, _CONDITIONS) is not None


_CODE = 'from celery import Celery\napp = Celery("shop")\napp.conf.task_always_eager = VALUE\n\n@app.task\ndef send(to): ...\n'

RULE = Rule(
    id="JOB807",
    name="eager-or-test-mode-in-production",
    title="Tasks that run where they are enqueued",
    severity="high",
    systems=("celery",),
    what="`task_always_eager` that is true, or true unless the environment says otherwise, in settings that serve users.",
    why="`delay` then calls the function: the user waits for it, an error of it is an error of the request, `countdown` and retries "
    "count for nothing, and what is enqueued in a transaction sees uncommitted rows. Nothing looks broken until load comes.",
    how="The setting, in all its spellings; files and folders named after development or tests are left out. Under a condition, or in one "
    "of several classes of settings, the answer is unknown.",
    false_alarms="Settings that only tests use, and whose name does not say so.",
    migration="There is no such switch in most targets; tests that rely on it need another way.",
    fix="none",
    hint="Set it in the settings of the tests alone.",
    effort=Effort(10, 10, "place", "an estimate"),
    sources=("Celery documentation, `task_always_eager`",),
    examples=(Example("celery", bad={"app.py": _CODE.replace("VALUE", "True")}, good={"app.py": _CODE.replace("VALUE", "False")}),),
    check=check,
    left_behind=True,
    stays_on=("django-tasks",),
)
