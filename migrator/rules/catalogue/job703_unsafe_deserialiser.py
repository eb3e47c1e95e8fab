"""JOB703: whoever can write to the broker can run code in the workers."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Literal, Setting
from migrator.rules.celery_configuration import key
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided

#: what workers unpack of whatever arrives
_ACCEPT = frozenset(("accept_content", "result_accept_content"))
_SERIALIZERS = frozenset(("task_serializer", "result_serializer", "event_serializer"))
_PICKLE = frozenset(("pickle", "application/x-python-serialize"))


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all settings that say what is unpacked; a serializer counts where its file does not say what is accepted."""
    settings = [s for s in evidence.of(Setting, "celery") if s.value is not None]
    files = {s.location.path for s in settings if key(s) in _ACCEPT}
    looked = [s for s in settings if key(s) in _ACCEPT or (key(s) in _SERIALIZERS and s.location.path not in files)]
    unsafe = [s for s in looked if _has_pickle(s)]
    if unsafe:
        message = f"`{unsafe[0].name}` allows pickle: a worker runs whatever code a message holds, and the broker is a door to it."
        yield Fail(spot(unsafe[0]), message, ("celery",), spots(unsafe[1:]))
        return
    for setting in looked:
        if isinstance(setting.value, Literal):
            yield Pass(spot(setting, f"`{setting.name}` has no pickle"))
        else:
            yield Undecided(f"`{setting.name}` is only known at run time", spot(setting))


def _has_pickle(setting: Setting) -> bool:
    value = setting.value.value if isinstance(setting.value, Literal) else None
    return any(str(name).lower() in _PICKLE for name in (value if isinstance(value, list | tuple) else [value]))


_CODE = (
    'from celery import Celery\napp = Celery("shop")\napp.conf.task_serializer = "NAME"\napp.conf.accept_content = ["NAME"]\n\n'
    "@app.task\ndef send(to): ...\n"
)

RULE = Rule(
    id="JOB703",
    name="unsafe-deserialiser",
    title="Workers that run code out of messages",
    severity="critical",
    systems=("celery",),
    what="`pickle` in `accept_content` or `result_accept_content` of Celery, or as a serializer where nothing says what is accepted.",
    why="Unpacking a pickle runs code that the message chooses. The broker is then a door to every worker: an open Redis, a leaked "
    "password, or another application on the same broker is enough. Celery has not accepted it by itself since version 4.",
    how="The settings, in all their spellings. A signed pickle (a serializer of the application's own) is not meant. RQ, which packs with "
    "pickle unless it is told otherwise, is left out.",
    false_alarms="A broker that nothing else can reach; it is still one password away.",
    migration="RQ, arq and Huey unpack pickle unless they are told otherwise: there the door stays open. To systems that carry JSON, "
    "arguments that only pickle can carry (dates, models, sets) have to be taken apart first.",
    fix="unsafe",
    hint='Set `accept_content = ["json"]` and `task_serializer = "json"`, and look at what the tasks are handed.',
    effort=Effort(60, 180, "project", "an estimate"),
    sources=("Celery user guide, Security, Serializers", "CWE-502"),
    examples=(Example("celery", bad={"app.py": _CODE.replace("NAME", "pickle")}, good={"app.py": _CODE.replace("NAME", "json")}),),
    check=check,
)
