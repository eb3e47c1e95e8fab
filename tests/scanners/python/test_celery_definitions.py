# ruff: noqa: E501 - code under test reads better on one line
"""Every form in which a Celery task is defined, and what it says about the job."""

from __future__ import annotations

import pytest

from migrator.jobs import Backoff, Enqueue, Expression, Inventory, Job, Literal, Retry, Schedule, literal_of

APP = 'from celery import Celery\napp = Celery("proj")\n'


def jobs(inventory: Inventory) -> list[tuple[str, int, str, str]]:
    return [(j.location.path, j.location.line, j.name, j.form) for j in inventory.of(Job, "celery")]


def one(inventory: Inventory) -> Job:
    (job,) = inventory.of(Job, "celery")
    return job


@pytest.mark.parametrize(
    ("code", "line", "name", "form"),
    [
        pytest.param("from celery import shared_task\n@shared_task\ndef f(): ...", 2, "tasks.f", "decorator", id="shared_task"),
        pytest.param("from celery import shared_task\n@shared_task()\ndef f(): ...", 2, "tasks.f", "decorator", id="called"),
        pytest.param("import celery\n@celery.shared_task(name='x.y')\ndef f(): ...", 2, "x.y", "decorator", id="module"),
        pytest.param("from celery import shared_task as job\n@job\nasync def f(): ...", 2, "tasks.f", "decorator", id="alias"),
        pytest.param("from app import app\n@app.task\ndef f(): ...", 2, "tasks.f", "decorator", id="app"),
        pytest.param("from app import app as celery\n@celery.task(bind=True)\ndef f(self): ...", 2, "tasks.f", "decorator", id="app called celery"),
        pytest.param("import app\n@app.app.task\ndef f(): ...", 2, "tasks.f", "decorator", id="module.app"),
        pytest.param("from celery import current_app\n@current_app.task\ndef f(): ...", 2, "tasks.f", "decorator", id="current_app"),
        pytest.param("from celery.task import task\n@task(name='old')\ndef f(): ...", 2, "old", "decorator", id="celery 4"),
        pytest.param("from celery.decorators import task\n@task\ndef f(): ...", 2, "tasks.f", "decorator", id="celery 2"),
        pytest.param("from celery import shared_task\n@other\n@shared_task\n@inner(1)\ndef f(): ...", 3, "tasks.f", "decorator", id="among others"),
        pytest.param("from app import app\ndef f(): ...\nt = app.task(f)", 3, "tasks.f", "call", id="call"),
        pytest.param("from app import app\ndef f(): ...\nt = app.task(name='n')(f)", 3, "n", "call", id="call of call"),
        pytest.param("from app import app\nt = app.task(lambda x: x, name='n')", 2, "n", "call", id="lambda"),
        pytest.param("from celery import shared_task\ndef f(): ...\nt = shared_task(f)", 3, "tasks.f", "call", id="shared call"),
        pytest.param("from app import app\nclass F(app.Task):\n    def run(self, x): ...\nf = app.register_task(F())", 2, "tasks.F", "class", id="class"),
        pytest.param("from celery import Task\nclass F(Task):\n    name = 'n'\n    def run(self, x): ...", 2, "n", "class", id="named class"),
        pytest.param("from celery import shared_task\nretrying = shared_task(max_retries=3)\n@retrying\ndef f(): ...", 3, "tasks.f", "project-decorator", id="kept decorator"),
        pytest.param("from app import app\ndef job(f):\n    return app.task(f, queue='q')\n@job\ndef f(): ...", 4, "tasks.f", "project-decorator", id="function"),
        pytest.param(
            "import functools\nfrom app import app\ndef job(f):\n    @functools.wraps(f)\n    def inner(*a): return f(*a)\n    return app.task(inner)\n@job\ndef f(): ...",
            *(7, "tasks.f", "project-decorator"),
            id="wrapping function",
        ),
        pytest.param(
            "from app import app\ndef job(n):\n    def decorate(f):\n        return app.task(max_retries=n)(f)\n    return decorate\n@job(5)\ndef f(): ...",
            *(6, "tasks.f", "project-decorator"),
            id="function with arguments",
        ),
        pytest.param("from celery import shared_task\n@shared_task(name=f'{__name__}.late')\ndef f(): ...", 2, "tasks.late", "decorator", id="name from __name__"),
    ],
)  # fmt: skip
def test_forms(scan_tree, code: str, line: int, name: str, form: str) -> None:
    assert jobs(scan_tree({"app.py": APP, "tasks.py": code})) == [("tasks.py", line, name, form)]


