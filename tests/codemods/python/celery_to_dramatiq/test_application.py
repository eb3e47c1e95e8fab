"""The application around the jobs: its module, its settings, and what keeps every job on Celery."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codemods.python.celery_to_dramatiq.shop import JOB, check_left, move

SETTINGS = """
import os

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://localhost:6379/0")
CELERY_RESULT_BACKEND = CELERY_BROKER_URL
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ROUTES = {"shop.jobs.*": {"queue": "shop"}, "shop.jobs.f": "exact"}
SHOP_NAME = "The Shop"
"""

BY_SETTINGS = """
from celery import Celery

app = Celery("shop")
app.config_from_object("shop.settings", namespace="CELERY")
app.autodiscover_tasks(["shop"])
"""


def test_an_application_with_a_settings_module(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": 'from .app import app as celery_app\n\n__all__ = ("celery_app", "version")\n\nversion = 1\n',
        "shop/app.py": BY_SETTINGS,
        "shop/settings.py": SETTINGS,
        "shop/jobs.py": JOB,
        "requirements.txt": "celery[redis]>=5\n",
    }
    moved = move(tmp_path, files)
    assert moved.outcomes() == {"shop.jobs.f": "safe rewritten"}
    assert moved.changes.removed_files == ("shop/app.py",)
    assert moved.files["shop/__init__.py"] == '__all__ = ("version",)\n\nversion = 1\n' or '"version"' in moved.files["shop/__init__.py"]
    # The broker's address is still read; what nobody reads any more is gone.
    assert moved.files["shop/settings.py"] == (
        'import os\n\nCELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://localhost:6379/0")\nSHOP_NAME = "The Shop"\n'
    )
    assert "RedisBroker(url=settings.CELERY_BROKER_URL)" in moved.generated["shop/dramatiq_app.py"]
    assert 'queue_name="exact"' in moved.files["shop/jobs.py"]
    assert moved.files["requirements.txt"] == "dramatiq[redis]>=2.0,<3\n"
    # Nothing but the environment's name and the setting's is left of Celery.
    left = "".join(text for path, text in {**moved.files, **moved.generated}.items() if path.endswith(".py"))
    assert "import celery" not in left
    assert "from celery" not in left


def test_a_setting_that_other_code_reads_stays(tmp_path: Path) -> None:
    files = {
        "shop/app.py": BY_SETTINGS,
        "shop/settings.py": SETTINGS,
        "shop/jobs.py": JOB,
        "shop/pages.py": "from shop import settings\n\nprint(settings.CELERY_TIMEZONE)\n",
    }
    assert 'CELERY_TIMEZONE = "UTC"' in move(tmp_path, files).files["shop/settings.py"]


def test_the_environment_beats_the_address_in_the_code(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/jobs.py": JOB})
    written = 'RedisBroker(url=os.environ.get("CELERY_BROKER_URL") or "redis://localhost:6379/0")'
    assert written in moved.generated["shop/dramatiq_app.py"]


ADDRESSES = {
    "imported": (
        "from shop.config import settings\n",
        "settings.redis_url",
        "from shop.config import settings\n",
        'os.environ.get("CELERY_BROKER_URL") or settings.redis_url',
    ),
    "of the module": (
        'import os\n\nHOST = os.getenv("REDIS_HOST", "localhost")\n',
        'f"redis://{HOST}:6379/1"',
        'HOST = os.getenv("REDIS_HOST", "localhost")\n',
        'os.environ.get("CELERY_BROKER_URL") or f"redis://{HOST}:6379/1"',
    ),
    "of the environment": (
        "import os\n",
        'os.environ["CELERY_BROKER_URL"]',
        "import os\n",
        'os.environ["CELERY_BROKER_URL"]',
    ),
}


@pytest.mark.parametrize("form", ADDRESSES)
def test_addresses_are_carried_over(tmp_path: Path, form: str) -> None:
    lines, given, prepared, written = ADDRESSES[form]
    files = {
        "shop/config.py": "class Settings:\n    redis_url = 'redis://localhost'\n\n\nsettings = Settings()\n",
        "shop/app.py": f'from celery import Celery\n{lines}\napp = Celery("shop", broker={given})\n',
        "shop/jobs.py": JOB,
        "requirements.txt": "celery[redis]\n",
    }
    generated = move(tmp_path, files).generated["shop/dramatiq_app.py"]
    assert f"RedisBroker(url={written})" in generated
    assert prepared in generated


def test_an_address_that_only_the_run_knows(tmp_path: Path) -> None:
    app = "from celery import Celery\n\nfrom shop.things import address\n\napp = Celery('shop', broker=address)\n"
    moved = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOB, "requirements.txt": "celery\n"})
    generated = moved.generated["shop/dramatiq_app.py"]
    assert 'url = os.environ.get("CELERY_BROKER_URL") or address\n' in generated
    assert 'broker = RabbitmqBroker(url=amqp(url)) if url.startswith(("amqp", "pyamqp")) else RedisBroker(url=url)\n' in generated
    assert moved.files["requirements.txt"] == "dramatiq[rabbitmq,redis]>=2.0,<3\n"


def test_rabbitmq(tmp_path: Path) -> None:
    app = 'from celery import Celery\n\napp = Celery("shop", broker="amqp://guest@localhost//")\n'
    generated = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOB}).generated["shop/dramatiq_app.py"]
    assert "from dramatiq.brokers.rabbitmq import RabbitmqBroker" in generated


def test_what_the_application_prepared_is_prepared_again(tmp_path: Path) -> None:
    app = """
    from celery import Celery
    from dotenv import load_dotenv

    load_dotenv()

    app = Celery("shop", broker="redis://localhost")
    """
    moved = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOB})
    generated = moved.generated["shop/dramatiq_app.py"]
    assert generated.index("\nload_dotenv()\n") < generated.index("RedisBroker(")
    assert moved.changes.removed_files == ("shop/app.py",)


def test_django(tmp_path: Path) -> None:
    files = {
        "shop/app.py": """
        import os

        from celery import Celery

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

        app = Celery("shop")
        app.config_from_object("django.conf:settings", namespace="CELERY")
        app.autodiscover_tasks()
        """,
        "shop/settings.py": SETTINGS,
        "shop/jobs.py": JOB,
    }
    moved = move(tmp_path, files)
    generated = moved.generated["shop/dramatiq_app.py"]
    assert 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n' in generated
    assert "RedisBroker(url=settings.CELERY_BROKER_URL)" in generated
    assert "broker.add_middleware(Connections())" in generated
    worker = moved.generated["shop/dramatiq_worker.py"]
    assert worker.index("import shop.dramatiq_app") < worker.index("django.setup()") < worker.index("import shop.jobs")


DJANGO = """
import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.task(bind=True, ignore_result=True)
def debug_task(self):
    print(f"Request: {self.request!r}")
