# ruff: noqa: E501 - code under test reads better on one line
"""Every form in which Celery's schedules are written down."""

from __future__ import annotations

import pytest
from celery.schedules import crontab
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.jobs import Expression, Inventory, Job, Literal, Schedule, literal_of
from migrator.scanners.python.celery_moments import field_text

TASKS = "from celery import shared_task\n@shared_task\ndef f(): ...\n"
ENTRY = '{"task": "tasks.f", "schedule": 30}'
HEAD = "from celery import Celery\nfrom celery.schedules import crontab\nfrom datetime import timedelta\n"


def schedules(inventory: Inventory) -> list[tuple[str, str, int]]:
    return [(s.name, s.job, s.location.line) for s in inventory.of(Schedule, "celery")]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(f'CELERY_BEAT_SCHEDULE = {{"n": {ENTRY}}}', ("n", 1), id="Django"),
        pytest.param(f'CELERYBEAT_SCHEDULE = {{\n  "n": {ENTRY},\n}}', ("n", 2), id="old name"),
        pytest.param(f'app.conf.beat_schedule = {{"n": {ENTRY}}}', ("n", 1), id="conf"),
        pytest.param(f'app.conf.update(beat_schedule={{"n": {ENTRY}}})', ("n", 1), id="update by keyword"),
        pytest.param(f'app.conf.update({{"beat_schedule": {{"n": {ENTRY}}}}})', ("n", 1), id="update by dictionary"),
        pytest.param(f'app.conf["beat_schedule"] = {{"n": {ENTRY}}}', ("n", 1), id="subscript of conf"),
        pytest.param(f'app.conf.beat_schedule["n"] = {ENTRY}', ("n", 1), id="subscript"),
        pytest.param(f'CELERY_BEAT_SCHEDULE["n"] = {ENTRY}', ("n", 1), id="subscript in another settings module"),
        pytest.param(f'CELERY_BEAT_SCHEDULE.update({{"n": {ENTRY}}})', ("n", 1), id="update"),
        pytest.param(f"CELERY_BEAT_SCHEDULE.update(n={ENTRY})", ("n", 1), id="update with a keyword"),
        pytest.param(f'CELERY_BEAT_SCHEDULE |= {{"n": {ENTRY}}}', ("n", 1), id="merge"),
        pytest.param(f'CELERY_BEAT_SCHEDULE.setdefault("n", {ENTRY})', ("n", 1), id="setdefault"),
        pytest.param('CELERY_BEAT_SCHEDULE = dict(n=dict(task="tasks.f", schedule=30))', ("n", 1), id="dict()"),
        pytest.param(f'extra = {{"n": {ENTRY}}}\nCELERY_BEAT_SCHEDULE = {{**extra}}', ("n", 1), id="spread"),
        pytest.param(f'entries = {{}}\nentries["n"] = {ENTRY}\napp.conf.beat_schedule = entries', ("n", 2), id="filled before"),
        pytest.param(f'if DEBUG:\n    CELERY_BEAT_SCHEDULE = {{"n": {ENTRY}}}', ("n", 2), id="under a condition"),
        pytest.param(f'class Config:\n    beat_schedule = {{"n": {ENTRY}}}', ("n", 2), id="class"),
        pytest.param(f'def make_schedule():\n    schedule = {{"n": {ENTRY}}}\n    return schedule\nCELERY_BEAT_SCHEDULE = make_schedule()', ("n", 2), id="function"),
        pytest.param('CELERY_BEAT_SCHEDULE = {"n": {"task": f.name, "schedule": 30}}', ("n", 1), id="task by attribute"),
        pytest.param('from other import PREFIX\nCELERY_BEAT_SCHEDULE = {"n": {"task": PREFIX + ".f", "schedule": 30}}', ("n", 2), id="name from a constant"),
        pytest.param("@app.on_after_configure.connect\ndef setup(sender, **kwargs):\n    sender.add_periodic_task(30, f.s(), name='n')", ("n", 3), id="add_periodic_task"),
        pytest.param("app.add_periodic_task(30.0, f, name='n')", ("n", 1), id="add_periodic_task of a task"),
    ],
)  # fmt: skip
def test_forms(scan_tree, code: str, expected: tuple[str, int]) -> None:
    head = 'from celery import Celery\nfrom tasks import f\napp = Celery("p")\n'
    inventory = scan_tree({"tasks.py": TASKS, "other.py": 'PREFIX = "tasks"\n', "settings.py": head + code})
    name, line = expected
    assert schedules(inventory) == [(name, "tasks:f", line + 3)]
    (schedule,) = inventory.of(Schedule)
    assert (schedule.job_name, literal_of(schedule.interval), schedule.cron, schedule.confidence) == ("tasks.f", 30, None, "certain")


