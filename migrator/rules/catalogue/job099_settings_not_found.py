"""JOB099: settings are taken from somewhere, and nothing was found there."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Setting
from migrator.rules.celery_configuration import settings_away
from migrator.rules.evidence import Evidence, spot
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for all settings of Celery."""
    away = settings_away(evidence)
    if away is not None:
        message = f"`{away.name}` takes the settings of Celery from where nothing was recognised as one: rules on settings cannot tell."
        yield Fail(spot(away), message, ("celery",))
        return
    said = next((s for s in evidence.of(Setting, "celery") if "key" in s.options), None)
    if said is not None:
        yield Pass(spot(said, f"`{said.name}` is a setting of Celery"))


_APP = 'from celery import Celery\n\napp = Celery("shop")\napp.config_from_object("shop.settings")\n\n@app.task\ndef send(to): ...\n'

RULE = Rule(
    id="JOB099",
    name="settings-not-found",
    title="Settings in which nothing was recognised",
    severity="info",
    systems=("celery",),
    what="A Celery application that takes its settings from an object, a module or an environment variable, where none of what was found "
    "is a setting of Celery.",
    why="Time limits, serializers, acknowledgement and the broker are then known to nobody who reads this code, this audit included. "
    "Celery itself passes over names that it does not know: a wrong prefix turns every setting off without a word.",
    how="`config_from_object` and `config_from_envvar` are followed through imports; each name is compared with Celery's own, in all "
    "spellings and with the `namespace` that is given.",
    false_alarms="Settings that another repository or the environment holds.",
    migration="Settings that were not seen are not carried over.",
    fix="none",
    hint="Check the module's name and the `namespace`; look with `celery -A … report` at what holds.",
    effort=Effort(10, 30, "project", "an estimate"),
    sources=("Celery user guide, Application, Configuration",),
    examples=(
        Example(
            "celery",
            bad={"shop/__init__.py": "", "shop/celery.py": _APP, "shop/settings.py": 'BROKER = "redis://cache"\n'},
            good={
                "shop/__init__.py": "",
                "shop/celery.py": _APP,
                "shop/settings.py": 'broker_url = "redis://cache"\ntask_acks_late = True\n',
            },
        ),
    ),
    check=check,
)
