# ruff: noqa: E501 - code under test reads better on one line
"""Settings, applications, rows of django-celery-beat, and workers that code starts."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Expression, Inventory, Job, Literal, Schedule, Setting, Worker, literal_of

APP = 'from celery import Celery\napp = Celery("p")\n'


def settings(inventory: Inventory) -> list[tuple[str, int, object]]:
    return [(s.name, s.location.line, literal_of(s.options.get("key"))) for s in inventory.of(Setting, "celery")]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("CELERY_TIMEZONE = 'UTC'", ("CELERY_TIMEZONE", 1, "timezone"), id="Django"),
        pytest.param("CELERY_TASK_TIME_LIMIT: Final[int] = env(3)", ("CELERY_TASK_TIME_LIMIT", 1, "task_time_limit"), id="annotated"),
        pytest.param("CELERYD_CONCURRENCY = 3", ("CELERYD_CONCURRENCY", 1, "worker_concurrency"), id="old name"),
        pytest.param("# celery\nBROKER_URL = 'x'", ("BROKER_URL", 2, "broker_url"), id="old name without prefix"),
        pytest.param("CELERY_OF_OURS = 3", ("CELERY_OF_OURS", 1, None), id="a name of the project's own"),
        pytest.param("class Base:\n    CELERY_TIMEZONE = 'UTC'", ("CELERY_TIMEZONE", 2, "timezone"), id="class of settings"),
        pytest.param("flask.config.update(CELERY_BROKER_URL='x')", ("CELERY_BROKER_URL", 1, "broker_url"), id="Flask, by keyword"),
        pytest.param("flask.config['CELERY_BROKER_URL'] = 'x'", ("CELERY_BROKER_URL", 1, "broker_url"), id="Flask, by key"),
        pytest.param("CONFIG = {'CELERY_BROKER_URL': 'x'}", ("CELERY_BROKER_URL", 1, "broker_url"), id="dictionary"),
        pytest.param("from app import app\napp.conf.timezone = 'UTC'", ("timezone", 2, "timezone"), id="conf"),
        pytest.param("from app import app\napp.conf['timezone'] = 'UTC'", ("timezone", 2, "timezone"), id="conf by key"),
        pytest.param("from app import app\napp.conf.update(\n    timezone='UTC',\n)", ("timezone", 3, "timezone"), id="update"),
        pytest.param("from app import app\napp.conf.update({\n    'timezone': 'UTC',\n})", ("timezone", 3, "timezone"), id="update with a dictionary"),
        pytest.param("INSTALLED_APPS = [\n    'django_celery_beat',\n]", ("django_celery_beat", 2, None), id="installed app"),
    ],
)  # fmt: skip
def test_settings(scan_tree, code: str, expected: tuple[str, int, str | None]) -> None:
    assert settings(scan_tree({"app.py": APP, "settings.py": code})) == [expected]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("def f():\n    CELERY_X = 1", id="local"),
        pytest.param("x = CELERY_X", id="read"),
        pytest.param("BROKER_URL = 'x'", id="a broker of something else"),
        pytest.param("from settings import CELERY_BROKER_URL", id="import"),
    ],
)
def test_no_setting(scan_tree, code: str) -> None:
    assert settings(scan_tree({"app.py": APP, "settings.py": code})) == []


@pytest.mark.parametrize(
    ("call", "files"),
    [
        pytest.param("app.config_from_object('conf')", {"conf.py": "timezone = 'UTC'\nhelper = 1\n"}, id="module by name"),
        pytest.param("import conf\napp.config_from_object(conf)", {"conf.py": "timezone = 'UTC'\n"}, id="module"),
        pytest.param(
            "app.config_from_object('conf', namespace='JOBS')", {"conf.py": "JOBS_TIMEZONE = 'UTC'\nTIMEZONE = 'x'\n"}, id="namespace"
        ),
        pytest.param(
            "from conf import C\napp.config_from_object(C)", {"conf.py": "class B:\n    timezone = 'UTC'\nclass C(B): ...\n"}, id="class"
        ),
        pytest.param("app.config_from_object('conf:C')", {"conf.py": "class C:\n    timezone = 'UTC'\n"}, id="class by name"),
        pytest.param("from conf import C\napp.config_from_object(C())", {"conf.py": "class C:\n    timezone = 'UTC'\n"}, id="object"),
    ],
)
def test_where_an_app_takes_its_settings_from(scan_tree, call: str, files: dict[str, str]) -> None:
    inventory = scan_tree({"app.py": APP + call, **files})
    found = [s for s in inventory.of(Setting, "celery") if s.location.path == "conf.py"]
    assert [(literal_of(s.options["key"]), s.value) for s in found] == [("timezone", Literal("UTC"))]


def test_a_class_with_celerys_name_holds_settings_under_names_of_its_own(scan_tree) -> None:
    (setting,) = scan_tree({"config.py": "from pydantic import BaseModel\nclass CeleryConfig(BaseModel):\n    broker_dsn: str\n"}).of(
        Setting
    )
    assert (setting.name, setting.location.line, setting.confidence, setting.options) == ("broker_dsn", 3, "likely", {})


def test_an_app(scan_tree, tmp_path) -> None:
    (app,) = scan_tree(
        {"proj/__init__.py": "", "proj/app.py": 'from celery import Celery\n\napp = Celery("p", broker=url, include=["a"])\n'}
    ).of(Client)
    assert (app.role, app.symbol, app.module, app.location.line) == ("app", "app", "proj.app", 3)
    assert app.options == {"main": Literal("p"), "broker": Expression("url"), "include": Literal(["a"])}
    assert app.definition is not None
    data = (tmp_path / "proj/app.py").read_bytes()
    assert data[app.definition.start : app.definition.end] == b'app = Celery("p", broker=url, include=["a"])'


def test_an_app_of_a_class_of_the_project(scan_tree) -> None:
    inventory = scan_tree(
        {"app.py": "from celery import Celery\nclass Mine(Celery):\n    def gen_task_name(self, n, m): ...\ncelery = Mine('p')\n"}
    )
    assert [(c.symbol, c.location.line) for c in inventory.of(Client)] == [("celery", 4)]


def test_a_worker_that_code_starts(scan_tree) -> None:
    inventory = scan_tree(
        {"run.py": APP + 'app.worker_main(["worker", "-Q", "a,b", "-c", "4", "-l", level])\napp.worker_main(argv=["-B"])\n'}
    )
    first, second = inventory.of(Worker)
    assert (first.name, first.queues, first.concurrency, first.location.line) == ("worker", ("a", "b"), Literal(4), 3)
    assert second.options == {"beat": Literal(True)}


ROWS = "from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule\nimport json\n"


@pytest.mark.parametrize(
    ("code", "name", "cron", "interval"),
    [
        pytest.param(
            "c, _ = CrontabSchedule.objects.get_or_create(minute='0', hour='4', timezone='Asia/Tokyo')\nPeriodicTask.objects.get_or_create(name='n', task='tasks.f', crontab=c)",
            *("n", Literal("0 4 * * *"), None),
            id="crontab",
        ),
        pytest.param(
            "i = IntervalSchedule.objects.create(every=10, period=IntervalSchedule.MINUTES)\nPeriodicTask.objects.create(name='n', task='tasks.f', interval=i)",
            *("n", None, Literal(600)),
            id="interval",
        ),
        pytest.param(
            "i, created = IntervalSchedule.objects.get_or_create(every=N, period='hours')\nPeriodicTask.objects.update_or_create(name='n', defaults={'task': 'tasks.f', 'interval': i})",
            *("n", None, Expression("N", 3600)),
            id="update_or_create",
        ),
        pytest.param("PeriodicTask(name='n', task='tasks.f', interval=IntervalSchedule(every=1, period='days')).save()", "n", None, Literal(86_400), id="constructor"),
        pytest.param("PeriodicTask.objects.using('x').create(name='n', task='tasks.f', crontab=CrontabSchedule.objects.create())", "n", Literal("* * * * *"), None, id="other database"),
        pytest.param(
            "row = {'task': 'tasks.f', 'crontab': CrontabSchedule.objects.create(hour='3')}\nPeriodicTask._default_manager.create(name='n', **row)",
            "n",
            Literal("* 3 * * *"),
            None,
            id="unpacked dictionary",
        ),
        pytest.param(
            "def forward(apps, editor):\n    PeriodicTask = apps.get_model(app_label='django_celery_beat', model_name='PeriodicTask')\n    Crontab = apps.get_model('django_celery_beat', 'CrontabSchedule')\n    PeriodicTask(name='n', task='tasks.f', crontab=Crontab.objects.create(minute='7')).save()",
            "n",
            Literal("7 * * * *"),
            None,
            id="constructor in a migration",
        ),
        pytest.param("PeriodicTask.objects.create(name='n', task='tasks.f', solar=s)", "n", None, None, id="solar"),
        pytest.param(
            "def forward(apps, editor):\n    PeriodicTask = apps.get_model('django_celery_beat', 'PeriodicTask')\n    Interval = apps.get_model('django_celery_beat.IntervalSchedule')\n    i, _ = Interval.objects.get_or_create(every=5, period='seconds')\n    PeriodicTask.objects.create(name='n', task='tasks.f', interval=i)",
            *("n", None, Literal(5)),
            id="migration",
        ),
    ],
)  # fmt: skip
def test_rows(scan_tree, code: str, name: str, cron: object, interval: object) -> None:
    inventory = scan_tree({"tasks.py": "from celery import shared_task\n@shared_task\ndef f(): ...\n", "setup_beat.py": ROWS + code})
    (schedule,) = inventory.of(Schedule)
    assert (schedule.name, schedule.job, schedule.cron, schedule.interval, schedule.defined_in) == (
        name,
        "tasks:f",
        cron,
        interval,
        "database",
    )


def test_what_a_row_passes_on(scan_tree) -> None:
    code = "PeriodicTask.objects.create(name='n', task='x', args=json.dumps([1, y]), kwargs='{\"k\": 2}', enabled=False, interval=i)"
    (schedule,) = scan_tree({"rows.py": ROWS + code}).of(Schedule)
    assert [(a.name, a.value) for a in schedule.arguments] == [("", Literal(1)), ("", Expression("y")), ("k", Literal(2))]
    assert schedule.options["enabled"] == Literal(False)
    assert (schedule.interval, schedule.confidence) == (Expression("i"), "likely")


def test_models_of_other_applications_are_no_schedules(scan_tree) -> None:
    code = "from shop.models import PeriodicTask\nPeriodicTask.objects.create(name='n')\ndef f(apps):\n    apps.get_model('shop', 'PeriodicTask').objects.create(name='n')\n"
    assert scan_tree({"app.py": APP, "rows.py": code}).of(Schedule) == ()


def test_a_broken_file_is_read_as_far_as_it_goes(scan_tree) -> None:
    inventory = scan_tree(
        {"tasks.py": "from celery import shared_task\n@shared_task\ndef f(): ...\ndef broken(:\n@shared_task\ndef g(): ...\n"}
    )
    assert "f" in [j.symbol for j in inventory.of(Job)]
    assert [u.reason.split(":")[0] for u in inventory.unresolved] == ["parsed with gaps"]