MADE = {
    "comprehension": "def make(entries):\n    return {n: {'task': t, 'schedule': crontab(minute=m)} for n, t, m in entries}\nCELERY_BEAT_SCHEDULE = make([('a', 'tasks.f', 1), ('b', 'tasks.g', 2)])",
    "loop": "def make(entries):\n    found = {}\n    for n, t, m in entries:\n        found[n] = {'task': t, 'schedule': crontab(minute=m)}\n    return found\nCELERY_BEAT_SCHEDULE = make([('a', 'tasks.f', 1), ('b', 'tasks.g', 2)])",
    "dictionaries": "def make(entries):\n    return {e['name']: {'task': e['task'], 'schedule': crontab(minute=e['at'])} for e in entries}\nCELERY_BEAT_SCHEDULE = make([{'name': 'a', 'task': 'tasks.f', 'at': 1}, {'name': 'b', 'task': 'tasks.g', 'at': 2}])",
    "list of its own": "ENTRIES = [('a', 'tasks.f', 1), ('b', 'tasks.g', 2)]\ndef make(entries):\n    return {n: {'task': t, 'schedule': crontab(minute=m)} for n, t, m in entries}\napp.conf.beat_schedule = make(ENTRIES)",
}


@pytest.mark.parametrize("form", MADE)
def test_functions_that_make_a_schedule_of_a_list(scan_tree, form: str) -> None:
    inventory = scan_tree({"settings.py": HEAD + "app = Celery('p')\n" + MADE[form]})
    assert [(s.name, s.job_name, s.cron) for s in inventory.of(Schedule, "celery")] == [
        ("a", "tasks.f", Literal("1 * * * *")),
        ("b", "tasks.g", Literal("2 * * * *")),
    ]


