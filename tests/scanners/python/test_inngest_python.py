# ruff: noqa: E501 - code under test reads better on one line
"""Inngest's Python SDK: functions and what starts them, events that are sent, endpoints, and look-alikes."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Endpoint, Enqueue, Expression, Inventory, Job, Literal, Schedule, Setting, Worker, literal_of

CLIENT = "import inngest\nclient = inngest.Inngest(app_id='shop')\n"
HEAD = "import inngest\nfrom client import client\n"


def tree(code: str, head: str = HEAD) -> dict[str, str]:
    return {"client.py": CLIENT, "use.py": head + code}


def definitions(inventory: Inventory) -> list[tuple[str, str, int]]:
    return [(j.form, j.name, j.location.line) for j in inventory.of(Job, "inngest")]


EVENT = "inngest.TriggerEvent(event='a/b')"
DEFINITIONS = {
    "decorator": (f"@client.create_function(fn_id='f', trigger={EVENT})\nasync def f(ctx): ...", ("decorator", 3)),
    "plain function": (f"@client.create_function(fn_id='f', trigger={EVENT})\ndef f(ctx): ...", ("decorator", 3)),
    "called": (f"def g(ctx): ...\nf = client.create_function(fn_id='f', trigger={EVENT})(g)", ("call", 4)),
    "id of a constant": (f"ID = 'f'\n@client.create_function(fn_id=ID, trigger={EVENT})\nasync def f(ctx): ...", ("decorator", 4)),
    "in a function": (f"def make(c: inngest.Inngest):\n    @c.create_function(fn_id='f', trigger={EVENT})\n    async def f(ctx): ...\n    return f", ("decorator", 4)),
    "decorator of the project": (f"def job(name):\n    return client.create_function(fn_id=name, trigger={EVENT})\n@job('f')\nasync def f(ctx): ...", ("project-decorator", 5)),
    "decorator around": (f"def job(name):\n    def wrap(fn):\n        return client.create_function(fn_id=name, trigger={EVENT})(fn)\n    return wrap\n@job('f')\nasync def f(ctx): ...", ("project-decorator", 7)),
    "client by its type": (f"class Jobs:\n    client: inngest.Inngest\n    def make(self):\n        @self.client.create_function(fn_id='f', trigger={EVENT})\n        async def f(ctx): ...\n        return f", ("decorator", 6)),
}  # fmt: skip


@pytest.mark.parametrize("form", DEFINITIONS)
def test_definitions(scan_tree, form: str) -> None:
    code, (kind, line) = DEFINITIONS[form]
    inventory = scan_tree(tree(code))
    found = [j for j in inventory.of(Job, "inngest") if not j.wrapper]
    assert [(j.form, j.name, j.location.line) for j in found] == [(kind, "f", line)]
    assert found[0].handler is not None


def test_the_first_versions(scan_tree) -> None:
    code = (
        "@inngest.create_function(inngest.FunctionOpts(id='f', name='F'), inngest.TriggerEvent(event='a/b'))\ndef f(*, step, **kw): ...\n"
    )
    (job,) = scan_tree({"a.py": "import inngest\n" + code}).of(Job)
    assert (job.name, [(t.kind, literal_of(t.value)) for t in job.triggers]) == ("f", [("event", "a/b")])


@pytest.mark.parametrize(
    "code",
    [
        "@other.create_function(fn_id='f')\ndef f(ctx): ...",
        "boto3.client('lambda').create_function(FunctionName='f')",
        "client.app_id",
        "inngest.Function",
    ],
)
def test_what_defines_nothing(scan_tree, code: str) -> None:
    assert definitions(scan_tree(tree(code))) == []


TRIGGERS = {
    "event": ("inngest.TriggerEvent(event='a/b')", [("event", "a/b", "")], []),
    "condition": ("inngest.TriggerEvent(event='a/b', expression='event.data.x')", [("event", "a/b", "event.data.x")], []),
    "cron": ("inngest.TriggerCron(cron='0 9 * * *')", [("cron", "0 9 * * *", "")], [("0 9 * * *", "")]),
    "time zone": ("inngest.TriggerCron(cron='TZ=Europe/Paris 0 9 * * *')", [("cron", "0 9 * * *", "")], [("0 9 * * *", "Europe/Paris")]),
    "several": ("[inngest.TriggerEvent(event='a/b'), inngest.TriggerCron(cron='0 9 * * *')]", [("event", "a/b", ""), ("cron", "0 9 * * *", "")], [("0 9 * * *", "")]),
    "kept": ("WHEN", [("cron", "1 2 * * *", "")], [("1 2 * * *", "")]),
    "name from a class": ("inngest.TriggerEvent(event=Names.paid)", [("event", "a/paid", "")], []),
}  # fmt: skip


@pytest.mark.parametrize("form", TRIGGERS)
def test_triggers(scan_tree, form: str) -> None:
    code, expected, schedules = TRIGGERS[form]
    head = HEAD + "class Names:\n    paid = 'a/paid'\nWHEN = inngest.TriggerCron(cron='1 2 * * *')\n"
    inventory = scan_tree(tree(f"@client.create_function(fn_id='f', trigger={code})\nasync def f(ctx): ...", head))
    (job,) = inventory.of(Job)
    assert [(t.kind, literal_of(t.value), t.condition) for t in job.triggers] == expected
    assert [(literal_of(s.cron), s.timezone) for s in inventory.of(Schedule)] == schedules
    assert all((s.name, s.job) == ("f", "use:f") for s in inventory.of(Schedule))


def test_a_trigger_at_run_time_is_reported(scan_tree) -> None:
    inventory = scan_tree(tree("@client.create_function(fn_id='f', trigger=load())\nasync def f(ctx): ...\n"))
    (job,) = inventory.of(Job)
    assert [t.value for t in job.triggers] == [Expression("load()")]
    assert [u.line for u in inventory.unresolved] == [3]


def test_what_a_definition_says(scan_tree) -> None:
    code = f"""
    async def sorry(ctx): ...
    @client.create_function(fn_id="f", trigger={EVENT}, retries=2, concurrency=[inngest.Concurrency(limit=5)], on_failure=sorry)
    async def f(ctx: inngest.Context) -> None:
        await ctx.step.run("load", load)
        for x in xs:
            await ctx.step.sleep("wait", 5)
        await ctx.group.parallel((lambda: ctx.step.run("one", one), lambda: ctx.step.run("two", two)))
        print(ctx.attempt)
    """
    inventory = scan_tree({"client.py": CLIENT, "use.py": "\nimport inngest\nfrom client import client\n" + code.replace("\n    ", "\n")})
    (job,) = inventory.of(Job)
    assert job.retry is not None
    assert (job.retry.max_attempts, job.retry.explicit, job.concurrency) == (Literal(3), True, Literal(5))
    assert job.failure_handler is not None
    assert [(s.kind, literal_of(s.id), s.in_loop, s.parallel) for s in job.steps] == [
        ("run", "load", False, False),
        ("sleep", "wait", True, False),
        ("run", "one", False, True),
        ("run", "two", False, True),
    ]
    assert {u.feature for u in job.uses} == {"context.attempt", "context.group"}


def test_without_a_word_on_retries_there_are_four(scan_tree) -> None:
    (job,) = scan_tree(tree(f"@client.create_function(fn_id='f', trigger={EVENT})\nasync def f(ctx): ...")).of(Job)
    assert job.retry is not None
    assert (job.retry.max_attempts, job.retry.explicit) == (Literal(5), False)


ENQUEUES = {
    "send": ("await client.send(inngest.Event(name='a/b', data={'x': 1}))", [("send", "a/b")]),
    "send_sync": ("client.send_sync(inngest.Event(name='a/b'))", [("send_sync", "a/b")]),
    "list": ("client.send_sync([inngest.Event(name='a/b'), inngest.Event(name='a/c')])", [("send_sync", "a/b"), ("send_sync", "a/c")]),
    "comprehension": ("client.send_sync([inngest.Event(name='a/b', data={'x': x}) for x in xs])", [("send_sync", "a/b")]),
    "kept": ("event = inngest.Event(name='a/b')\nclient.send_sync(event)", [("send_sync", "a/b")]),
    "added up": ("events = []\nfor x in xs:\n    events.append(inngest.Event(name='a/b'))\nclient.send_sync(events)", [("send_sync", "a/b")]),
    "imported": ("from inngest import Event\nclient.send_sync(Event(name='a/b'))", [("send_sync", "a/b")]),
    "by keyword": ("client.send_sync(events=inngest.Event(name='a/b'))", [("send_sync", "a/b")]),
    "made by a function": ("def paid(x):\n    return inngest.Event(name='a/b', data=x)\nclient.send_sync(paid(1))", [("send_sync", "a/b")]),
    "wrapper": ("async def emit(name, data):\n    await client.send(inngest.Event(name=name, data=data))\nasync def f():\n    await emit('a/b', {})", [("send", ""), ("send", "a/b")]),
    "step": ("async def f(ctx):\n    await ctx.step.send_event('id', inngest.Event(name='a/b'))", [("send_event", "a/b")]),
    "typed step": ("async def f(ctx: inngest.Context):\n    await ctx.step.send_event('id', [inngest.Event(name='a/b')])", [("send_event", "a/b")]),
    "step of its own": ("def f(*, step: inngest.StepSync, **kw):\n    step.send_event('id', events=inngest.Event(name='a/b'))", [("send_event", "a/b")]),
    "invoke": (f"@client.create_function(fn_id='other', trigger={EVENT})\nasync def other(ctx): ...\nasync def f(ctx):\n    await ctx.step.invoke('id', function=other, data={{}})", [("invoke", "other")]),
    "defer": (f"@client.create_function(fn_id='other', trigger={EVENT})\nasync def other(ctx): ...\nasync def f(ctx):\n    ctx.defer('id', function=other, data={{}})", [("defer", "other")]),
    "invoke by id": ("async def f(ctx):\n    await ctx.step.invoke_by_id('id', app_id='a', function_id='other')", [("invoke_by_id", "other")]),
    "posted": ("import requests\nrequests.post(f'https://inn.gs/e/{KEY}', json={'name': 'a/b', 'data': {}})", [("post", "a/b")]),
    "name at run time": ("client.send_sync(inngest.Event(name=request.name))", [("send_sync", "")]),
}  # fmt: skip


@pytest.mark.parametrize("form", ENQUEUES)
def test_enqueues(scan_tree, form: str) -> None:
    code, expected = ENQUEUES[form]
    assert [(e.form, e.name) for e in scan_tree(tree(code)).of(Enqueue, "inngest")] == expected


@pytest.mark.parametrize(
    "code",
    [
        "socket.send(b'x')",
        "ctx.defer()",
        "ctx.defer('id', function=print)",
        "chain.invoke({'x': 1})",
        "import requests\nrequests.post('https://x.com/e/', json={})",
        "await ctx.step.run('id', f)",
        "await ctx.step.wait_for_event('id', event='a/b')",
        "signal.send(sender=1)",
    ],
)
def test_what_sends_nothing(scan_tree, code: str) -> None:
    assert scan_tree(tree(code)).of(Enqueue) == ()


def test_a_client_on_a_framework_is_known_by_its_name(scan_tree) -> None:
    code = "async def f(request, socket):\n    await request.app.state.client.send(inngest.Event(name='a/b'))\n    socket.send('x')\n"
    (enqueue,) = scan_tree(tree(code, "import inngest\n")).of(Enqueue)
    assert (enqueue.name, enqueue.confidence) == ("a/b", "likely")


def test_what_an_event_says(scan_tree) -> None:
    (enqueue,) = scan_tree(tree("async def f():\n    await client.send(inngest.Event(name='a/b', data={'x': 1}, id='one', ts=5))\n")).of(
        Enqueue
    )
    assert (enqueue.dedupe, enqueue.eta, enqueue.awaited, enqueue.inside) == (Literal("one"), Literal(5), True, "f")
    assert [literal_of(a.value) for a in enqueue.arguments] == [{"x": 1}]


FUNCTIONS = f"from client import client\nimport inngest\n@client.create_function(fn_id='f', trigger={EVENT})\nasync def f(ctx): ...\n@client.create_function(fn_id='g', trigger={EVENT})\nasync def g(ctx): ...\nEVERY = [f]\n"
ENDPOINTS = {
    "FastAPI": ("import inngest.fast_api\ninngest.fast_api.serve(app, client, [f])", "FastAPI", True),
    "imported": ("from inngest.fast_api import serve\nserve(app, client, [f])", "FastAPI", True),
    "by keyword": ("import inngest.flask\ninngest.flask.serve(app=app, client=client, functions=[f])", "Flask", True),
    "Django": ("import inngest.django\nurlpatterns = [inngest.django.serve(client, [f])]", "Django", True),
    "list of another file": (
        "import inngest.tornado\nimport functions\ninngest.tornado.serve(app, client, functions.EVERY)",
        "Tornado",
        True,
    ),
    "list in part at run time": ("import inngest.fast_api\ninngest.fast_api.serve(app, client, [f, *load()])", "FastAPI", False),
}


@pytest.mark.parametrize("form", ENDPOINTS)
def test_endpoints(scan_tree, form: str) -> None:
    code, framework, whole = ENDPOINTS[form]
    inventory = scan_tree(
        {"client.py": CLIENT, "functions.py": FUNCTIONS, "main.py": "from client import client\nfrom functions import f\n" + code}
    )
    (endpoint,) = inventory.of(Endpoint)
    assert (endpoint.serves, endpoint.options["framework"]) == (("functions:f",), Literal(framework))
    assert (endpoint.confidence == "certain") is whole
    assert [j.live for j in inventory.of(Job)] == [True, False if whole else None]


def test_connect(scan_tree) -> None:
    code = (
        "from inngest.connect import connect\nfrom client import client\nfrom functions import f, g\nconnect([(client, [f, g])]).start()\n"
    )
    inventory = scan_tree({"client.py": CLIENT, "functions.py": FUNCTIONS, "main.py": code})
    assert [(w.name, w.queues) for w in inventory.of(Worker)] == [("connect", ("functions:f", "functions:g"))]
    assert [j.live for j in inventory.of(Job)] == [True, True]


def test_without_an_endpoint_nothing_is_said_about_what_is_live(scan_tree) -> None:
    assert [j.live for j in scan_tree({"client.py": CLIENT, "functions.py": FUNCTIONS}).of(Job)] == [None, None]


def test_clients_and_settings(scan_tree) -> None:
    inventory = scan_tree({"a.py": CLIENT + "import os\nkey = os.environ['INNGEST_EVENT_KEY']\ndev = os.getenv('INNGEST_DEV')\n"})
    assert [(c.name, c.symbol, c.role) for c in inventory.of(Client)] == [("shop", "client", "app")]
    assert [s.name for s in inventory.of(Setting)] == ["INNGEST_EVENT_KEY", "INNGEST_DEV"]