"""


def test_the_debug_task_of_every_django_project(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/app.py": DJANGO, "shop/settings.py": SETTINGS, "shop/jobs.py": JOB})
    assert moved.outcomes() == {"shop.app.debug_task": "safe rewritten", "shop.jobs.f": "safe rewritten"}
    assert "celery" not in moved.files["shop/app.py"].lower()


def test_limits_of_the_settings(tmp_path: Path) -> None:
    settings = SETTINGS + "CELERY_TASK_TIME_LIMIT = 5 * 60\nCELERY_TASK_SOFT_TIME_LIMIT = 60\n"
    moved = move(tmp_path, {"shop/app.py": BY_SETTINGS, "shop/settings.py": settings, "shop/jobs.py": JOB}, unsafe=True)
    assert moved.outcomes() == {"shop.jobs.f": "unsafe rewritten"}
    assert "time_limit=60_000" in moved.files["shop/jobs.py"]


def test_eager_settings_for_tests_need_unsafe(tmp_path: Path) -> None:
    tests = "from shop.settings import *\n\nCELERY_TASK_ALWAYS_EAGER = True\n"
    files = {"shop/app.py": DJANGO, "shop/settings.py": SETTINGS, "shop/settings_test.py": tests, "shop/jobs.py": JOB}
    assert set(move(tmp_path / "safe", files).outcomes().values()) == {"unsafe left"}
    moved = move(tmp_path / "unsafe", files, unsafe=True)
    assert set(moved.outcomes().values()) == {"unsafe rewritten"}
    assert "# TODO(migrate MIG152)" in moved.files["shop/settings_test.py"]
    same = {"shop/app.py": DJANGO, "shop/settings.py": SETTINGS + "CELERY_TASK_ALWAYS_EAGER = True\n", "shop/jobs.py": JOB}
    assert set(move(tmp_path / "same", same, unsafe=True).outcomes().values()) == {"manual left"}


def test_the_scheduler_of_a_database_needs_unsafe(tmp_path: Path) -> None:
    settings = SETTINGS + 'CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"\n'
    settings += 'CELERY_BEAT_SCHEDULE = {"it": {"task": "shop.jobs.f", "schedule": 24 * 60}}\n'
    files = {"shop/app.py": DJANGO, "shop/settings.py": settings, "shop/jobs.py": JOB}
    assert set(move(tmp_path / "safe", files).outcomes().values()) == {"unsafe left"}
    moved = move(tmp_path / "unsafe", files, unsafe=True)
    assert set(moved.outcomes().values()) == {"unsafe rewritten"}
    assert "seconds=1440" in moved.generated["shop/dramatiq_scheduler.py"]
    assert "DatabaseScheduler" in moved.files["shop/settings.py"]


def test_what_stays_keeps_its_application_as_default(tmp_path: Path) -> None:
    jobs = JOB + '\n\n@shared_task(rate_limit="1/m")\ndef g():\n    pass\n'
    moved = move(tmp_path, {"shop/jobs.py": jobs})
    # Dramatiq runs jobs in threads, and Celery's current application is a matter of the thread.
    assert "from shop.app import app\n" in moved.generated["shop/dramatiq_worker.py"]
    assert "app.set_default()\n" in moved.generated["shop/dramatiq_worker.py"]
    assert "shop/app.py" not in moved.files


def test_imports_that_register_jobs_stay(tmp_path: Path) -> None:
    """The only module that loads `g` for Celery's worker does so by importing `f`, which it then no longer needs."""
    files = {
        "shop/jobs.py": JOB + '\n\n@shared_task(rate_limit="1/m")\ndef g():\n    pass\n',
        "shop/app.py": """
        from celery import Celery

        from shop.jobs import f

        app = Celery("shop", broker="redis://localhost")
        app.conf.beat_schedule = {"it": {"task": "shop.jobs.f", "schedule": 1}}
        print(f.name)
        """,
    }
    moved = move(tmp_path, files)
    assert "from shop.jobs import f\n" in moved.files.get("shop/app.py", "from shop.jobs import f\n")