@pytest.mark.parametrize(
    ("schedule", "cron", "interval"),
    [
        pytest.param("30", None, Literal(30), id="number"),
        pytest.param("0.5", None, Literal(0.5), id="fraction"),
        pytest.param("5 * 60", None, Literal(300), id="arithmetic"),
        pytest.param("EVERY", None, Literal(7), id="constant"),
        pytest.param("timedelta(minutes=5)", None, Literal(300), id="timedelta"),
        pytest.param("timedelta(1, 30)", None, Literal(86_430), id="timedelta by position"),
        pytest.param("timedelta(hours=1, minutes=30)", None, Literal(5_400), id="timedelta of two"),
        pytest.param("timedelta(minutes=N)", None, Expression("N", 60), id="timedelta of an expression"),
        pytest.param("timedelta(hours=1, minutes=N)", None, Expression("(timedelta(hours=1, minutes=N)).total_seconds()"), id="timedelta in part"),
        pytest.param("schedule(timedelta(seconds=9))", None, Literal(9), id="schedule()"),
        pytest.param("crontab()", Literal("* * * * *"), None, id="every minute"),
        pytest.param("crontab(hour=5)", Literal("* 5 * * *"), None, id="minute defaults to every"),
        pytest.param("crontab(0, 5, 'mon', 1, 6)", Literal("0 5 1 6 mon"), None, id="by position"),
        pytest.param("crontab(minute='*/15', hour='9-17', day_of_week='Mon-Fri')", Literal("*/15 9-17 * * mon-fri"), None, id="names"),
        pytest.param("crontab(minute=0, hour=0, day_of_week='sunday')", Literal("0 0 * * sun"), None, id="long names"),
        pytest.param("crontab(minute=[30, 0], hour={1, 2})", Literal("0,30 1,2 * * *"), None, id="lists and sets"),
        pytest.param("crontab(minute='0, 30')", Literal("0,30 * * * *"), None, id="blanks"),
        pytest.param("crontab(minute=N)", Expression("crontab(minute=N)"), None, id="expression"),
        pytest.param("crontab(**kw)", Expression("crontab(**kw)"), None, id="unpacked"),
        pytest.param("crontab.from_string('0  4 * * 1')", Literal("0 4 * * 1"), None, id="from_string"),
        pytest.param("crontab.from_string(os.environ['CRON'])", Expression("crontab.from_string(os.environ['CRON'])"), None, id="from the environment"),
    ],
)  # fmt: skip
def test_moments(scan_tree, schedule: str, cron: object, interval: object) -> None:
    code = f'{HEAD}from celery.schedules import schedule\nEVERY = 7\nCELERY_BEAT_SCHEDULE = {{"n": {{"task": "tasks.f", "schedule": {schedule}}}}}\n'
    (found,) = scan_tree({"settings.py": code}).of(Schedule)
    assert (found.cron, found.interval) == (cron, interval)


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        pytest.param("solar('sunset', 1, 2)", "solar", id="solar"),
        pytest.param("Mine()", "", id="own class"),
        pytest.param("os.environ['EVERY']", "run time", id="environment"),
    ],
)
def test_what_has_no_cron_and_no_interval_is_kept_as_written(scan_tree, schedule: str, why: str) -> None:
    code = f'{HEAD}from celery.schedules import solar\nCELERY_BEAT_SCHEDULE = {{"n": {{"task": "tasks.f", "schedule": {schedule}}}}}\n'
    (found,) = scan_tree({"settings.py": code}).of(Schedule)
    assert (found.cron, found.interval, found.options["schedule"], found.confidence) == (None, None, Expression(schedule), "likely")
    assert why in found.reason


def test_everything_that_an_entry_says(scan_tree, tmp_path) -> None:
    code = 'CELERY_TIMEZONE = "Europe/Berlin"\nCELERY_BEAT_SCHEDULE = {\n    "ü": {"task": "tasks.f", "schedule": crontab(hour=1), "args": (1, x), "kwargs": {"k": 2}, "options": {"queue": "q"}, "relative": True},\n}\n'
    (found,) = scan_tree({"settings.py": HEAD + code}).of(Schedule)
    assert (found.timezone, found.defined_in) == ("Europe/Berlin", "config")
    assert [(a.name, a.value) for a in found.arguments] == [("", Literal(1)), ("", Expression("x")), ("k", Literal(2))]
    assert found.options == {"options": Literal({"queue": "q"}), "relative": Literal(True)}
    assert found.entry is not None
    entry = (tmp_path / "settings.py").read_bytes()[found.entry.start : found.entry.end].decode()
    assert entry.startswith('"ü": {')
    assert entry.endswith("True}")


