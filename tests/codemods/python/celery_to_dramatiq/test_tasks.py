"""Definitions: decorator forms and options, and what is left alone."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from tests.codemods.python.celery_to_dramatiq.shop import check, check_left, move

HEAD = "import dramatiq\n\nfrom shop.dramatiq_app import {}\n\n\n"


def actor(options: str, name: str = "shop.jobs.f", queue: str = "default") -> str:
    line = f'@dramatiq.actor(actor_name="{name}", queue_name="{queue}", {options})'
    if len(line) > 120:
        parts = [f'actor_name="{name}"', f'queue_name="{queue}"', *options.split(", ")]
        line = "@dramatiq.actor(\n" + "".join(f"    {part},\n" for part in parts) + ")"
    return line


PLAIN = HEAD.format("NO_LIMIT") + actor("max_retries=0, time_limit=NO_LIMIT") + "\ndef f(x):\n    print(x)\n"

FORMS = {
    "shared_task": "from celery import shared_task\n\n\n@shared_task\ndef f(x):\n    print(x)\n",
    "shared_task call": "from celery import shared_task\n\n\n@shared_task()\ndef f(x):\n    print(x)\n",
    "alias": "from celery import shared_task as job\n\n\n@job\ndef f(x):\n    print(x)\n",
    "dotted": "import celery\n\n\n@celery.shared_task\ndef f(x):\n    print(x)\n",
    "moot options": (
        "from celery import shared_task\n\n\n"
        '@shared_task(ignore_result=True, track_started=True, serializer="json")\ndef f(x):\n    print(x)\n'
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_the_decorator(tmp_path: Path, form: str) -> None:
    moved = check(tmp_path, FORMS[form], PLAIN)
    assert moved.outcomes() == {"shop.jobs.f": "safe rewritten"}
    assert moved.traps() >= {"MIG100", "MIG104", "MIG107"}


def test_a_task_of_the_application_object(tmp_path: Path) -> None:
    before = "from shop.app import app\n\n\n@app.task\ndef f(x):\n    print(x)\n"
    moved = check(tmp_path, before, PLAIN)
    # Nothing needs Celery any more, so the application's module is gone.
    assert moved.changes.removed_files == ("shop/app.py",)


OPTIONS = {
    "name": ('name="shop.hello"', 'actor_name="shop.hello", queue_name="default", max_retries=0, time_limit=NO_LIMIT'),
    "queue": ('queue="slow"', 'actor_name="shop.jobs.f", queue_name="slow", max_retries=0, time_limit=NO_LIMIT'),
    "default queue": ('queue="celery"', 'actor_name="shop.jobs.f", queue_name="default", max_retries=0, time_limit=NO_LIMIT'),
    "limit without retry": ("max_retries=7", 'actor_name="shop.jobs.f", queue_name="default", max_retries=0, time_limit=NO_LIMIT'),
    "throws": (
        "throws=(KeyError,)",
        'actor_name="shop.jobs.f", queue_name="default", max_retries=0, time_limit=NO_LIMIT, throws=(KeyError,)',
    ),
    "expires": ("expires=2.5", 'actor_name="shop.jobs.f", queue_name="default", max_retries=0, time_limit=NO_LIMIT, max_age=2500'),
    "no expiry": ("expires=None", 'actor_name="shop.jobs.f", queue_name="default", max_retries=0, time_limit=NO_LIMIT'),
    "no limit": ("time_limit=None", 'actor_name="shop.jobs.f", queue_name="default", max_retries=0, time_limit=NO_LIMIT'),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_options(tmp_path: Path, option: str) -> None:
    given, written = OPTIONS[option]
    before = f"from celery import shared_task\n\n\n@shared_task({given})\ndef f(x):\n    print(x)\n"
    line = f"@dramatiq.actor({written})"
    if len(line) > 120:
        line = "@dramatiq.actor(\n" + "".join(f"    {part},\n" for part in written.split(", ")) + ")"
    check(tmp_path, before, HEAD.format("NO_LIMIT") + line + "\ndef f(x):\n    print(x)\n")


AUTORETRY = {
    "fixed": (
        "autoretry_for=(OSError,)",
        "NO_LIMIT, asked, fixed, retry_on",
        "max_retries=3",
        "@retry_on(OSError, delay=fixed(180_000))",
    ),
    "backoff": (
        "autoretry_for=(OSError, ValueError), retry_backoff=True, max_retries=8",
        "NO_LIMIT, asked, backoff, retry_on",
        "max_retries=8",
        "@retry_on(OSError, ValueError, delay=backoff(1, maximum=600, jitter=True))",
    ),
    "factor": (
        "autoretry_for=(OSError,), retry_backoff=5, retry_backoff_max=60, retry_jitter=False",
        "NO_LIMIT, asked, backoff, retry_on",
        "max_retries=3",
        "@retry_on(OSError, delay=backoff(5, maximum=60, jitter=False))",
    ),
    "keywords": (
        'autoretry_for=[Exception], retry_kwargs={"max_retries": 2, "countdown": 7}',
        "NO_LIMIT, asked, fixed, retry_on",
        "max_retries=2",
        "@retry_on(Exception, delay=fixed(7000))",
    ),
    "exceptions": (
        "autoretry_for=(Exception,), dont_autoretry_for=(KeyError,), max_retries=None, default_retry_delay=1",
        "NO_LIMIT, asked, fixed, retry_on",
        "max_retries=None",
        "@retry_on(Exception, never=(KeyError,), delay=fixed(1000))",
    ),
}


@pytest.mark.parametrize("form", AUTORETRY)
def test_automatic_retries(tmp_path: Path, form: str) -> None:
    given, imports, maximum, below = AUTORETRY[form]
    before = f"from celery import shared_task\n\n\n@shared_task({given})\ndef f(x):\n    print(x)\n"
    line = actor(f"{maximum}, retry_when=asked, time_limit=NO_LIMIT")
    moved = check(tmp_path, before, f"{HEAD.format(imports)}{line}\n{below}\ndef f(x):\n    print(x)\n")
    assert "MIG101" in moved.traps()


def test_comments_of_the_decorator_are_kept(tmp_path: Path) -> None:
    before = """
    from celery import shared_task


    @shared_task(
        queue="slow",  # the big machine
        # nobody reads it
        ignore_result=True,
    )
    def f(x):
        print(x)
    """
    moved = move(tmp_path, {"shop/jobs.py": before})
    assert "# the big machine\n# nobody reads it\n@dramatiq.actor(" in moved.files["shop/jobs.py"]


def test_late_acknowledgement_is_no_trap(tmp_path: Path) -> None:
    before = "from celery import shared_task\n\n\n@shared_task(acks_late=True, reject_on_worker_lost=True)\ndef f(x):\n    print(x)\n"
    assert "MIG107" not in check(tmp_path, before, PLAIN).traps()


def test_time_limits_need_unsafe(tmp_path: Path) -> None:
    before = "from celery import shared_task\n\n\n@shared_task(time_limit=30)\ndef f(x):\n    print(x)\n"
    after = "import dramatiq\n\nimport shop.dramatiq_app  # noqa: F401\n\n\n"
    after += actor("max_retries=0, time_limit=30_000") + "\ndef f(x):\n    print(x)\n"
    check_left(tmp_path / "safe", before)
    moved = check(tmp_path / "unsafe", before, after, unsafe=True)
    assert moved.outcomes() == {"shop.jobs.f": "unsafe rewritten"}


LIMITS = {
    "arithmetic": ("time_limit=5 * 60", "300_000"),
    "soft": ("soft_time_limit=2.5", "2500"),
    "both": ("soft_time_limit=(60 * 60), time_limit=3700", "3_600_000"),
    "the other way round": ("soft_time_limit=7, time_limit=6", "6000"),
}


@pytest.mark.parametrize("form", LIMITS)
def test_limits(tmp_path: Path, form: str) -> None:
    given, limit = LIMITS[form]
    body = "\ndef f(x):\n    try:\n        print(x)\n    except ValueError:\n        pass\n"
    before = f"from celery import shared_task\n\n\n@shared_task({given}){body}"
    after = "import dramatiq\n\nimport shop.dramatiq_app  # noqa: F401\n\n\n" + actor(f"max_retries=0, time_limit={limit}") + body
    moved = check(tmp_path, before, after, unsafe=True)
    assert moved.outcomes() == {"shop.jobs.f": "unsafe rewritten"}


CATCHES = {
    "bare": "try:\n    go()\nexcept:\n    pass",
    "any error": "try:\n    go()\nexcept (KeyError, Exception):\n    pass",
    "any error by name": "try:\n    go()\nexcept Exception as e:\n    log(e)",
    "the limit": "try:\n    go()\nexcept SoftTimeLimitExceeded:\n    pass",
    "a constant": "try:\n    go()\nexcept settings.ERRORS:\n    pass",
    "a variable": "try:\n    go()\nexcept errors:\n    pass",
    "a call": "try:\n    go()\nexcept errors():\n    pass",
    "suppressed": "with suppress(Exception):\n    go()",
    "deep": "for x in y:\n    if x:\n        try:\n            go()\n        except BaseException:\n            pass",
}


@pytest.mark.parametrize("form", CATCHES)
def test_a_soft_limit_that_the_body_can_catch(tmp_path: Path, form: str) -> None:
    body = indent(CATCHES[form], "    ")
    before = f"from celery import shared_task\n\nfrom shop.things import *\n\n\n@shared_task(soft_time_limit=5)\ndef f():\n{body}\n"
    check_left(tmp_path, before, "MIG106", unsafe=True)


LEFT = {
    "rate limit": ('@shared_task(rate_limit="1/s")', "MIG111"),
    "priority": ("@shared_task(priority=3)", "MIG112"),
    "base class": ("@shared_task(base=Base)", "MIG113"),
    "pickle": ('@shared_task(serializer="pickle")', "MIG153"),
    "own attribute": ("@shared_task(once=True)", "MIG110"),
    "unknown option": ("@shared_task(pydantic=True)", "MIG110"),
    "options from elsewhere": ("@shared_task(**OPTIONS)", "MIG114"),
    "queue from elsewhere": ("@shared_task(queue=QUEUE)", "MIG110"),
    "name from elsewhere": ("@shared_task(name=NAME)", "MIG110"),
    "bind from elsewhere": ("@shared_task(bind=BIND)", "MIG110"),
    "expiry from elsewhere": ("@shared_task(expires=soon())", "MIG110"),
    "expired at once": ("@shared_task(expires=0)", "MIG110"),
    "odd queue name": ('@shared_task(queue="a:b")', "MIG120"),
    "errors from elsewhere": ("@shared_task(autoretry_for=errors())", "MIG101"),
    "backoff from elsewhere": ("@shared_task(autoretry_for=(OSError,), retry_backoff=FACTOR)", "MIG102"),
    "throws with retries": ("@shared_task(throws=(KeyError,), autoretry_for=(OSError,))", "MIG110"),
    "soft limit and any error": ("@shared_task(soft_time_limit=5, time_limit=6, autoretry_for=(Exception,))", "MIG106"),
    "soft limit and unknown errors": ("@shared_task(soft_time_limit=5, autoretry_for=ERRORS)", "MIG106"),
    "limit from elsewhere": ("@shared_task(time_limit=60 * QUEUE)", "MIG110"),
    "another decorator above": ("@wrapped\n@shared_task", "MIG114"),
}


@pytest.mark.parametrize("form", LEFT)
def test_left_to_a_person(tmp_path: Path, form: str) -> None:
    decorator, trap = LEFT[form]
    before = f"""from celery import shared_task

