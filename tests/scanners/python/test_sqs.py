"""SQS in Python: boto3 and its sisters, Lambda handlers, Chalice, and what only looks like it."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Job, Schedule, Worker, literal_of
from tests.scanners.conftest import Scan

URL = "https://sqs.eu-west-1.amazonaws.com/1/mail"

#: form -> (code, (name, line) of every enqueue)
SENDS: dict[str, tuple[str, list[tuple[str, int]]]] = {
    "client": (f'import boto3\nsqs = boto3.client("sqs")\nsqs.send_message(QueueUrl="{URL}", MessageBody="x")', [("mail", 3)]),
    "by keyword": (f'import boto3\nboto3.client(service_name="sqs").send_message(QueueUrl="{URL}", MessageBody="x")', [("mail", 2)]),
    "session": (
        f'from boto3.session import Session\nSession().client("sqs").send_message(QueueUrl="{URL}", MessageBody="x")',
        [("mail", 2)],
    ),
    "factory": (
        (
            'import boto3\ndef client():\n    return boto3.client("sqs")\n\ndef f():\n'
            f'    client().send_message(QueueUrl="{URL}", MessageBody="x")'
        ),
        [("mail", 6)],
    ),
    "attribute": (
        (
            'import os\nimport boto3\nclass Mails:\n    def __init__(self):\n        self.sqs = boto3.client("sqs")\n'
            '    def push(self, body):\n        self.sqs.send_message(QueueUrl=os.environ["MAIL_URL"], MessageBody=body)'
        ),
        [("MAIL_URL", 7)],
    ),
    "resource": (
        'import boto3\nqueue = boto3.resource("sqs").get_queue_by_name(QueueName="mail")\nqueue.send_message(MessageBody="x")',
        [("mail", 3)],
    ),
    "resource by address": (f'import boto3\nboto3.resource("sqs").Queue("{URL}").send_messages(Entries=[])', [("mail", 2)]),
    "batch": (
        f'import boto3\nboto3.client("sqs").send_message_batch(QueueUrl="{URL}", Entries=[{{"Id": "1", "MessageBody": "x"}}])',
        [("mail", 2)],
    ),
    "asynchronous": (
        (
            'import aioboto3\nasync def f():\n    async with aioboto3.Session().client("sqs") as sqs:\n'
            f'        await sqs.send_message(QueueUrl="{URL}", MessageBody="x")'
        ),
        [("mail", 4)],
    ),
    "client handed in": (
        "def push(sqs, body):\n    sqs.send_message(QueueUrl=MAIL_URL, MessageBody=body)\nMAIL_URL = read()",
        [("MAIL_URL", 2)],
    ),
    "client from elsewhere": (f'from shared.clients import sqs\nsqs.send_message(QueueUrl="{URL}", MessageBody="x")', [("mail", 2)]),
    "address that is asked for": (
        (
            'import boto3\nsqs = boto3.client("sqs")\nurl = sqs.get_queue_url(QueueName="mail")["QueueUrl"]\n'
            'sqs.send_message(QueueUrl=url, MessageBody="x")'
        ),
        [("mail", 4)],
    ),
    "wrapped in house": (
        (
            'import boto3\nsqs = boto3.client("sqs")\ndef push(url, body):\n'
            f'    sqs.send_message(QueueUrl=url, MessageBody=body)\npush("{URL}", "x")'
        ),
        [("mail", 5)],
    ),
    "a client that is not known, wrapped in house": (
        "from shared import sqs\ndef push(url, body):\n    sqs.send_message(QueueUrl=url, MessageBody=body)\npush('mail', 'x')",
        [("mail", 4)],
    ),
    "an entry of the settings": (
        "import boto3\nboto3.client('sqs').send_message(QueueUrl=settings['mail_queue'], MessageBody='x')",
        [("mail_queue", 2)],
    ),
    "a text made of another": (
        (
            "import boto3\ndef push(self, name):\n"
            "    boto3.client('sqs').send_message(QueueUrl=self.base.replace('QUEUE', name), MessageBody='x')"
        ),
        [("", 3)],
    ),
    "a name with a hole": (
        (
            "import boto3\ndef f(stage):\n"
            '    boto3.resource("sqs").get_queue_by_name(QueueName=f"mails-{stage}").send_message(MessageBody="x")'
        ),
        [("mails-{stage}", 3)],
    ),
    "setting with a default": (
        'import os\nimport boto3\nURL = os.getenv("MAIL_URL", "")\nboto3.client("sqs").send_message(QueueUrl=URL, MessageBody="x")',
        [("MAIL_URL", 4)],
    ),
    "started without waiting": (
        'import boto3\nboto3.client("lambda").invoke(FunctionName="resize", InvocationType="Event", Payload=b"")',
        [("resize", 2)],
    ),
    "started once at a time": (
        'import boto3\nboto3.client("scheduler").create_schedule(Name="late", ScheduleExpression=f"at({when})", Target={"Arn": arn})',
        [("arn", 2)],
    ),
    "unpacked, on what is not known": (
        'from shared import queue\ndef push(text):\n    given = {"MessageBody": text, "DelaySeconds": 5}\n    queue.send_message(**given)',
        [("", 4)],
    ),
}

NONE = {
    "a bot, unpacked": 'import telegram\ngiven = {"chat_id": 1, "text": "MessageBody"}\ntelegram.Bot("t").send_message(**given)',
    "messages of another service": "for message in queue_client.receive_messages(messages_per_page=5):\n    handle(message)",
    "a bot": 'import telegram\ntelegram.Bot("t").send_message(chat_id=1, text="QueueUrl")',
    "an answer is awaited": 'import boto3\nboto3.client("lambda").invoke(FunctionName="resize", InvocationType="RequestResponse")',
    "a chain that is invoked": 'chain.invoke({"FunctionName": "x", "InvocationType": "Event"})',
    "another service": 'import boto3\nboto3.client("s3").put_object(Bucket="QueueUrl")',
    "another service's queue": 'import boto3\nboto3.client("mq").send_message(Text="QueueUrl")',
}


@pytest.mark.parametrize("form", SENDS)
def test_sends(scan_tree: Scan, form: str) -> None:
    code, expected = SENDS[form]
    inventory = scan_tree({"app/a.py": code + "\n"})
    assert [(e.name, e.location.line) for e in inventory.of(Enqueue, "sqs") if not e.wrapper] == expected


#: what a function keeps in a variable, and the name by which the queue is known for that
KEPT = {
    "a text": (f'url = "{URL}"', "url", "mail"),
    "a setting": ('url = os.environ["MAIL_URL"]', "url", "MAIL_URL"),
    "a setting with a name of its own": ("url = settings.MAIL_QUEUE_URL", "url", "MAIL_QUEUE_URL"),
    "of a module": ("url = settings.queue_url", "url", "queue_url"),
    "by way of another": ("base = settings.MAIL_QUEUE_URL\n    url = base", "url", "MAIL_QUEUE_URL"),
    "of the module itself": ("pass", "MODULE_URL", "MODULE_URL"),
    "what was asked for": ("url = ask()", "url", ""),
    "what was asked for, under a telling name": ("mail_queue_url = ask()", "mail_queue_url", ""),
    "a column of a row": ("row = ask()\n    url = row.queue_url", "url", ""),
    "a telling column of a row": ("row = ask()\n    url = row.mail_queue_url", "url", "mail_queue_url"),
    "a part of an answer": ("url, other = ask()", "url", ""),
    "made just now": ('url = sqs.create_queue(QueueName=ask())["QueueUrl"]', "url", ""),
}


@pytest.mark.parametrize("form", KEPT)
def test_what_a_function_keeps_in_a_variable(scan_tree: Scan, form: str) -> None:
    kept, used, name = KEPT[form]
    top = "import os\nimport boto3\nfrom shop import settings\nfrom shop.rows import ask\nsqs = boto3.client('sqs')\nMODULE_URL = ask()\n"
    inventory = scan_tree({"app/a.py": f"{top}def push():\n    {kept}\n    sqs.send_message(QueueUrl={used}, MessageBody='x')\n"})
    assert [e.name for e in inventory.of(Enqueue, "sqs")] == [name]


@pytest.mark.parametrize("form", NONE)
def test_look_alikes(scan_tree: Scan, form: str) -> None:
    assert not scan_tree({"app/a.py": NONE[form] + "\n"}).items


def test_clients_of_queues_alone(scan_tree: Scan) -> None:
    code = 'import boto3\nsqs = boto3.client("sqs")\ns3 = boto3.client("s3")\nqueues = boto3.resource("sqs")\n'
    assert [c.symbol for c in scan_tree({"app/a.py": code}).of(Client)] == ["sqs", "queues"]


def test_a_loop_of_ones_own(scan_tree: Scan) -> None:
    code = (
        "import boto3\n\ndef handle(message):\n    pass\n\n\ndef poll():\n"
        f'    sqs = boto3.client("sqs")\n    while True:\n        got = sqs.receive_message(QueueUrl="{URL}", WaitTimeSeconds=20)\n'
        '        for message in got.get("Messages", []):\n            handle(message)\n'
    )
    inventory = scan_tree({"app/a.py": code})
    assert [(w.name, w.location.line) for w in inventory.of(Worker)] == [("mail", 10)]
    [job] = inventory.of(Job)
    assert (job.name, job.symbol, job.location.line, job.confidence) == ("mail", "handle", 3, "likely")


def test_a_loop_over_messages_of_a_queue_that_is_made_elsewhere(scan_tree: Scan) -> None:
    code = (
        "from shared.queues import queue_of\ndef ship(text): ...\ndef main():\n    queue = queue_of('orders')\n    while True:\n"
        "        for message in queue.receive_messages(WaitTimeSeconds=20):\n            ship(message.body)\n            message.delete()\n"
    )
    found = [(j.name, j.confidence) for j in scan_tree({"workers/a.py": code}).of(Job, "sqs")]
    assert found == [("ship", "likely")]


def test_a_loop_outside_of_any_function(scan_tree: Scan) -> None:
    code = (
        'import boto3\nqueue = boto3.resource("sqs").get_queue_by_name(QueueName="mail")\n\ndef handle(body):\n    pass\n\n'
        'if __name__ == "__main__":\n    while True:\n        for message in queue.receive_messages():\n            handle(message.body)\n'
    )
    inventory = scan_tree({"app/a.py": code})
    assert [(w.name, w.location.line) for w in inventory.of(Worker) if w.location.path.endswith(".py")] == [("mail", 9)]
    assert [(j.name, j.location.line) for j in inventory.of(Job)] == [("mail", 4)]


POLLER = """
import json
import boto3