def test_a_list_that_is_turned_into_the_schedule(scan_tree) -> None:
    inventory = scan_tree(
        {
            "tasks.py": TASKS,
            "beats.py": """
                import os
                from celery.schedules import crontab
                def build():
                    schedule = {}
                    rows = [
                        {"name": "one", "env": "A", "task": "tasks.f", "cron": "*/10 * * * *"},
                        {"name": "two", "env": "B", "task": "tasks.g", "cron": "0 0 * * *"},
                    ]
                    for row in rows:
                        value = os.getenv(row["env"], row["cron"])
                        minute, hour, day, month, week = value.split(" ")
                        schedule[row["name"]] = {"task": row["task"], "schedule": crontab(minute, hour, week, day, month)}
                    return schedule
                """,
            "settings.py": "from beats import build\nCELERY_BEAT_SCHEDULE = build()\n",
        }
    )
    assert [(s.name, s.job_name, s.location.path, s.location.line) for s in inventory.of(Schedule)] == [
        ("one", "tasks.f", "beats.py", 7),
        ("two", "tasks.g", "beats.py", 8),
    ]
    assert [s.cron for s in inventory.of(Schedule)] == [Expression("crontab(minute, hour, week, day, month)")] * 2
    assert inventory.unresolved == ()


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("CELERY_BEAT_SCHEDULE = {n: {'task': t, 'schedule': s} for n, t, s in [('one', 'tasks.f', 1), ('two', 'tasks.f', 2)]}", id="comprehension"),
        pytest.param("CELERY_BEAT_SCHEDULE = {}\nfor n, (t, s) in {'one': ('tasks.f', 1), 'two': ('tasks.f', 2)}.items():\n    CELERY_BEAT_SCHEDULE[n] = {'task': t, 'schedule': s}", id="items"),
    ],
)  # fmt: skip
def test_loops_over_what_is_known(scan_tree, code: str) -> None:
    inventory = scan_tree({"tasks.py": TASKS, "settings.py": code})
    assert [(s.name, s.job, s.interval) for s in inventory.of(Schedule)] == [("one", "tasks:f", Literal(1)), ("two", "tasks:f", Literal(2))]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("CELERY_BEAT_SCHEDULE = load()", id="function elsewhere"),
        pytest.param("CELERY_BEAT_SCHEDULE = {**load()}", id="spread"),
        pytest.param("CELERY_BEAT_SCHEDULE = {}\nCELERY_BEAT_SCHEDULE.update(plugins.tasks())", id="update"),
        pytest.param("from celery import Celery\napp = Celery('p')\nfor p in plugins: app.add_periodic_task(**p)", id="add_periodic_task"),
    ],
)
def test_what_cannot_be_followed_is_reported(scan_tree, code: str) -> None:
    inventory = scan_tree({"settings.py": code})
    assert schedules(inventory) == []
    assert [u.system for u in inventory.unresolved] == ["celery"]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param('JOBS = {"n": {"task": "x", "schedule": "0 5 * * *"}}', id="another scheduler's table"),
        pytest.param('ROW = {"task": clean, "schedule": 5}\nROWS = {"n": ROW}', id="no name of a task"),
        pytest.param('from celery.schedules import crontab\nX = {"n": {"schedule": crontab()}}', id="no task"),
    ],
)
def test_no_schedule(scan_tree, code: str) -> None:
    assert schedules(scan_tree({"tasks.py": TASKS, "settings.py": f"# celery\n{code}"})) == []


LISTED = """
from datetime import timedelta
from celery.schedules import crontab
beats: list[dict] = [
    {"name": "one", "task": Names.F, "schedule": timedelta(seconds=20), "options": {"expires": 60}},
]
if flag():
    beats.append({"name": "two", "task": "tasks.f", "schedule": crontab(hour=3, minute=0)})
NOTES = [{"name": "n", "task": "tasks.f", "schedule": "soon"}, {"name": "m", "task": "tasks.f"}, {"name": "k", "task": unknown(), "schedule": crontab()}]
"""


def test_a_list_that_an_own_scheduler_takes(scan_tree) -> None:
    own = """
        from celery.beat import PersistentScheduler
        from lists import beats
        class Own(PersistentScheduler):
            def entries(self, tenants):
                made = {}
                for tenant in tenants:
                    for row in load(beats):
                        made[f"{row['name']}-{tenant}"] = {"task": row["task"], "schedule": row["schedule"]}
                return made
        """
    text = 'class Names:\n    F = "tasks.f"\n' + LISTED
    inventory = scan_tree({"tasks.py": TASKS, "lists.py": text, "own.py": own})
    assert [(s.name, s.job, s.confidence, s.location.line) for s in inventory.of(Schedule)] == [
        ("one", "tasks:f", "likely", 7),
        ("two", "tasks:f", "likely", 10),
    ]
    assert [literal_of(s.interval) for s in inventory.of(Schedule)] == [20, None]