EVERYWHERE = {
    "signal": ("from celery.signals import task_prerun\n\n\n@task_prerun.connect\ndef before(**kwargs):\n    pass\n", {"MIG150"}),
    "transport": ("from kombu import Queue\n\nQUEUES = [Queue('a')]\n", {"MIG150"}),
    "second application": ("from celery import Celery\n\nother = Celery('other')\n", {"MIG156"}),
    "own class for all": ("import celery\n\nfrom shop.app import app\n\napp.Task = celery.Task\n", {"MIG113"}),
    "jobs by name": ("from shop.app import app\n\napp.tasks[input()].delay()\n", {"MIG126"}),
    "application handed on": ("from shop.app import app\n\nprint(app)\n", {"MIG156"}),
    "setting by key": ("from shop.app import app\n\napp.conf[input()] = 1\n", {"MIG151"}),
    "unknown setting": ("from shop.app import app\n\napp.conf.task_annotations = {}\n", {"MIG151"}),
    "pickle": ("from shop.app import app\n\napp.conf.task_serializer = 'pickle'\n", {"MIG153"}),
    "routes by function": ("from shop.app import app\n\napp.conf.task_routes = (print,)\n", {"MIG155"}),
    "eager": ("from shop.app import app\n\napp.conf.task_always_eager = True\n", {"MIG152"}),
    "prefix of keys": ("from shop.app import app\n\napp.conf.broker_transport_options = {'global_keyprefix': 'a'}\n", {"MIG151"}),
    "queues from elsewhere": ("from shop.app import app\n\napp.conf.task_queues = make()\n", {"MIG155"}),
    "queues by topic": (
        "import kombu\n\nfrom shop.app import app\n\napp.conf.task_queues = [kombu.Queue('a', kombu.Exchange('x', 'topic'), 'a.#')]\n",
        {"MIG155"},
    ),
    "setting in a function": ("from shop.app import app\n\n\ndef g():\n    app.conf.task_acks_late = True\n", {"MIG151"}),
}


@pytest.mark.parametrize("form", EVERYWHERE)
def test_what_concerns_all_jobs_keeps_them_all(tmp_path: Path, form: str) -> None:
    text, traps = EVERYWHERE[form]
    moved = move(tmp_path, {"shop/jobs.py": JOB, "shop/more.py": text}, unsafe=True)
    assert moved.outcomes() == {"shop.jobs.f": "manual left"}
    assert moved.traps() >= traps
    assert not moved.generated
    assert "TODO(migrate" in moved.files["shop/jobs.py"]