PREPARED = "from functools import partial\nfrom celery import shared_task\nretrying = partial(shared_task, autoretry_for=(OSError,), max_retries=7, queue='slow')\n"


@pytest.mark.parametrize(
    ("code", "line", "attempts", "queue"),
    [
        pytest.param("@retrying\ndef f(): ...", 4, 8, "slow", id="bare"),
        pytest.param("@retrying()\ndef f(): ...", 4, 8, "slow", id="called"),
        pytest.param("@retrying(queue='fast')\ndef f(): ...", 4, 8, "fast", id="with options of its own"),
        pytest.param("def f(): ...\ng = retrying(max_retries=1)(f)", 5, 2, "slow", id="applied with options"),
        pytest.param("slower = partial(retrying, queue='slower')\n@slower\ndef f(): ...", 5, 8, "slower", id="twice"),
    ],
)
def test_decorators_by_partial_keep_what_they_have_ready(scan_tree, code: str, line: int, attempts: int, queue: str) -> None:
    job = one(scan_tree({"tasks.py": PREPARED + code}))
    assert job.retry is not None
    assert (job.location.line, job.name, job.retry.max_attempts, job.queue) == (line, "tasks.f", Literal(attempts), Literal(queue))


REGISTERED = {
    "instance": ("class A(Base):\n    def execute(self): ...\napp.register_task(A())", [(6, "tasks.A")]),
    "class": ("class A(Base):\n    name = 'a'\n    def execute(self): ...\na = app.register_task(A)", [(6, "a")]),
    "registry": ("class A(Base):\n    def execute(self): ...\napp.tasks.register(A())", [(6, "tasks.A")]),
    "several": ("class A(Base):\n    def execute(self): ...\nclass B(Base):\n    def execute(self): ...\nfor c in (A, B):\n    app.register_task(c())", [(6, "tasks.A"), (8, "tasks.B")]),
    "not registered": ("class A(Base):\n    def execute(self): ...", []),
}  # fmt: skip


@pytest.mark.parametrize("form", REGISTERED)
def test_classes_that_are_registered_and_run_what_they_inherit(scan_tree, form: str) -> None:
    code, expected = REGISTERED[form]
    base = "from app import app\nclass Base(app.Task):\n    abstract = True\n    def run(self, x):\n        self.execute()\n"
    inventory = scan_tree({"app.py": APP, "tasks.py": base + code})
    assert [(j.location.line, j.name) for j in inventory.of(Job, "celery")] == expected


def test_functions_made_tasks_in_a_loop(scan_tree) -> None:
    code = "from app import app\ndef a(): ...\ndef b(): ...\nfor f in (a, b):\n    app.task(f, name=f.__name__)\n"
    assert [
        (j.name, j.location.line, j.handler.name if j.handler else "") for j in scan_tree({"app.py": APP, "tasks.py": code}).of(Job)
    ] == [("a", 5, "a"), ("b", 5, "b")]


ANNOTATIONS = {
    "own": ("{'tasks.f': {'rate_limit': '10/s', 'time_limit': 5}}", ("10/s", 5, 4)),
    "for all": ("{'*': {'rate_limit': '10/s', 'max_retries': 9}}", ("10/s", None, 10)),
    "own before all": ("[{'*': {'rate_limit': '1/s'}, 'tasks.f': {'rate_limit': '2/s'}}]", ("2/s", None, 4)),
    "others": ("{'tasks.g': {'rate_limit': '10/s'}}", (None, None, 4)),
}