def test_a_list_without_celery_is_no_schedule(scan_tree) -> None:
    text = LISTED.replace("from celery.schedules import crontab", "# celery\nfrom other import crontab")
    assert schedules(scan_tree({"tasks.py": TASKS, "lists.py": 'class Names:\n    F = "tasks.f"\n' + text})) == []


def migration(run: str, name: str = "sweep") -> str:
    return f"""
from django.db import migrations
def make(apps, editor):
    PeriodicTask = apps.get_model("django_celery_beat", "PeriodicTask")
    PeriodicTask.objects.update_or_create(name="sweep", defaults={{"task": "tasks.f"}})
def drop(apps, editor):
    PeriodicTask = apps.get_model("django_celery_beat", "PeriodicTask")
    PeriodicTask.objects.filter(name="{name}").delete()
class Migration(migrations.Migration):
    operations = [{run}]
"""


ROWS = """
from django.db import migrations
JOBS = {"sweep": "tasks.f", "tidy": "tasks.g"}
def make(apps, editor):
    PeriodicTask = apps.get_model("django_celery_beat", "PeriodicTask")
    PERIODIC
class Migration(migrations.Migration):
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
"""


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (
            "for name, task in JOBS.items():\n        PeriodicTask.objects.create(name=name, task=task)",
            [("sweep", "tasks.f"), ("tidy", "tasks.g")],
        ),
        (
            "PeriodicTask.objects.bulk_create([PeriodicTask(name=n, task=t) for n, t in JOBS.items()])",
            [("sweep", "tasks.f"), ("tidy", "tasks.g")],
        ),
        ("for name in apps.all():\n        PeriodicTask.objects.create(name=name, task='tasks.f')", [("tasks.f", "tasks.f")]),
        ("for name in JOBS:\n        PeriodicTask.objects.filter(name=name)", []),
    ],
    ids=["a loop", "a comprehension", "only the run knows", "none written"],
)
def test_rows_that_a_migration_writes_in_a_loop(scan_tree, written: str, names: list[tuple[str, str]]) -> None:
    inventory = scan_tree({"tasks.py": TASKS, "shop/migrations/0001_jobs.py": ROWS.replace("PERIODIC", written)})
    assert [(s.name, s.job_name) for s in inventory.of(Schedule)] == names


FORTH, BACK = "migrations.RunPython(make, drop)", "migrations.RunPython(code=drop, reverse_code=make)"


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        pytest.param({"a/migrations/0001_x.py": migration(FORTH)}, ["a/migrations/0001_x.py"], id="made"),
        pytest.param({"a/migrations/0001_x.py": migration(BACK)}, [], id="made when it is taken back"),
        pytest.param({"a/migrations/0001_x.py": migration(FORTH), "a/migrations/0002_x.py": migration(BACK)}, [], id="made and deleted"),
        pytest.param(
            {"a/migrations/0001_x.py": migration(BACK), "a/migrations/0002_x.py": migration(FORTH)},
            ["a/migrations/0002_x.py"],
            id="made again",
        ),
        pytest.param(
            {"a/migrations/0001_x.py": migration(FORTH), "b/migrations/0002_x.py": migration(BACK)},
            ["a/migrations/0001_x.py"],
            id="deleted in another application",
        ),
        pytest.param(
            {"a/migrations/0001_x.py": migration(FORTH), "a/migrations/0002_x.py": migration(BACK, "other")},
            ["a/migrations/0001_x.py"],
            id="another row deleted",
        ),
        pytest.param({"a/rows.py": migration(BACK)}, ["a/rows.py"], id="no migration"),
    ],
)
def test_what_migrations_leave(scan_tree, files: dict[str, str], paths: list[str]) -> None:
    assert [s.location.path for s in scan_tree({"tasks.py": TASKS, **files}).of(Schedule)] == paths


