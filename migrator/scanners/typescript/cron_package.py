"""The npm package `cron` 1 to 4: `new CronJob("0 3 * * *", run)` and `CronJob.from({ cronTime, onTick })`."""

from __future__ import annotations

from migrator.jobs import Options
from migrator.scanners.linking import Place
from migrator.scanners.reading import Call, Reader
from migrator.scanners.typescript.cron_timers import Timer, add_once, add_timer, is_moment
from migrator.systems.cron import SYSTEM

_PACKAGE = "cron"
#: every way to make a timer
CONSTRUCTORS = frozenset(f"{_PACKAGE}{path}.{name}" for path in ("", ".default") for name in ("CronJob", "job", "CronJob.from"))
#: the arguments by position, in the words of the object that may stand for them
_POSITIONS = ("cronTime", "onTick", "onComplete", "start", "timeZone", "context", "runOnInit", "utcOffset", "unrefTimeout")


def read(call: Call) -> None:
    """Sort one call of the package's API."""
    if call.key not in CONSTRUCTORS:
        return
    view, first = call.view, call.arguments.get(0)
    given: dict[str, Place] = view.evaluator.entries(first) if first is not None else {}
    if "cronTime" not in given:
        given = {name: call.arguments[index] for index, name in enumerate(_POSITIONS) if index in call.arguments}
    when = given.get("cronTime")
    options: Options = {k: view.value(v) for k, v in given.items() if k not in ("cronTime", "onTick", "onComplete", "context")}
    timer = Timer(
        form="CronJob",
        cron=view.value(when) if when is not None else None,
        handler=given.get("onTick"),
        name=given.get("name"),
        zone=given.get("timeZone"),
        options=options,
        depends=(when,),
    )
    if when is not None and is_moment(view, when):
        add_once(call, SYSTEM.name, timer, when)
    else:
        add_timer(call, SYSTEM.name, timer)


READER = Reader(system=SYSTEM.name, markers=(b'"cron"', b"'cron'"), packages=(_PACKAGE,), call=read)