BROKERS = {
    "SQS": 'Celery("shop", broker="sqs://")',
    "nowhere": 'Celery("shop")',
    "put together by a local function": 'Celery("shop", broker=(lambda: "redis://")())',
    "class of its own": 'Celery("shop", broker="redis://", task_cls=Base)',
    "unpacked": "Celery(**options)",
}


@pytest.mark.parametrize("form", BROKERS)
def test_applications_that_are_not_understood(tmp_path: Path, form: str) -> None:
    app = f"from celery import Celery\n\nfrom shop.things import Base, address, options\n\napp = {BROKERS[form]}\n"
    moved = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOB}, unsafe=True)
    assert moved.outcomes() == {"shop.jobs.f": "manual left"}
    assert not moved.generated


def test_an_application_made_in_a_function_keeps_every_job(tmp_path: Path) -> None:
    app = "from celery import Celery\n\n\ndef make():\n    return Celery('shop', broker='redis://')\n\n\napp = make()\n"
    moved = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOB}, unsafe=True)
    assert moved.outcomes() == {"shop.jobs.f": "manual left"}


def test_an_application_elsewhere_keeps_every_job(tmp_path: Path) -> None:
    check_left(tmp_path, {"shop/app.py": "", "shop/jobs.py": JOB}, "MIG156")


def test_an_error_of_the_transport_keeps_the_jobs_of_the_file(tmp_path: Path) -> None:
    files = {
        "shop/jobs.py": JOB + "\n\n@shared_task\ndef g():\n    pass\n",
        "shop/views.py": """
        from kombu.exceptions import OperationalError

        from shop.jobs import f

        try:
            f.delay(1)
        except OperationalError:
            pass
        """,
    }
    moved = move(tmp_path, files)
    assert moved.outcomes() == {"shop.jobs.f": "manual left", "shop.jobs.g": "safe rewritten"}


def test_eager_mode_that_the_environment_decides_is_left_to_a_person(tmp_path: Path) -> None:
    settings = SETTINGS + 'CELERY_TASK_ALWAYS_EAGER = os.environ.get("EAGER") == "1"\n'
    moved = move(tmp_path, {"shop/app.py": BY_SETTINGS, "shop/settings.py": settings, "shop/jobs.py": JOB})
    assert moved.outcomes() == {"shop.jobs.f": "safe rewritten"}
    assert "# TODO(migrate MIG152)" in moved.files["shop/settings.py"]
    assert 'CELERY_TASK_ALWAYS_EAGER = os.environ.get("EAGER") == "1"\n' in moved.files["shop/settings.py"]


def test_what_the_application_loads_the_worker_loads(tmp_path: Path) -> None:
    app = """
    from celery import Celery

    from shop import hooks

    app = Celery("shop", broker="redis://localhost")
    """
    moved = move(tmp_path, {"shop/app.py": app, "shop/hooks.py": "print('loaded')\n", "shop/jobs.py": JOB})
    assert "import shop.hooks  # noqa: F401\n" in moved.generated["shop/dramatiq_worker.py"]


def test_settings_of_connections_keep_no_job(tmp_path: Path) -> None:
    app = """
    from celery import Celery

    app = Celery("shop", broker="redis://localhost")
    app.conf.broker_transport_options = {"visibility_timeout": 3600}
    app.conf.accept_content = ["application/json", "pickle"]
    app.conf.task_default_exchange = "shop"
    """
    assert move(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOB}).outcomes() == {"shop.jobs.f": "safe rewritten"}


def test_logging_signals_keep_no_job(tmp_path: Path) -> None:
    hooks = """
    from celery.signals import setup_logging


    @setup_logging.connect
    def configure(**kwargs):
        pass
    """
    moved = move(tmp_path, {"shop/jobs.py": JOB, "shop/hooks.py": hooks})
    assert moved.outcomes() == {"shop.jobs.f": "safe rewritten"}
    assert "# TODO(migrate MIG150)" in moved.files["shop/hooks.py"]


def test_declared_queues_are_what_a_worker_reads(tmp_path: Path) -> None:
    app = """
    from celery import Celery
    from kombu import Exchange, Queue

    app = Celery("shop", broker="redis://localhost", worker_max_tasks_per_child=100)
    app.conf.task_default_queue = "shop"
    app.conf.task_queues = (
        Queue("shop"),
        Queue("mail", Exchange("mail"), routing_key="mail"),
    )
    """
    moved = move(tmp_path, {"shop/app.py": app, "shop/jobs.py": JOB, "Procfile": "w: celery -A shop.app worker\n"})
    assert moved.files["Procfile"] == "w: dramatiq shop.dramatiq_worker -t 1 -Q shop mail\n"
    assert 'queue_name="shop"' in moved.files["shop/jobs.py"]
    assert moved.traps(of="worker") == {"MIG115"}