def test_periodic_tasks_of_celery_4(scan_tree) -> None:
    inventory = scan_tree(
        {
            "tasks.py": "from celery.task import PeriodicTask, periodic_task\nfrom celery.schedules import crontab\n@periodic_task(run_every=crontab(minute=5))\ndef f(): ...\nclass G(PeriodicTask):\n    run_every = 60\n    def run(self): ...\n"
        }
    )
    assert [(s.job, s.cron, s.interval, s.location.line) for s in inventory.of(Schedule)] == [
        ("tasks:f", Literal("5 * * * *"), None, 3),
        ("tasks:G", None, Literal(60), 5),
    ]
    assert [j.form for j in inventory.of(Job)] == ["decorator", "class"]


_NAMES = st.sampled_from(["sun", "mon", "Tuesday", "WED", "thu", "fri", "sat"])
_DAYS = st.one_of(
    st.integers(0, 6),
    _NAMES,
    st.tuples(_NAMES, _NAMES).map("-".join),
    st.lists(st.integers(0, 6), min_size=1, max_size=7),
    st.sampled_from(["*", "*/2", "1-5/2", "0, 3"]),
)


# On a busy machine making the values can take long.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    _DAYS,
    st.one_of(st.integers(0, 59), st.lists(st.integers(0, 59), min_size=1, max_size=8), st.sampled_from(["*", "*/7", "0-30/10", "5,10"])),
)
def test_the_text_of_a_crontab_means_what_celery_makes_of_it(day: object, minute: object) -> None:
    written = crontab(minute=minute, day_of_week=day)
    texts = [field_text(Literal(v)) for v in (minute, day)]
    read = crontab.from_string(f"{texts[0]} * * * {texts[1]}")
    assert (read.minute, read.day_of_week) == (written.minute, written.day_of_week)


@pytest.mark.parametrize(
    ("package", "given"),
    [
        ("celerybeatmongo.models", "Own.objects.create(name='nightly', task='shop.sweep', crontab=when)"),
        ("celerybeatmongo.models", "PeriodicTask.objects.create(name='nightly', task='shop.sweep', crontab=when)"),
        ("sqlalchemy_celery_beat.models", "PeriodicTask(name='nightly', task='shop.sweep', schedule_model=when)"),
        ("celery_sqlalchemy_scheduler.models", "PeriodicTask(name='nightly', task='shop.sweep', interval=when)"),
    ],
)
def test_rows_of_other_beats(scan_tree, package: str, given: str) -> None:
    code = f"from {package} import PeriodicTask\n\nclass Own(PeriodicTask):\n    last = 1\n\ndef add(when):\n    {given}\n"
    assert [(s.name, s.job_name, s.confidence) for s in scan_tree({"shop.py": code}).of(Schedule)] == [("nightly", "shop.sweep", "likely")]


def test_a_function_that_plans_jobs_of_its_own_says_nothing_of_beat(scan_tree) -> None:
    store = "from tasks import app\n\ndef take_scheduled_jobs(day):\n    jobs = Job.query.filter(Job.day < day).all()\n    return jobs\n\ndef others():\n    jobs = []\n    return jobs\n"
    inventory = scan_tree({"tasks.py": f"{HEAD}app = Celery('p')\n@app.task\ndef f(): ...\n", "store.py": store})
    assert inventory.unresolved == ()


def test_a_function_that_makes_a_schedule_is_followed_into_what_it_is_made_of(scan_tree) -> None:
    made = f"{HEAD}from site_settings import more\ndef make_schedule():\n    found = {{'n': {ENTRY}}}\n    found.update(more())\n    return found\n"
    inventory = scan_tree({"tasks.py": f"{HEAD}app = Celery('p')\n@app.task\ndef f(): ...\n", "plans.py": made})
    assert [s.name for s in inventory.of(Schedule)] == ["n"]
    assert [(u.path, u.reason) for u in inventory.unresolved] == [("plans.py", "a part of beat's schedule is only known at run time")]


