"""QStash and Upstash Workflow from Python, and what only looks like them."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Endpoint, Enqueue, Inventory, Job, Literal, Schedule
from tests.scanners.conftest import Scan

CLIENT = "from qstash import QStash\n\nclient = QStash(token='x')\n"

ENQUEUES = {
    "publish_json": (CLIENT + "client.message.publish_json(url=f'{BASE}/api/mail', body={'a': 1})\n", "/api/mail"),
    "publish": (CLIENT + "client.message.publish(url=BASE + '/api/mail', body='x')\n", "/api/mail"),
    "url group": (CLIENT + "client.message.publish_json(url_group='all', body={})\n", "all"),
    "enqueue_json": (CLIENT + "client.message.enqueue_json(queue='mails', url=f'{BASE}/api/mail')\n", "/api/mail"),
    "batch_json": (CLIENT + "client.message.batch_json([{'url': f'{BASE}/api/mail', 'body': {}}])\n", "/api/mail"),
    "batch of a comprehension": (
        CLIENT + "client.message.batch_json([{'url': f'{BASE}/api/mail', 'body': u} for u in users])\n",
        "/api/mail",
    ),
    "async": (
        "from qstash import AsyncQStash\n\nasync def f():\n    await AsyncQStash('x').message.publish_json(url=f'{BASE}/api/mail')\n",
        "/api/mail",
    ),
    "urljoin": (
        "from urllib.parse import urljoin\n" + CLIENT + "client.message.publish_json(url=urljoin(settings.BASE, '/api/mail'))\n",
        "/api/mail",
    ),
    "unpacked": (
        CLIENT
        + "given = {'url': f'{BASE}/api/mail', 'body': {}}\nif later:\n    given['delay'] = 5\nclient.message.publish_json(**given)\n",
        "/api/mail",
    ),
    "a property": (
        (
            "from qstash import QStash\n\nclass Queue:\n    def __init__(self):\n        self._client = None\n\n    @property\n"
            "    def client(self) -> QStash:\n        if self._client is None:\n            self._client = QStash('x')\n"
            "        return self._client\n\n    def send(self):\n        self.client.message.publish_json(url=f'{BASE}/api/mail')\n"
        ),
        "/api/mail",
    ),
    "urllib": (
        (
            "from urllib.request import Request, urlopen\n\n"
            "urlopen(Request('https://qstash.upstash.io/v2/publish/' + BASE + '/api/mail', headers={}, method='POST'))\n"
        ),
        "/api/mail",
    ),
    "the first SDK": ("from upstash_qstash import Client\n\nClient('x').publish_json({'url': f'{BASE}/api/mail'})\n", "/api/mail"),
    "requests": (
        "import requests\n\nrequests.post(f'https://qstash.upstash.io/v2/publish/{BASE}/api/mail', headers={'Upstash-Delay': '5s'})\n",
        "/api/mail",
    ),
    "httpx": (
        (
            "import httpx\n\nQ = 'https://qstash.upstash.io/v2/publish'\n\nasync def f():\n    async with httpx.AsyncClient() as c:\n"
            "        await c.post(f'{Q}/{settings.BASE}/api/mail', json={})\n"
        ),
        "/api/mail",
    ),
}
LOOKALIKES = {
    "another client": "from google import pubsub\n\nclient = pubsub.QStash()\nclient.message.publish_json(url='x')\n",
    "another host": "import requests\n\nrequests.post('https://example.com/v2/publish/x')\n",
    "taking back": "from qstash import QStash\n\nQStash('x').message.cancel('id')\n",
}


def enqueues(inventory: Inventory) -> list[Enqueue]:
    return [e for e in inventory.of(Enqueue) if not e.wrapper]


@pytest.mark.parametrize("form", ENQUEUES)
def test_every_way_to_publish(scan_tree: Scan, form: str) -> None:
    code, name = ENQUEUES[form]
    assert [(e.name, e.system) for e in enqueues(scan_tree({"app.py": code}))] == [(name, "qstash")]


@pytest.mark.parametrize("form", LOOKALIKES)
def test_what_only_looks_like_it(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree({"app.py": LOOKALIKES[form]})
    assert not inventory.of(Enqueue)
    assert not inventory.of(Job)


def test_units(scan_tree: Scan) -> None:
    code = CLIENT + "client.message.enqueue_json(queue='q', url=f'{B}/x', delay='2m', retries=0, deduplication_id='d', not_before=17)\n"
    (found,) = enqueues(scan_tree({"app.py": code}))
    assert (found.delay, found.max_attempts, found.dedupe, found.queue, found.eta) == (
        Literal(120),
        Literal(1),
        Literal("d"),
        Literal("q"),
        Literal(17),
    )


def test_schedules_and_clients(scan_tree: Scan) -> None:
    code = CLIENT + "client.schedule.create(destination=f'{B}/x', cron='CRON_TZ=Asia/Manila */5 * * * *', schedule_id='five')\n"
    inventory = scan_tree({"app.py": code})
    (found,) = inventory.of(Schedule)
    assert (found.name, found.job_name, found.cron, found.timezone) == ("five", "/x", Literal("*/5 * * * *"), "Asia/Manila")
    assert [(c.name, c.role) for c in inventory.of(Client)] == [("client", "client")]


CHECK = "from qstash import Receiver\n\nreceiver = Receiver('a', 'b')\n\ndef check(request):\n    receiver.verify(body='', signature='')\n"
ROUTES = {
    "fastapi": (
        {
            "app.py": "from fastapi import APIRouter\nfrom qstash import Receiver\n\nrouter = APIRouter(prefix='/jobs')\n\n"
            "@router.post('/mail')\nasync def mail(request):\n    Receiver('a', 'b').verify(body='', signature='')\n"
        },
        ("/jobs/mail", 6),
    ),
    "flask": (
        {
            "app.py": "from flask import Flask, request\nfrom qstash import Receiver\n\napp = Flask(__name__)\n\n"
            "@app.route('/mail', methods=['POST'])\ndef mail():\n    Receiver('a', 'b').verify(body='', signature=request.headers['x'])\n"
        },
        ("/mail", 6),
    ),
    "django view": (
        {
            "app.py": "from django.http import HttpResponse\nfrom qstash import Receiver\n\n\ndef mail(request):\n"
            "    Receiver('a', 'b').verify(body='', signature='')\n    return HttpResponse()\n"
        },
        ("mail", 5),
    ),
    "django class": (
        {
            "app.py": "from django.views import View\nfrom qstash import Receiver\n\n\nclass Mail(View):\n    def post(self, request):\n"
            "        Receiver('a', 'b').verify(body='', signature='')\n"
        },
        ("Mail", 6),
    ),
    "django helper": (
        {
            "app.py": "from django.http import JsonResponse\nfrom django.views.decorators.csrf import csrf_exempt\n"
            "from qstash import Receiver\n\n"
            "def is_signed(request):\n    return Receiver('a', 'b').verify(body='', signature='')\n\n"
            "@csrf_exempt\ndef mail(request):\n    if is_signed(request):\n        return JsonResponse({})\n"
        },
        ("mail", 9),
    ),
    "in a function of one's own": (
        {
            "check.py": CHECK,
            "app.py": "from fastapi import FastAPI\nfrom check import check\n\napp = FastAPI()\n\n"
            "@app.post('/mail')\ndef mail(request):\n    check(request)\n",
        },
        ("/mail", 6),
    ),
    "dependency": (
        {
            "check.py": CHECK,
            "app.py": "from fastapi import Depends, FastAPI\nfrom check import check\n\napp = FastAPI()\n\n"
            "@app.post('/mail', dependencies=[Depends(check)])\ndef mail():\n    pass\n",
        },
        ("/mail", 6),
    ),
    "decorator": (
        {
            "check.py": "from qstash import Receiver\n\ndef signed(view):\n    def inner(request):\n"
            "        Receiver('a', 'b').verify(body='', signature='')\n        return view(request)\n    return inner\n",
            "app.py": "from flask import Flask\nfrom check import signed\n\napp = Flask(__name__)\n\n"
            "@app.post('/mail')\n@signed\ndef mail():\n    pass\n",
        },
        ("/mail", 6),
    ),
    "the header by hand": (
        {
            "app.py": "import jwt\nfrom fastapi import FastAPI, Header\n\napp = FastAPI()\n\n@app.post('/mail')\n"
            "async def mail(upstash_signature: str = Header(...)):\n    jwt.decode(upstash_signature, KEY)\n"
        },
        ("/mail", 6),
    ),
}


@pytest.mark.parametrize("form", ROUTES)
def test_every_way_to_be_called(scan_tree: Scan, form: str) -> None:
    files, expected = ROUTES[form]
    inventory = scan_tree(files)
    assert [(j.name, j.location.line) for j in inventory.of(Job) if not j.wrapper] == [expected]
    assert [e.serves for e in inventory.of(Endpoint) if not e.wrapper] == [(expected[0],)]


def test_a_message_is_tied_to_its_route(scan_tree: Scan) -> None:
    files, _ = ROUTES["fastapi"]
    inventory = scan_tree({**files, "send.py": CLIENT + "client.message.publish_json(url=f'{BASE}/jobs/mail')\n"})
    assert [e.job for e in enqueues(inventory)] == ["app:mail"]


def test_workflows(scan_tree: Scan) -> None:
    code = """
    from fastapi import FastAPI
    from upstash_workflow.fastapi import Serve

    app = FastAPI()
    serve = Serve(app)

    @serve.post("/flow", retries=1)
    async def flow(context):
        users = await context.run("load", load)
        for user in users:
            await context.sleep_until("wait", user.at)
        other.run("no step")
    """
    inventory = scan_tree({"app.py": code})
    (job,) = inventory.of(Job)
    assert (job.name, job.system, job.location.line, job.symbol) == ("/flow", "upstash-workflow", 8, "flow")
    assert job.retry is not None
    assert job.retry.max_attempts == Literal(2)
    assert [(s.kind, s.id, s.in_loop) for s in job.steps] == [("run", Literal("load"), False), ("sleepUntil", Literal("wait"), True)]
    assert [e.serves for e in inventory.of(Endpoint)] == [("/flow",)]


def test_django_qstash(scan_tree: Scan) -> None:
    files = {
        "shop/tasks.py": "from django_qstash import shared_task, stashed_task\n\n@stashed_task\ndef mail(to):\n    pass\n\n"
        "@shared_task(max_retries=1)\ndef report():\n    pass\n",
        "shop/views.py": "from shop.tasks import mail, report\n\ndef buy():\n    mail.delay('a')\n"
        "    report.apply_async(args=[], countdown=60)\n",
    }
    inventory = scan_tree(files)
    assert [(j.name, j.location.line, j.system) for j in inventory.of(Job)] == [
        ("shop.tasks.mail", 3, "qstash"),
        ("shop.tasks.report", 7, "qstash"),
    ]
    assert [j.retry.max_attempts for j in inventory.of(Job) if j.retry is not None] == [Literal(4), Literal(2)]
    assert [(e.job, e.location.line, e.delay) for e in enqueues(inventory)] == [
        ("shop.tasks:mail", 4, None),
        ("shop.tasks:report", 5, Literal(60)),
    ]


def test_paths_are_not_made_of_what_is_stripped(scan_tree: Scan) -> None:
    code = CLIENT + "client.message.publish_json(url=f\"{DOMAIN}/{PATH.strip('/')}/go\")\n"
    assert [e.name for e in enqueues(scan_tree({"app.py": code}))] == ["/${PATH}/go"]