@pytest.mark.parametrize("form", ANNOTATIONS)
def test_annotations(scan_tree, form: str) -> None:
    code, (rate, limit, attempts) = ANNOTATIONS[form]
    job = one(
        scan_tree(
            {
                "app.py": f"{APP}app.conf.task_annotations = {code}\n",
                "tasks.py": "from app import app\n@app.task(bind=True)\ndef f(self): self.retry()\n",
            }
        )
    )
    assert job.retry is not None
    assert (literal_of(job.rate_limit), literal_of(job.timeout), literal_of(job.retry.max_attempts)) == (rate, limit, attempts)


IN_HOUSE = {
    "class": "class background:\n    def __init__(self, queue):\n        self.queue = queue\n    def __call__(self, f):\n        return app.task(queue=self.queue)(f)\n@background('q')\ndef f(): ...",
    "class that keeps options": "class background:\n    def __init__(self, **options):\n        self.options = options\n    def __call__(self, f):\n        return app.task(**self.options)(f)\n@background(queue='q')\ndef f(): ...",
    "options passed on": "def task(*a, **options):\n    return app.task(*a, **options)\n@task(queue='q')\ndef f(): ...",
    "more options": "def task(**options):\n    return app.task(bind=True, **options)\n@task(queue='q')\ndef f(self): ...",
    "with and without options": "def task(f=None, **options):\n    def wrap(g):\n        return app.task(**options)(g)\n    return wrap if f is None else wrap(f)\n@task(queue='q')\ndef f(): ...",
    "method": "class Registry:\n    def task(self, **options):\n        def wrap(f):\n            return app.task(**options)(f)\n        return wrap\njobs = Registry()\n@jobs.task(queue='q')\ndef f(): ...",
    "options of a constant": "OPTIONS = {'queue': 'q'}\n@app.task(**OPTIONS)\ndef f(): ...",
    "task within": "import functools\ndef task(queue):\n    def wrap(f):\n        @app.task(queue=queue)\n        @functools.wraps(f)\n        def inner(*a, **k):\n            return f(*a, **k)\n        return inner\n    return wrap\n@task('q')\ndef f(): ...",
}


@pytest.mark.parametrize("form", IN_HOUSE)
def test_decorators_of_the_project(scan_tree, form: str) -> None:
    job = one(scan_tree({"app.py": APP, "tasks.py": "from app import app\n" + IN_HOUSE[form]}))
    assert (job.name, job.queue) == ("tasks.f", Literal("q"))


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("from invoke import task\n@task\ndef build(c): ...", id="a build tool's task"),
        pytest.param("def task(f): return f\n@task\ndef f(): ...", id="own decorator"),
        pytest.param("from airflow.decorators import task\n@task\ndef f(): ...", id="airflow"),
        pytest.param("from app import app\nclass Base(app.Task):\n    abstract = True\n    def run(self): ...", id="abstract class"),
        pytest.param("from celery import Task\nclass Base(Task):\n    def on_failure(self, *a): ...", id="class without run"),
        pytest.param("from app import app\ndef make(): return app.task(max_retries=3)", id="never applied"),
    ],
)
def test_no_definition(scan_tree, code: str) -> None:
    assert jobs(scan_tree({"app.py": APP, "tasks.py": code})) == []


def test_the_module_of_a_name_is_what_python_imports(scan_tree) -> None:
    task = "from celery import shared_task\n@shared_task\ndef f(): ...\n"
    inventory = scan_tree({"src/shop/__init__.py": "", "src/shop/mail/__init__.py": task, "src/shop/bills.py": task, "plain/jobs.py": task})
    assert {(j.location.path, j.name) for j in inventory.of(Job)} == {
        ("src/shop/mail/__init__.py", "shop.mail.f"),
        ("src/shop/bills.py", "shop.bills.f"),
        ("plain/jobs.py", "plain.jobs.f"),
    }


@pytest.mark.parametrize(
    ("factory", "use"),
    [
        pytest.param("def make_celery(flask):\n    celery = Celery(flask.name)\n    return celery", "make_celery(object())", id="factory"),
        pytest.param("class Mine(Celery): ...", "Mine('x')", id="subclass"),
        pytest.param("def make(apps) -> Celery: return apps.first()", "make(load)", id="annotated"),
    ],
)
def test_the_app_comes_from_a_factory(scan_tree, factory: str, use: str) -> None:
    inventory = scan_tree(
        {
            "factory.py": f"from celery import Celery\n{factory}\n",
            "main.py": f"from factory import *\napp = {use}\n@app.task\ndef f(): ...\n",
        }
    )
    assert jobs(inventory) == [("main.py", 3, "main.f", "decorator")]