def test_loggers_follow_the_jobs_of_their_file(tmp_path: Path) -> None:
    jobs = JOB.replace(
        "import shared_task\n", "import shared_task\nfrom celery.utils.log import get_task_logger\n\nlogger = get_task_logger(__name__)\n"
    )
    written = move(tmp_path, {"shop/jobs.py": jobs}).files["shop/jobs.py"]
    assert written.startswith(
        "import logging\n\nimport dramatiq\n\nfrom shop.dramatiq_app import NO_LIMIT\n\nlogger = logging.getLogger(__name__)\n"
    )


def test_no_celery_no_change(tmp_path: Path) -> None:
    moved = move(tmp_path, {"shop/app.py": "app = 1\n", "shop/jobs.py": "def f(x):\n    f.delay(x)\n    x.delay(3)\n"})
    assert not moved.changes.edits


def test_a_generated_module_that_was_changed_by_hand_is_not_touched(tmp_path: Path) -> None:
    files = {"shop/jobs.py": JOB, "shop/dramatiq_app.py": "broker = 1\n"}
    moved = move(tmp_path, files)
    assert moved.outcomes() == {"shop.jobs.f": "manual left"}
    assert "shop/dramatiq_app.py" not in moved.generated


CLASSES = {
    "routes": "CELERY_TASK_ROUTES = {'shop.*': {'queue': 'money'}}",
    "time limit": "CELERY_TASK_TIME_LIMIT = 30",
    "queue": "CELERY_TASK_DEFAULT_QUEUE = 'shop'",
    "serializer": "CELERY_TASK_SERIALIZER = 'pickle'",
    "priority": "CELERY_TASK_DEFAULT_PRIORITY = 3",
}


def _configured_by_classes(setting: str) -> dict[str, str]:
    app = """
    import os

    from celery import Celery
    from configurations.importer import install

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    install(check_options=True)
    app = Celery("shop")
    app.config_from_object("django.conf:settings", namespace="CELERY")
    """
    settings = f"""
    from configurations import Configuration


    class Base(Configuration):
        CELERY_BROKER_URL = "redis://localhost:6379/0"
        CELERY_RESULT_BACKEND = "django-db"


    class Production(Base):
        {setting}
    """
    return {"shop/app.py": app, "shop/settings.py": settings, "shop/jobs.py": JOB}


@pytest.mark.parametrize("setting", CLASSES)
def test_settings_in_classes_keep_every_job(tmp_path: Path, setting: str) -> None:
    """Not to see them would send jobs to other queues, without their limits, and all of it would look right."""
    check_left(tmp_path, _configured_by_classes(CLASSES[setting]), "MIG151", unsafe=True)


def test_a_brokers_address_in_a_class_is_asked_of_the_settings(tmp_path: Path) -> None:
    moved = move(tmp_path, _configured_by_classes("DEBUG = False"))
    assert 'url=os.environ.get("CELERY_BROKER_URL") or settings.CELERY_BROKER_URL' in moved.generated["shop/dramatiq_app.py"]


def test_old_names_of_settings_in_a_module_of_their_own(tmp_path: Path) -> None:
    """Without a namespace `CELERYD_TASK_TIME_LIMIT` counts, though nothing there begins with `CELERY_`."""
    app = """
    import os

    from celery import Celery

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    app = Celery("shop")
    app.config_from_object("django.conf:settings")
    """
    settings = 'BROKER_URL = "redis://localhost:6379/0"\nCELERYD_TASK_TIME_LIMIT = 30\n'
    files = {"shop/app.py": app, "shop/settings.py": settings, "shop/jobs.py": JOB}
    moved = move(tmp_path, files, unsafe=True)
    assert "time_limit=30_000" in moved.files["shop/jobs.py"]


def test_a_dashboard_has_no_counterpart(tmp_path: Path) -> None:
    files = {"shop/jobs.py": JOB, "Procfile": "worker: celery -A shop.app worker\nflower: celery -A shop.app flower --port=5555\n"}
    moved = move(tmp_path, files)
    said = [d.summary for d in moved.changes.decisions if d.kind == "worker" and d.safety == "manual"]
    assert said == ["`celery flower` has no counterpart: take it out."]
