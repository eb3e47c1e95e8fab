"""Jobs that a condition chooses between: each of them is found, none is taken for the only one; and names that are no choice."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory, Job, Schedule, literal_of
from tests.scanners.conftest import Scan

SYSTEMS = {
    "celery": ("from celery import shared_task", "@shared_task", "job.delay()"),
    "dramatiq": ("import dramatiq", "@dramatiq.actor", "job.send()"),
    "huey": ("from huey import RedisHuey\nhuey = RedisHuey()", "@huey.task()", "job()"),
    "taskiq": ("from taskiq import InMemoryBroker\nbroker = InMemoryBroker()", "@broker.task", "job.kiq()"),
    "procrastinate": ("from procrastinate import App\napp = App()", "@app.task", "job.defer()"),
    "rq": ("from redis import Redis\nfrom rq import Queue\nqueue = Queue(connection=Redis())", "", "queue.enqueue(job)"),
    "django-q": ("from django_q.tasks import async_task", "", "async_task(job)"),
}
CHOSEN = "one of several, chosen at run time"
IF = "    if kind == 'a':\n        job = a\n    else:\n        job = b\n"


def tree(system: str, body: str, call: str = "", parameters: str = "kind, job_=None") -> dict[str, str]:
    head, decorator, run = SYSTEMS[system]
    jobs = "".join(f"{decorator}\ndef {name}(): ...\n" for name in "abc")
    return {"jobs.py": f"{head}\n{jobs}def start({parameters}):\n{body}    {call or run}\n"}


def found(inventory: Inventory) -> list[tuple[str, str, str]]:
    """(last of the name, confidence, reason)."""
    return sorted((e.name[-1:], e.confidence, e.reason) for e in inventory.of(Enqueue) if not e.wrapper)


LIKELY = [("a", "likely", CHOSEN), ("b", "likely", CHOSEN)]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_name_that_each_branch_gives_something_else(scan_tree: Scan, system: str) -> None:
    inventory = scan_tree(tree(system, IF))
    assert found(inventory) == LIKELY
    assert {"a", "b"} <= {j.name[-1] for j in inventory.of(Job, system)}


@pytest.mark.parametrize("system", [s for s in SYSTEMS if s != "celery"])
def test_a_conditional_expression(scan_tree: Scan, system: str) -> None:
    run = SYSTEMS[system][2].replace("job", "(a if kind else b)")
    assert found(scan_tree(tree(system, "", run))) == LIKELY


@pytest.mark.parametrize("system", [s for s in SYSTEMS if s != "celery"])
@pytest.mark.parametrize("taken", ["TABLE[kind]", "TABLE.get(kind)", "[a, b][int(kind)]"])
def test_what_is_looked_up_in_a_table(scan_tree: Scan, system: str, taken: str) -> None:
    files = tree(system, "", SYSTEMS[system][2].replace("job", taken))
    table = files["jobs.py"].replace("def start", "TABLE = {'one': a, 'two': b}\ndef start")
    assert found(scan_tree({"jobs.py": table})) == LIKELY


@pytest.mark.parametrize("system", [s for s in SYSTEMS if s != "celery"])
@pytest.mark.parametrize("taken", ["TABLE[kind]", "TABLE.get(kind)", "(a if kind else b)"])
def test_what_is_looked_up_and_kept_under_a_name(scan_tree: Scan, system: str, taken: str) -> None:
    files = tree(system, f"    job = {taken}\n    if job is None:\n        return\n")
    table = files["jobs.py"].replace("def start", "TABLE = {'one': a, 'two': b}\ndef start")
    assert found(scan_tree({"jobs.py": table})) == LIKELY


def test_a_name_of_what_is_looked_up_that_is_given_anew(scan_tree: Scan) -> None:
    files = tree("rq", "    job = TABLE[kind]\n    job = c\n")
    table = files["jobs.py"].replace("def start", "TABLE = {'one': a, 'two': b}\ndef start")
    assert found(scan_tree({"jobs.py": table})) == [("c", "certain", "")]


@pytest.mark.parametrize("table", ["{'one': object(), 'two': object()}", "{'one': socket(), 'two': board}"])
def test_a_table_of_other_things(scan_tree: Scan, table: str) -> None:
    files = tree("dramatiq", "    job = TABLE[kind]\n")
    inventory = scan_tree({"jobs.py": files["jobs.py"].replace("def start", f"TABLE = {table}\ndef start")})
    assert inventory.of(Enqueue) == ()


def test_a_key_that_is_known(scan_tree: Scan) -> None:
    files = tree("rq", "    table = {'one': a, 'two': b}\n", "queue.enqueue(table['two'])")
    assert found(scan_tree(files)) == [("b", "certain", "")]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        pytest.param("    job = a\n    if kind:\n        job = b\n", "ab", id="one by default"),
        pytest.param(
            "    job = None\n    if kind == 1:\n        job = a\n    elif kind == 2:\n        job = b\n", "ab", id="none by default"
        ),
        pytest.param("    if kind:\n        job = a\n    elif job_:\n        job = b\n    else:\n        job = c\n", "abc", id="three"),
        pytest.param("    match kind:\n        case 1:\n            job = a\n        case _:\n            job = b\n", "ab", id="match"),
        pytest.param(
            "    if kind:\n        if job_:\n            job = a\n        else:\n            job = b\n    else:\n        job = c\n",
            "abc",
            id="nested",
        ),
        pytest.param("    if kind:\n        job = c\n        job = a\n    else:\n        job = b\n", "ab", id="given twice in a branch"),
        pytest.param("    try:\n        job = a\n    except KeyError:\n        job = b\n", "ab", id="try and except"),
        pytest.param("    job = a\n    try:\n        job = b\n    except KeyError:\n        pass\n", "ab", id="except that gives nothing"),
    ],
)
def test_what_may_hold_after_branches(scan_tree: Scan, body: str, names: str) -> None:
    assert [name for name, *_ in found(scan_tree(tree("rq", body)))] == list(names)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("    job = a\n    job = b\n", id="one after the other"),
        pytest.param(IF + "    job = b\n", id="given anew after the branches"),
        pytest.param("    if kind:\n        job = a\n        return\n    job = b\n", id="before them in another branch"),
        pytest.param("    job = None\n    if kind:\n        job = b\n", id="nothing or one"),
        pytest.param("    job = a\n    try:\n        job = b\n    except KeyError:\n        return\n", id="except that leaves"),
    ],
)
def test_what_is_no_choice(scan_tree: Scan, body: str) -> None:
    assert found(scan_tree(tree("rq", body))) == [("b", "certain", "")]


def test_a_choice_that_callers_make(scan_tree: Scan) -> None:
    files = tree("rq", IF.replace("kind == 'a'", "kind"))
    calls = "from jobs import start\ndef one():\n    start(True)\n"
    inventory = scan_tree({**files, "use.py": calls})
    assert {name for name, *_ in found(inventory)} == {"a", "b"}


def test_an_option_that_is_chosen_changes_no_job(scan_tree: Scan) -> None:
    body = "    if kind:\n        slow = 'slow'\n    else:\n        slow = 'fast'\n"
    inventory = scan_tree(tree("django-q", body, "async_task(a, cluster=slow)"))
    assert found(inventory) == [("a", "certain", "")]


def test_what_the_same_branch_gives_goes_together(scan_tree: Scan) -> None:
    body = "    lane = 'c'\n    if kind:\n        job = a\n        lane = 'slow'\n    else:\n        job = b\n        lane = 'fast'\n"
    inventory = scan_tree(tree("celery", body, "job.apply_async(queue=lane)"))
    assert sorted((e.name[-1:], literal_of(e.queue)) for e in inventory.of(Enqueue)) == [("a", "slow"), ("b", "fast")]


def test_a_schedule_of_one_of_several(scan_tree: Scan) -> None:
    code = "from apscheduler.schedulers.background import BackgroundScheduler\ns = BackgroundScheduler()\ndef a(): ...\ndef b(): ...\n"
    inventory = scan_tree({"jobs.py": f"{code}def start(kind):\n{IF}    s.add_job(job, 'interval', minutes=5)\n"})
    assert [(s.job_name, s.confidence, s.reason) for s in inventory.of(Schedule)] == [
        *(("jobs:a", "likely", CHOSEN), ("jobs:b", "likely", CHOSEN)),
    ]
    assert [(j.name, j.confidence) for j in inventory.of(Job)] == [("jobs:a", "certain"), ("jobs:b", "certain")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("let q; if (kind) { q = a; } else { q = b; }", "ab", id="each branch"),
        pytest.param("let q = a; if (kind) q = b;", "ab", id="one by default"),
        pytest.param("let q: Queue; if (kind === 1) q = a; else if (kind === 2) { q = b; } else { q = c; }", "abc", id="else if"),
        pytest.param("let q = c; if (kind === 1) q = a; else if (kind === 2) { q = b; }", "abc", id="else if without else"),
        pytest.param("let q; switch (kind) { case 1: q = a; break; default: q = b; }", "ab", id="switch"),
        pytest.param("let q = c; switch (kind) { case 1: case 2: q = a; break; case 3: q = b; }", "abc", id="switch without default"),
        pytest.param("let q = c; switch (kind) { case 1: q = a; break; default: q = b; }", "ab", id="default of a switch"),
        pytest.param("let q = kind ? a : b;", "ab", id="conditional expression"),
        pytest.param("let q = a; q = b;", "b", id="one after the other"),
        pytest.param("let q; if (kind) { q = b; }", "b", id="nothing or one"),
        pytest.param("let q = b; if (kind) { q = a; q.close(); return; }", "b", id="left by return"),
        pytest.param("let q = b; if (kind) { q = a; throw new Error(q.name); }", "b", id="left by throw"),
        pytest.param("let q; if (kind) { q = a; } else { q = c; } q = b;", "b", id="given anew after the branches"),
        pytest.param("let q; try { q = a; } catch { q = b; }", "ab", id="try and catch"),
        pytest.param("let q; try { q = a; } catch (e) { log(e); q = b; } finally { done(); }", "ab", id="finally that gives nothing"),
        pytest.param("let q = a; try { q = b; } catch (e) { log(e); }", "ab", id="what was there where the try fails"),
        pytest.param("let q = a; try { q = c; } catch { q = a; } finally { q = b; }", "b", id="given in finally"),
        pytest.param("let q = a; try { q = b; } catch (e) { throw e; }", "b", id="catch that throws"),
        pytest.param("let q = a; try { q = b; } finally { done(); }", "b", id="no catch"),
        pytest.param("let q = null; try { q = b; } catch (e) { log(e); }", "b", id="nothing where the try fails"),
        pytest.param("let q; try { if (kind) { q = a; } else { q = b; } } catch (e) { q = c; }", "abc", id="branches in a try"),
    ],
)
def test_queues_that_javascript_chooses_between(scan_tree: Scan, body: str, expected: str) -> None:
    queues = "".join(f'const {name} = new Queue("{name}");\n' for name in "abc")
    start = f'export async function start(kind: number) {{\n  {body}\n  await q.add("mail", {{}});\n}}\n'
    code = f'import {{ Queue }} from "bullmq";\n{queues}{start}'
    inventory = scan_tree({"package.json": '{"dependencies": {"bullmq": "5.0.0"}}', "jobs.ts": code})
    told = sorted((literal_of(e.queue), e.name, e.confidence) for e in inventory.of(Enqueue))
    assert told == [(queue, "mail", "likely" if len(expected) > 1 else "certain") for queue in expected]


def test_a_job_name_that_javascript_chooses(scan_tree: Scan) -> None:
    code = (
        'import { Queue } from "bullmq";\nconst a = new Queue("a");\nexport function start(kind: boolean) {\n'
        '  let name = "one";\n  if (kind) name = "two";\n  return a.add(name, {});\n}\n'
    )
    inventory = scan_tree({"package.json": '{"dependencies": {"bullmq": "5.0.0"}}', "jobs.ts": code})
    assert [(e.name, e.confidence) for e in inventory.of(Enqueue)] == [("one", "likely"), ("two", "likely")]


def test_queues_of_rq_that_a_branch_chooses_between(scan_tree: Scan) -> None:
    code = (
        "from redis import Redis\nfrom rq import Queue\nhigh = Queue('high', connection=Redis())\nlow = Queue('low', connection=Redis())\n"
        "def send(): ...\ndef start(kind):\n    queue = low\n    if kind:\n        queue = high\n    queue.enqueue(send)\n"
    )
    told = sorted((literal_of(e.queue), e.name, e.confidence) for e in scan_tree({"jobs.py": code}).of(Enqueue))
    assert told == [("high", "jobs.send", "likely"), ("low", "jobs.send", "likely")]


SCHEDULE = "from apscheduler.schedulers.background import BackgroundScheduler\nimport config\ns = BackgroundScheduler()\ndef work(): ...\n"


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        pytest.param("    if config.X:\n        n = config.Y\n    else:\n        n = 7\n", None, id="a setting or a number"),
        pytest.param("    n = 7\n    if config.X:\n        n = config.Y\n", None, id="a number by default"),
        pytest.param("    if config.X:\n        n = 5\n    else:\n        n = 7\n", None, id="one of two numbers"),
        pytest.param("    if config.X:\n        n = 7\n    else:\n        n = 7\n", 420, id="the same in both"),
        pytest.param("    n = config.Y\n    n = 7\n", 420, id="one after the other"),
        pytest.param("    n = None\n    if config.X:\n        n = 7\n", 420, id="nothing or a number"),
        pytest.param("    n = 7\n    if config.X:\n        n = config.Y\n    n = 7\n", 420, id="given anew"),
    ],
)
def test_a_value_that_branches_give(scan_tree: Scan, body: str, seconds: int | None) -> None:
    inventory = scan_tree({"jobs.py": f"{SCHEDULE}def start():\n{body}    s.add_job(work, 'interval', minutes=n)\n"})
    (schedule,) = inventory.of(Schedule)
    assert (literal_of(schedule.interval), schedule.confidence) == (seconds, "certain" if seconds else "likely")