def test_everything_that_a_task_says(scan_tree) -> None:
    job = one(
        scan_tree(
            {
                "tasks.py": """
                    from celery import shared_task
                    QUEUE = "bulk"
                    @shared_task(queue=QUEUE, priority=3, expires=60, rate_limit="10/m", time_limit=30, soft_time_limit=20, acks_late=True, once={"keys": []})
                    def work(a, b: int = 2, /, *rest, c, d="x", **more):
                        return a
                    """
            }
        )
    )
    assert (job.module, job.symbol, job.name) == ("tasks", "work", "tasks.work")
    assert (job.queue, job.priority, job.expires, job.rate_limit) == (Literal("bulk"), Literal(3), Literal(60), Literal("10/m"))
    assert (job.timeout, job.acknowledgement) == (Literal(30), "late")
    assert job.options["soft_time_limit"] == Literal(20)
    assert job.options["once"] == Literal({"keys": []})
    assert job.handler is not None
    assert [(p.name, p.kind, p.default, p.annotation) for p in job.handler.parameters] == [
        ("a", "positional", "", ""),
        ("b", "positional", "2", "int"),
        ("rest", "star", "", ""),
        ("c", "keyword", "", ""),
        ("d", "keyword", '"x"', ""),
        ("more", "double_star", "", ""),
    ]


def test_spans_are_exact(scan_tree, tmp_path) -> None:
    text = "# é\nfrom celery import shared_task\n\n@other\n@shared_task(bind=True)\ndef f(self, a='ü'):\n    return a\n\nx = 1\n"
    inventory = scan_tree({"tasks.py": text})
    job = one(inventory)
    data = (tmp_path / "tasks.py").read_bytes()
    assert job.definition is not None
    assert job.handler is not None
    cut = lambda span: data[span.start : span.end].decode()  # noqa: E731
    assert cut(job.definition) == "@other\n@shared_task(bind=True)\ndef f(self, a='ü'):\n    return a"
    assert cut(job.handler.body) == "return a"
    assert [cut(p.span) for p in job.handler.parameters if p.span] == ["self", "a='ü'"]
    assert (job.location.line, job.location.end_line) == (5, 7)


@pytest.mark.parametrize(
    ("options", "body", "retry"),
    [
        pytest.param("", "pass", Retry(Literal(1), Backoff("fixed", Literal(180)), automatic=False), id="nothing"),
        pytest.param("max_retries=5", "pass", Retry(Literal(1), Backoff("fixed", Literal(180)), automatic=False, explicit=True), id="a limit alone retries nothing"),
        pytest.param("bind=True", "self.retry()", Retry(Literal(4), Backoff("fixed", Literal(180)), automatic=False), id="asks"),
        pytest.param("bind=True, max_retries=None", "self.retry()", Retry(Literal(None), Backoff("fixed", Literal(180)), automatic=False, explicit=True), id="for ever"),
        pytest.param("bind=True, max_retries=N", "self.retry()", Retry(Expression("N", offset=1), Backoff("fixed", Literal(180)), automatic=False, explicit=True), id="expression"),
        pytest.param("bind=True, default_retry_delay=5", "help(self)", Retry(Literal(4), Backoff("fixed", Literal(5)), automatic=False), id="passes itself on"),
        pytest.param("autoretry_for=(ValueError, KeyError)", "pass", Retry(Literal(4), Backoff("fixed", Literal(180)), on=("ValueError", "KeyError")), id="automatic"),
        pytest.param("autoretry_for=()", "pass", Retry(Literal(1), Backoff("fixed", Literal(180)), automatic=False), id="automatic for none"),
        pytest.param(
            "autoretry_for=ERRORS, dont_autoretry_for=(KeyError,), retry_backoff=True, retry_jitter=False, max_retries=2",
            "pass",
            Retry(Literal(3), Backoff("exponential", Literal(1), maximum=Literal(600)), on=("ERRORS",), never_on=("KeyError",), explicit=True),
            id="exponential",
        ),
        pytest.param(
            "autoretry_for=(E,), retry_backoff=7, retry_backoff_max=100, retry_kwargs={'max_retries': 9}",
            "pass",
            Retry(Literal(10), Backoff("exponential", Literal(7), maximum=Literal(100), jitter="full"), on=("E",), explicit=True),
            id="factor and keyword limit",
        ),
        pytest.param("autoretry_for=(E,), retry_kwargs={'countdown': 3}", "pass", Retry(Literal(4), Backoff("fixed", Literal(3)), on=("E",)), id="fixed"),
    ],
)  # fmt: skip
def test_retries(scan_tree, options: str, body: str, retry: Retry) -> None:
    inventory = scan_tree({"tasks.py": f"from celery import shared_task\n@shared_task({options})\ndef f(self):\n    {body}\n"})
    assert one(inventory).retry == retry