from shop.things import *

BIND = ERRORS = QUEUE = NAME = FACTOR = OPTIONS = Base = wrapped = None


{decorator}
def f(x):
    print(x)
"""
    moved = check_left(tmp_path, before, trap, unsafe=True)
    assert list(moved.outcomes().values()) == ["manual left"]


SHAPES = {
    "method": "class Mailer:\n    @shared_task\n    def f(x):\n        print(x)\n",
    "nested": "def make():\n    @shared_task\n    def f(x):\n        print(x)\n    return f\n",
    "call": "def f(x):\n    print(x)\n\n\ng = shared_task(f)\n",
    "coroutine": "@shared_task\nasync def f(x):\n    print(x)\n",
    "two of a name": "@shared_task\ndef f(x):\n    print(x)\n\n\ndef f(x, y):\n    print(x)\n",
    "in a condition": "if True:\n\n    @shared_task\n    def f(x):\n        print(x)\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_that_stay(tmp_path: Path, shape: str) -> None:
    moved = check_left(tmp_path, f"from celery import shared_task\n\n\n{SHAPES[shape]}", "MIG114", unsafe=True)
    assert set(moved.outcomes().values()) == {"manual left"}


def test_a_class_based_task_stays(tmp_path: Path) -> None:
    before = """
    import celery

    from shop.app import app


    class Hello(celery.Task):
        name = "hello"

        def run(self, x):
            print(x)


    app.register_task(Hello())
    """
    moved = move(tmp_path, {"shop/jobs.py": before}, unsafe=True)
    assert "manual left" in moved.outcomes().values()
    assert not moved.generated


def test_an_in_house_decorator_stays(tmp_path: Path) -> None:
    files = {
        "shop/decorators.py": """
        from celery import shared_task


        def job(function):
            return shared_task(function)
        """,
        "shop/jobs.py": """
        from shop.decorators import job


        @job
        def f(x):
            print(x)
        """,
    }
    moved = move(tmp_path, files, unsafe=True)
    assert set(moved.outcomes().values()) <= {"manual left"}
    assert not moved.generated


def test_names_that_are_taken_get_another(tmp_path: Path) -> None:
    before = """
    from celery import shared_task

    NO_LIMIT = 3


    @shared_task(bind=True)
    def f(self, retry):
        try:
            print(retry)
        except OSError as exc:
            raise self.retry(exc=exc, countdown=1)
    """
    after = """
    import dramatiq

    from shop.dramatiq_app import NO_LIMIT as dramatiq_NO_LIMIT, asked, retry as dramatiq_retry

    NO_LIMIT = 3


    @dramatiq.actor(
        actor_name="shop.jobs.f",
        queue_name="default",
        max_retries=3,
        retry_when=asked,
        time_limit=dramatiq_NO_LIMIT,
    )
    def f(retry):
        try:
            print(retry)
        except OSError as exc:
            raise dramatiq_retry(f, exc=exc, delay=1000)
    """
    check(tmp_path, before, after)


def test_a_file_with_a_syntax_error_is_left_alone(tmp_path: Path) -> None:
    from migrator.codemods import load
    from migrator.scanners import scan
    from tests.codemods.python.celery_to_dramatiq.shop import application

    files = application({"shop/jobs.py": "from celery import shared_task\n\n\n@shared_task\ndef f(x):\n    print(x)\n\n\ndef broken(:\n"})
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / path).write_text(text)
    changes = load("celery", "dramatiq")(scan(tmp_path), tmp_path, unsafe=True)
    assert not changes.new_files
    assert {d.traps for d in changes.decisions if d.kind == "definition"} == {("MIG160",)}