class Poller:
    def __init__(self, url, handle):
        self.url, self.handle = url, handle

    def run(self):
        sqs = boto3.client("sqs")
        for message in sqs.receive_message(QueueUrl=self.url)["Messages"]:
            body = json.loads(message["Body"])
            self.handle(body)

def poll(url, handle, log):
    for message in boto3.client("sqs").receive_message(QueueUrl=url)["Messages"]:
        log("got one")
        handle(json.loads(message["Body"]))

def ship(order): ...

def bill(order): ...

def say(text): ...

def main():
    {made}
"""
ORDERS = URL.replace("mail", "orders")


@pytest.mark.parametrize(
    ("made", "jobs"),
    [
        (f'Poller("{URL}", ship).run()', [("mail", "ship")]),
        (f'poll("{ORDERS}", bill, say)', [("orders", "bill")]),
        (f'Poller("{URL}", handle=ship).run(); poll("{ORDERS}", handle=bill, log=say)', [("mail", "ship"), ("orders", "bill")]),
        (f'poll("{URL}", ship, say); poll("{ORDERS}", ship, say)', [("mail", "ship"), ("orders", "ship")]),
    ],
)
def test_what_callers_hand_to_a_loop(scan_tree: Scan, made: str, jobs: list[tuple[str, str]]) -> None:
    found = [j for j in scan_tree({"app/a.py": POLLER.format(made=made)}).of(Job) if not j.wrapper]
    other = "poll" if "Poller(" in made and "poll(" not in made else "run" if "Poller(" not in made else ""
    assert [(j.name, j.symbol) for j in found if j.symbol not in ("poll", "Poller.run")] == jobs
    assert [j.name for j in found if j.symbol in ("poll", "Poller.run")] == [other] * bool(other)


def test_a_loop_that_nobody_of_the_tree_calls_is_the_job(scan_tree: Scan) -> None:
    inventory = scan_tree({"app/a.py": POLLER.format(made="pass")})
    assert [(j.name, j.confidence) for j in inventory.of(Job)] == [("run", "likely"), ("poll", "likely")]


HANDLERS = {
    "typed by Powertools": (
        (
            "from aws_lambda_powertools.utilities.data_classes import SQSEvent, event_source\n@event_source(data_class=SQSEvent)\n"
            "def handler(event, context):\n    pass"
        ),
        3,
    ),
    "annotated": ("from aws_lambda_typing.events import SQSEvent\ndef handler(event: SQSEvent, context):\n    pass", 2),
    "annotated by a module": ("from aws_lambda_typing import events\ndef handler(event: events.SQSEvent, _):\n    pass", 2),
    "batch processor": (
        (
            "from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response\n"
            "processor = BatchProcessor(event_type=EventType.SQS)\ndef record_handler(record):\n    pass\n\n"
            "def handler(event, context):\n"
            "    return process_partial_response(event=event, record_handler=record_handler, processor=processor, context=context)"
        ),
        6,
    ),
    "by what it reads": ('import json\ndef handler(event, context):\n    for r in event["Records"]:\n        json.loads(r["body"])', 2),
    "by what a function nearby reads": (
        (
            'def one(record):\n    return record["body"]\n\ndef handler(event, context):\n'
            '    return [one(r) for r in event.get("Records", [])]'
        ),
        4,
    ),
}

NO_HANDLERS = {
    "a type of the project": "class SQSEvent:\n    pass\n\ndef handler(event: SQSEvent, context):\n    pass",
    "a type of another package": "from shop.events import SQSEvent\ndef handler(event: SQSEvent, context):\n    pass",
    "messages of a topic": 'def handler(event, context):\n    return [r["Sns"]["body"] for r in event["Records"]]',
    "files of a bucket": 'def handler(event, context):\n    return [r["s3"]["body"] for r in event["Records"]]',
    "an address": 'def handler(event, context):\n    return event["body"], "Records"',
    "a helper": 'def bodies(event):\n    return [r["body"] for r in event["Records"]]',
}


@pytest.mark.parametrize("form", HANDLERS)
def test_handlers(scan_tree: Scan, form: str) -> None:
    code, line = HANDLERS[form]
    assert [(j.name, j.location.line) for j in scan_tree({"app/mail.py": code + "\n"}).of(Job, "sqs")] == [("mail", line)]


@pytest.mark.parametrize("form", NO_HANDLERS)
def test_no_handlers(scan_tree: Scan, form: str) -> None:
    assert not scan_tree({"app/mail.py": NO_HANDLERS[form] + "\n"}).of(Job)


CHALICE = 'from chalice import Chalice, Cron, Rate\napp = Chalice(app_name="mails")\n'
TIMES = {
    "text": ('"rate(1 hour)"', None, 3600),
    "rate": ("Rate(5, unit=Rate.MINUTES)", None, 300),
    "cron": ('Cron(0, 9, "*", "*", "?", "*")', "0 9 * * *", None),
}


@pytest.mark.parametrize("form", TIMES)
def test_chalice_by_the_clock(scan_tree: Scan, form: str) -> None:
    when, cron, interval = TIMES[form]
    inventory = scan_tree({"app.py": f"{CHALICE}@app.schedule({when})\ndef sweep(event):\n    pass\n"})
    [schedule] = inventory.of(Schedule)
    assert (literal_of(schedule.cron), literal_of(schedule.interval), schedule.location.line) == (cron, interval, 3)
    [job] = inventory.of(Job)
    assert (job.name, job.location.line, schedule.job) == ("sweep", 3, "app:sweep")


def test_chalice_blueprints(scan_tree: Scan) -> None:
    code = (
        "from chalice.app import Blueprint, Rate\njobs = Blueprint(__name__)\n"
        "@jobs.schedule(Rate(24 * 60, unit=Rate.MINUTES))\ndef f(event):\n    pass\n"
    )
    assert [literal_of(s.interval) for s in scan_tree({"jobs.py": code}).of(Schedule)] == [86400]


def test_chalice_queues_and_addresses(scan_tree: Scan) -> None:
    code = (
        f'{CHALICE}@app.on_sqs_message(queue="mail", batch_size=1)\ndef send(event):\n    pass\n\n@app.route("/")\ndef index():\n    pass\n'
    )
    inventory = scan_tree({"app.py": code})
    assert [(j.name, literal_of(j.queue)) for j in inventory.of(Job)] == [("send", "mail")]