def test_a_base_class_counts_where_the_task_says_nothing(scan_tree) -> None:
    job = one(
        scan_tree(
            {
                "base.py": "from celery import Task\nclass Base(Task):\n    autoretry_for = (OSError,)\n    max_retries = 9\n    acks_late = True\n",
                "tasks.py": "from celery import shared_task\nfrom base import Base\n@shared_task(base=Base, max_retries=1)\ndef f(): ...\n",
            }
        )
    )
    assert job.retry == Retry(Literal(2), Backoff("fixed", Literal(180)), on=("OSError",), explicit=True)
    assert job.acknowledgement == "late"
    assert set(job.options) == {"base", "max_retries"}


def test_options_behind_a_decorator_of_the_project(scan_tree) -> None:
    job = one(
        scan_tree(
            {
                "jobs.py": "from celery import shared_task\ndef job(queue):\n    return shared_task(queue=queue, acks_late=True)\n",
                "tasks.py": "from jobs import job\n@job('mail')\ndef f(): ...\n",
            }
        )
    )
    assert (job.location.path, job.queue, job.acknowledgement) == ("tasks.py", Literal("mail"), "late")


def test_uses(scan_tree) -> None:
    job = one(
        scan_tree(
            {
                "tasks.py": """
                    from celery import current_task, shared_task
                    from celery.exceptions import SoftTimeLimitExceeded
                    @shared_task(bind=True)
                    def f(self, x):
                        try:
                            self.update_state(state="HALF", meta={"x": x})
                            note(self.request.id, current_task.request.retries)
                            ask = lambda: self.name
                            def inner(self): return self.request.hostname
                        except SoftTimeLimitExceeded as error:
                            raise self.retry(exc=error, countdown=2 ** self.request.retries)
                        helper(self)
                        f.request.delivery_info
                    """
            }
        )
    )
    assert [(u.feature, u.detail) for u in job.uses] == [
        ("context.update_state", 'state="HALF", meta={"x": x}'),
        ("context.request.id", ""),
        ("current_task.request.retries", ""),
        ("context.name", ""),
        ("exception.SoftTimeLimitExceeded", ""),
        ("manual-retry", "exc=error, countdown=2 ** self.request.retries"),
        ("context.request.retries", ""),
        ("context", ""),
        ("context.request.delivery_info", ""),
    ]
    assert job.uses[5].location.line == 12


def test_what_a_task_class_has_of_its_own_is_no_use_of_celery(scan_tree) -> None:
    job = one(
        scan_tree(
            {
                "tasks.py": """
                    from celery import Task
                    class F(Task):
                        name = "f"
                        max_retries = 2
                        def helper(self): return 1
                        def run(self, x):
                            self.helper()
                            self.retry(countdown=1)
                    """
            }
        )
    )
    assert [u.feature for u in job.uses] == ["manual-retry"]
    assert job.retry is not None
    assert job.retry.max_attempts == Literal(3)
    assert job.handler is not None
    assert job.handler.method_of == "F"