def test_an_entry_whose_task_another_package_names(scan_tree) -> None:
    settings = f"from acme.tasks import EVENTS\nCELERY_BEAT_SCHEDULE = {{'events': {{**EVENTS, 'schedule': 30}}, 'n': {ENTRY}}}\n"
    inventory = scan_tree({"tasks.py": TASKS, "settings.py": settings})
    told = [(s.name, s.job_name, s.confidence, s.reason) for s in inventory.of(Schedule, "celery")]
    assert told == [("events", "", "likely", "the name of the task is only known at run time"), ("n", "tasks.f", "certain", "")]


def test_a_spread_with_a_schedule_elsewhere_is_no_entry(scan_tree) -> None:
    code = HEAD + "PLANS = {'summer': {**other(), 'schedule': crontab(minute=0)}, 'winter': dict(BASE, schedule=30)}\n"
    inventory = scan_tree({"tasks.py": TASKS, "plans.py": code})
    assert inventory.of(Schedule) == ()


def test_a_schedule_that_tasks_put_together_is_said(scan_tree) -> None:
    base = """
        from celery import Task
        class Base(Task):
            every = None
            @classmethod
            def entries(cls):
                return {cls.name: {"task": cls.name, "schedule": cls.every}}
            @classmethod
            def on_bound(cls, app):
                app.conf.beat_schedule.update(cls.entries())
    """
    inventory = scan_tree({"tasks.py": TASKS, "base.py": base})
    assert [(u.line, u.reason) for u in inventory.unresolved] == [(10, "a part of beat's schedule is only known at run time")]


@pytest.mark.parametrize(
    "task", ["Nightly(name='nightly', task='shop.sweep', interval=when).save()", "row = Nightly(task='shop.sweep')\nrow.save()"]
)
def test_rows_of_a_model_of_the_project(scan_tree, task: str) -> None:
    models = "from celerybeatmongo.models import PeriodicTask\nclass Owned(PeriodicTask): ...\nclass Nightly(Owned): ...\nclass Note: ...\n"
    inventory = scan_tree({"models.py": models, "use.py": f"from models import Nightly, Note\n{task}\nNote(task='shop.other').save()\n"})
    assert [(s.job_name, s.confidence, s.location.line) for s in inventory.of(Schedule, "celery")] == [("shop.sweep", "likely", 2)]


CARRIED = """
from celery import Celery, Task
app = Celery("shop")
class Timed(Task):
    every = None
    @classmethod
    def on_bound(cls, app):
        if cls.every:
            app.conf.beat_schedule.update(cls.entries())
    @classmethod
    def entries(cls):
        return {cls.name: {"task": cls.name, "schedule": cls.every}}
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("@app.task(base=Timed, every=30)\ndef tidy(): ...\n", [("shop.tidy", 30)], id="option of a decorator"),
        pytest.param(
            "class Tidy(Timed):\n    name = 'tidy'\n    every = 30\n    def run(self): ...\n", [("tidy", 30)], id="attribute of a class"
        ),
        pytest.param("class Tidy(Timed):\n    def run(self): ...\n", [], id="class that sets none"),
        pytest.param("@app.task(base=Timed)\ndef tidy(): ...\n", [], id="none is given"),
        pytest.param("@app.task(every=30)\ndef tidy(): ...\n", [], id="another class"),
    ],
)
def test_schedules_that_tasks_carry_for_the_class_that_they_are_made_with(scan_tree, code: str, expected: list[tuple[str, int]]) -> None:
    found = scan_tree({"shop.py": CARRIED + code}).of(Schedule, "celery")
    assert [(s.job_name, literal_of(s.interval)) for s in found] == expected
    assert {s.confidence for s in found} <= {"likely"}