def test_routes_and_global_settings_count_where_the_task_says_nothing(scan_tree) -> None:
    inventory = scan_tree(
        {
            "celeryconfig.py": 'task_routes = {"a.*": {"queue": "x"}, "a.two": {"queue": "y"}}\ntask_acks_late = True\ntask_time_limit = 9\n',
            "app.py": 'from celery import Celery\napp = Celery("p")\napp.config_from_object("celeryconfig")\n',
            "a.py": "from app import app\n@app.task\ndef one(): ...\n@app.task\ndef two(): ...\n@app.task(queue='z', acks_late=False, time_limit=1)\ndef three(): ...\n",
        }
    )
    assert [(j.symbol, literal_of(j.queue), j.acknowledgement, literal_of(j.timeout)) for j in inventory.of(Job)] == [
        ("one", "x", "late", 9),
        ("two", "y", "late", 9),
        ("three", "z", "early", 1),
    ]


@pytest.mark.parametrize("name", ["compute()", "NAMES[0] + suffix", "f'{prefix}.x'"])
def test_a_name_that_only_the_run_knows(scan_tree, name: str) -> None:
    job = one(scan_tree({"tasks.py": f"from celery import shared_task\n@shared_task(name={name})\ndef f(): ...\n"}))
    assert (job.name, job.confidence, job.symbol) == ("", "likely", "f")


def test_a_task_that_takes_the_name_of_its_function(scan_tree) -> None:
    code = "from app import app\ndef register(f):\n    f = app.task(f)\n    return f\n@register\ndef g(): ...\n"
    assert jobs(scan_tree({"app.py": APP, "tasks.py": code})) == [("tasks.py", 5, "tasks.g", "project-decorator")]


def test_a_decorator_that_gives_its_function_to_celery_on_the_side(scan_tree) -> None:
    inventory = scan_tree(
        {
            "jobs.py": """
                import venusian
                def task(**options):
                    def decorate(wrapped):
                        def callback(scanner, name, ob):
                            celery_app = scanner.config.registry["celery.app"]
                            celery_app.task(**options)(wrapped)
                        venusian.attach(wrapped, callback)
                        return wrapped
                    return decorate
                """,
            "work.py": "import jobs\n@jobs.task(acks_late=True, name='n')\ndef f(x): ...\n",
            "use.py": "from work import f\ndef view(request):\n    request.task(f).delay(1)\n",
            "conf.py": "from celery.schedules import crontab\nfrom work import f\ndef includeme(config):\n    config.add_periodic_task(crontab(minute=5), f)\n",
        }
    )
    job = one(inventory)
    assert (job.name, job.location.line, job.form, job.confidence, job.acknowledgement) == ("n", 2, "project-decorator", "likely", "late")
    (enqueue,) = inventory.of(Enqueue)
    assert (enqueue.job, enqueue.form, enqueue.confidence) == ("work:f", "delay", "likely")
    (schedule,) = inventory.of(Schedule)
    assert (schedule.job, literal_of(schedule.cron)) == ("work:f", "5 * * * *")


NAMED = """
from celery import Celery
from names import THEIRS

app = Celery("shop")

class Base(app.Task):
    abstract = True
    def __init_subclass__(cls, name=None):
        cls.name = name

class Mail(Base, name="shop.mail"):
    def run(self): ...

class Sweep(Base, name=THEIRS):
    def run(self): ...

app.register_task(Mail())
app.register_task(Sweep())
"""


def test_a_name_that_a_class_is_made_with(scan_tree) -> None:
    jobs = scan_tree({"tasks.py": NAMED}).of(Job)
    assert [(j.name, j.symbol, j.confidence) for j in jobs] == [("shop.mail", "Mail", "certain"), ("", "Sweep", "likely")]


@pytest.mark.parametrize(("more", "confidence"), [("", "likely"), ("app.register_task(Base())", "certain"), ("Base().delay()", "certain")])
def test_a_class_that_may_be_but_a_base(scan_tree, more: str, confidence: str) -> None:
    code = f"{NAMED.replace('abstract = True', 'def run(self): ...')}\n{more}\n"
    jobs = {j.symbol: j.confidence for j in scan_tree({"tasks.py": code}).of(Job)}
    assert jobs == {"Base": confidence, "Mail": "certain", "Sweep": "likely"}
