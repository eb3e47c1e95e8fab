# ruff: noqa: E501 - code under test reads better on one line
"""Hand-rolled job tables in Python: how they are declared, how rows get in, who takes them out, and look-alikes."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Inventory, Job, Literal, Worker, literal_of

ALCHEMY = """
import enum
from sqlalchemy import Column, Enum, Integer, JSON, String, DateTime
from sqlalchemy.orm import declarative_base
Base = declarative_base()
class Status(enum.Enum):
    PENDING = "pending"
    RUNNING = "running"
    FAILED = "failed"
class Kind(str, enum.Enum):
    MAIL = "mail"
    REPORT = "report"
class Job(Base):
    __tablename__ = "jobs"
    id = Column(Integer, primary_key=True)
    type = Column(String)
    payload = Column(JSON)
    status = Column(Enum(Status), default=Status.PENDING)
    attempts = Column(Integer, default=0)
    max_attempts = Column(Integer, default=3)
    run_at = Column(DateTime)
"""
DJANGO = """
from django.db import models
class Job(models.Model):
    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        RUNNING = "running", "Running"
        FAILED = "failed", "Failed"
    type = models.CharField(max_length=50)
    payload = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    attempts = models.IntegerField(default=0)
    run_at = models.DateTimeField(null=True)
"""
SQL = 'CREATE = """create table jobs (id serial, type text, payload jsonb, status text default \'pending\', attempts int default 0, run_at timestamptz)"""\n'
CLAIM = """
from models import Job
def claim(session):
    return session.query(Job).filter(Job.status == "pending").with_for_update(skip_locked=True).first()
def run(job): ...
def loop(session):
    while True:
        job = claim(session)
        run(job)
"""
DJANGO_CLAIM = CLAIM.replace(
    'session.query(Job).filter(Job.status == "pending").with_for_update(skip_locked=True)',
    'Job.objects.select_for_update(skip_locked=True).filter(status="pending")',
)


def system(inventory: Inventory) -> tuple[int, ...]:
    return tuple(len([i for i in inventory.of(kind) if i.system == "postgres-table"]) for kind in (Client, Enqueue, Worker, Job))


TABLES = {
    "SQLAlchemy": (ALCHEMY, ("Job", "jobs")),
    "mapped columns": (ALCHEMY.replace("= Column(Enum(Status), default=Status.PENDING)", ": Mapped[Status] = mapped_column(default=Status.PENDING)"), ("Job", "jobs")),
    "only annotated": (ALCHEMY.replace("status = Column(Enum(Status), default=Status.PENDING)", "status: Mapped[Status]"), ("Job", "jobs")),
    "mixin": (ALCHEMY.replace("class Job(Base):", "class Timed:\n    locked_at = Column(DateTime)\nclass Job(Timed, Base):"), ("Job", "jobs")),
    "SQLModel": ("from sqlmodel import Field, SQLModel\nfrom enum import Enum\nclass Status(str, Enum):\n    PENDING = 'pending'\n    RUNNING = 'running'\n    FAILED = 'failed'\nclass Job(SQLModel, table=True):\n    id: int | None = Field(default=None, primary_key=True)\n    kind: str\n    payload: dict\n    status: Status = Status.PENDING\n    attempts: int = 0\n", ("Job", "job")),
    "Django": (DJANGO, ("Job", "job")),
    "Django with choices": (DJANGO.replace("Status.choices", "[('pending', 'P'), ('running', 'R'), ('failed', 'F')]"), ("Job", "job")),
    "Django with a name": (DJANGO + "    class Meta:\n        db_table = 'my_jobs'\n", ("Job", "my_jobs")),
    "peewee": ("from peewee import CharField, IntegerField, Model, TextField, DateTimeField\nclass Base(Model):\n    pass\nclass Job(Base):\n    type = CharField()\n    payload = TextField()\n    status = CharField(default='pending')\n    attempts = IntegerField(default=0)\n    run_at = DateTimeField()\n", ("Job", "job")),
    "Tortoise": ("from tortoise import fields\nfrom tortoise.models import Model\nclass Job(Model):\n    type = fields.CharField(max_length=9)\n    payload = fields.JSONField()\n    status = fields.CharField(max_length=9)\n    attempts = fields.IntField()\n    run_at = fields.DatetimeField()\n    class Meta:\n        table = 'jobs'\n", ("Job", "jobs")),
    "Table": ("from sqlalchemy import Column, Integer, MetaData, String, Table\njobs = Table('jobs', MetaData(), Column('id', Integer), Column('type', String), Column('status', String), Column('payload', String), Column('attempts', Integer), Column('run_at', String))\n", ("jobs", "jobs")),
    "Alembic": ("import sqlalchemy as sa\nfrom alembic import op\ndef upgrade():\n    op.create_table('jobs', sa.Column('id', sa.Integer), sa.Column('type', sa.String), sa.Column('status', sa.String), sa.Column('payload', sa.JSON), sa.Column('attempts', sa.Integer), sa.Column('run_at', sa.DateTime))\n", ("jobs", "jobs")),
    "SQL": (SQL, ("jobs", "jobs")),
    "rows that go when they are done": ("from django.db import models\nclass BackgroundTask(models.Model):\n    task_name = models.CharField(max_length=9)\n    task_params = models.TextField()\n    run_at = models.DateTimeField()\n    attempts = models.IntegerField(default=0)\n    locked_by = models.CharField(null=True)\n", ("BackgroundTask", "backgroundtask")),
    "rows that are ticked off": ("from django.db import models\nclass Base(models.Model):\n    task_identifier = models.CharField(max_length=9)\n    serialized_args = models.TextField()\n    is_locked = models.BooleanField(default=False)\n    class Meta:\n        abstract = True\nclass Task(Base):\n    scheduled_for = models.DateTimeField()\n    num_failures = models.IntegerField(default=0)\n    completed = models.BooleanField(default=False)\n", ("Task", "task")),
    "claimed where it stands, without a status": ("SQL = 'create table job_queue (id serial, queue text, payload jsonb)'\nCLAIM = 'select id from job_queue for update skip locked'\n", ("job_queue", "job_queue")),
    "claimed where it stands": ("from sqlalchemy import Column, String, Integer\nclass Job(Base):\n    __tablename__ = 'jobs'\n    id = Column(Integer)\n    method = Column(String)\n    state = Column(String)\nCLAIM = 'select id from jobs for update skip locked'\n", ("Job", "jobs")),
}  # fmt: skip
TAKES = "def take(cur):\n    cur.execute(\"update %s set status = 'running' where id = (select id from %s where status = 'pending' for update skip locked limit 1) returning *\")\n    return cur.fetchone()\n"


@pytest.mark.parametrize("form", TABLES)
def test_tables(scan_tree, form: str) -> None:
    code, (model, table) = TABLES[form]
    inventory = scan_tree({"models.py": code, "worker.py": TAKES.replace("%s", table)})
    (client,) = inventory.of(Client, "postgres-table")
    assert (client.name, literal_of(client.options.get("table", Literal(model))), client.role, client.language) == (
        model,
        table,
        "table",
        "python",
    )
    assert len(literal_of(client.options["evidence"])) >= 3


NO_TABLES = {
    "orders": ALCHEMY.replace('"jobs"', '"orders"')
    .replace("class Job", "class Order")
    .replace(
        "    attempts = Column(Integer, default=0)\n    max_attempts = Column(Integer, default=3)\n    run_at = Column(DateTime)\n", ""
    ),
    "to-do list": "from django.db import models\nclass Task(models.Model):\n    title = models.CharField()\n    status = models.CharField(choices=[('todo', 'a'), ('doing', 'b'), ('done', 'c')])\n    due_at = models.DateTimeField()\n    attempts = models.IntegerField()\n",
    "dataclass": "from dataclasses import dataclass\n@dataclass\nclass Job:\n    type: str\n    payload: dict\n    status: str = 'pending'\n    attempts: int = 0\n    run_at: str = ''\n",
    "pydantic": "from pydantic import BaseModel, Field\nclass Job(BaseModel):\n    type: str = Field()\n    payload: dict = Field()\n    status: str = Field(default='pending')\n    attempts: int = Field(default=0)\n    run_at: str = Field()\n",
    "to-do list without a status": "from django.db import models\nclass TodoTask(models.Model):\n    title = models.CharField()\n    due_at = models.DateTimeField()\n    attempts = models.IntegerField()\n    completed = models.BooleanField()\n",
    "parcels": "from django.db import models\nclass Parcel(models.Model):\n    payload = models.TextField()\n    run_at = models.DateTimeField()\n    attempts = models.IntegerField()\n    locked_by = models.CharField()\n",
    "what became of jobs": "# Taken with SKIP LOCKED elsewhere.\nfrom django.db import models\nclass TaskResult(models.Model):\n    status = models.CharField()\n    result = models.TextField()\n",
    "abstract": DJANGO + "    class Meta:\n        abstract = True\n",
}


@pytest.mark.parametrize("form", NO_TABLES)
def test_what_is_no_job_table(scan_tree, form: str) -> None:
    inventory = scan_tree({"models.py": NO_TABLES[form], "use.py": "from models import *\nJob(type='a')\n"})
    assert system(inventory) == (0, 0, 0, 0)
    assert inventory.unresolved == ()


def test_a_table_that_nothing_takes_rows_out_of_is_a_loose_end(scan_tree) -> None:
    inventory = scan_tree({"models.py": ALCHEMY, "use.py": "from models import Job\ndef f(session):\n    session.add(Job(type='mail'))\n"})
    assert system(inventory) == (0, 0, 0, 0)
    assert [(u.path, u.system) for u in inventory.unresolved] == [("models.py", "postgres-table"), ("use.py", "postgres-table")]


ENQUEUES = {
    "add": ("session.add(Job(type='mail', payload={}))", "add", 3),
    "made, then added": ("job = Job(type='mail', payload={})\n    session.add(job)", "add", 3),
    "made over lines": ("job = Job(\n        type='mail',\n    )\n    log(job)\n    session.add(job)", "add", 3),
    "add_all": ("session.add_all([Job(type='mail')])", "add", 3),
    "enum": ("session.add(Job(type=Kind.MAIL))", "add", 3),
    "value of an enum": ("session.add(Job(type=Kind.MAIL.value))", "add", 3),
    "unpacked": ("session.add(Job(**{'type': 'mail'}))", "add", 3),
    "insert": ("session.execute(insert(Job).values(type='mail', payload={}))", "insert", 3),
    "insert of a dictionary": ("session.execute(insert(Job).values({'type': 'mail'}))", "insert", 3),
    "insert and return": ("session.execute(insert(Job).values(type='mail').returning(Job.id))", "insert", 3),
    "insert beside rows": ("session.execute(insert(Job), [{'type': 'mail'}])", "insert", 3),
    "insert of the table": ("conn.execute(Job.__table__.insert().values(type='mail'))", "insert", 3),
    "text": ("conn.execute(text(\"insert into jobs (type, payload) values ('mail', :p)\"), {'p': data})", "insert into", 3),
    "text by another name": ("from sqlalchemy import text as sa; conn.execute(sa(\"insert into jobs (type) values (:t)\"), dict(t='mail'))", "insert into", 3),
    "asyncpg": ("await conn.execute('INSERT INTO jobs (type, payload) VALUES ($1, $2)', 'mail', data)", "insert into", 3),
    "psycopg": ("cur.execute('INSERT INTO jobs (type, payload) VALUES (%s, %s) RETURNING id', ('mail', data))", "insert into", 3),
    "psycopg by name": ("cur.execute('''\n    INSERT INTO jobs (type, payload)\n    VALUES (%(type)s, %(payload)s)''', {'type': 'mail', 'payload': data})", "insert into", 3),
    "SQL from a constant": ("cur.execute(PUT, ('mail', data))", "insert into", 3),
}  # fmt: skip
HEAD = "from sqlalchemy import insert, text; from models import Job, Kind; PUT = 'insert into jobs (type, payload) values (%s, %s)'\nasync def f(session, conn, cur, data):\n    "


@pytest.mark.parametrize("form", ENQUEUES)
def test_enqueues(scan_tree, form: str) -> None:
    code, how, line = ENQUEUES[form]
    inventory = scan_tree({"models.py": ALCHEMY, "worker.py": CLAIM, "use.py": HEAD + code + "\n"})
    assert [(e.form, e.name, e.location.line, e.queue) for e in inventory.of(Enqueue)] == [(how, "mail", line, Literal("jobs"))]


DJANGO_ENQUEUES = {
    "create": "Job.objects.create(type='mail', payload={})",
    "get_or_create": "Job.objects.get_or_create(type='mail', defaults={'payload': {}})",
    "awaited": "await Job.objects.acreate(type='mail')",
    "bulk_create": "Job.objects.bulk_create([Job(type='mail', payload=x) for x in xs])",
    "save": "Job(type='mail').save()",
    "made, then saved": "job = Job(type='mail')\n    job.save()",
}


@pytest.mark.parametrize("form", DJANGO_ENQUEUES)
def test_enqueues_in_django(scan_tree, form: str) -> None:
    code = f"from shop.models import Job\nasync def f(xs):\n    {DJANGO_ENQUEUES[form]}\n"
    inventory = scan_tree(
        {
            "shop/__init__.py": "",
            "shop/models.py": DJANGO,
            "shop/worker.py": DJANGO_CLAIM.replace("from models", "from shop.models"),
            "shop/use.py": code,
        }
    )
    assert [(e.name, e.location.line, e.queue) for e in inventory.of(Enqueue)] == [("mail", 3, Literal("shop_job"))]


@pytest.mark.parametrize(
    "code",
    [
        "session.get(Job, 1)",
        "job = session.query(Job).first()\n    job.type = 'mail'\n    session.add(job)",
        "session.add(Job(type='mail', status='done'))",
        "session.add(Job(type='mail', status=Status.RUNNING))",
        "Job(type='mail')",
        "seen.add(1)",
        "cur.execute('select * from jobs')",
        "cur.execute('insert into orders (type) values (%s)', ('mail',))",
    ],
)
def test_what_puts_no_row_in(scan_tree, code: str) -> None:
    inventory = scan_tree(
        {"models.py": ALCHEMY, "worker.py": CLAIM, "use.py": f"from models import Job, Status\ndef f(session, cur, seen):\n    {code}\n"}
    )
    assert inventory.of(Enqueue) == ()


def test_callers_of_a_function_that_puts_rows_in(scan_tree) -> None:
    code = "from models import Job\ndef enqueue(session, kind, payload):\n    job = Job(type=kind, payload=payload)\n    session.add(job)\n    return job\n"
    inventory = scan_tree(
        {
            "models.py": ALCHEMY,
            "worker.py": CLAIM,
            "queue_.py": code,
            "use.py": "from queue_ import enqueue\nenqueue(s, 'mail', {})\nenqueue(s, 'report', {})\n",
        }
    )
    assert [(e.name, e.location.path, e.via) for e in inventory.of(Enqueue) if not e.wrapper] == [
        ("mail", "use.py", ("enqueue",)),
        ("report", "use.py", ("enqueue",)),
    ]


def test_what_a_row_says(scan_tree) -> None:
    code = "from models import Job\ndef f(session):\n    for x in xs:\n        session.add(Job(type='mail', payload={'x': 1}, priority=5, max_attempts=7, run_at=later, idempotency_key='k'))\n"
    (e,) = scan_tree({"models.py": ALCHEMY, "worker.py": CLAIM, "use.py": code}).of(Enqueue)
    assert (e.priority, e.max_attempts, e.dedupe, e.in_loop, e.inside) == (Literal(5), Literal(7), Literal("k"), True, "f")
    assert [literal_of(a.value) for a in e.arguments] == [{"x": 1}]
    assert e.eta is not None


TAKERS = {
    "SQLAlchemy": ("def claim(s):\n    return s.query(Job).filter(Job.status == 'pending').with_for_update(skip_locked=True).first()", 3),
    "select": ("def claim(s):\n    query = select(Job).where(Job.status == 'pending').with_for_update(skip_locked=True)\n    return s.scalars(query).first()", 3),
    "SQL": ("def claim(cur):\n    cur.execute(\"update jobs set status='running' where id in (select id from jobs for update skip locked) returning *\")\n    return cur.fetchone()", 3),
    "SQL from a constant": ("CLAIM = '''\n    update jobs set status = 'running'\n    where id = (select id from jobs where status = 'pending' for update skip locked limit 1) returning *'''\nasync def claim(conn):\n    return await conn.fetchrow(CLAIM)", 6),
    "SQL that deletes": ("CLAIM = 'delete from jobs where id = (select id from jobs order by id for update skip locked limit 1) returning payload'\ndef claim(cur):\n    cur.execute(CLAIM)\n    return cur.fetchone()", 4),
    "SQL with the name of the table filled in": ("import os\ndef claim(cur):\n    cur.execute(f\"update {os.environ['T']} set state = 'running' where id in (select id from jobs for update skip locked)\")\n    return cur.fetchone()", 4),
    "SQL that a function makes": ("def sql(table):\n    return f'update {table} set seen = now() where id in (select id from {table} for update skip locked)'\ndef claim(cur):\n    cur.execute(sql('jobs'), (1,))\n    return cur.fetchone()", 5),
    "SQL that hides for a while": ("CLAIM = 'with l as (select id from jobs for update skip locked) update jobs j set visible_at = now() from l where j.id = l.id returning *'\ndef claim(cur):\n    cur.execute(CLAIM)\n    return cur.fetchall()", 4),
    "without a lock": ("def claim(s):\n    job = s.query(Job).filter(Job.status == 'pending').first()\n    job.status = 'running'\n    s.commit()\n    return job", 3),
    "optimistic": ("def claim(s):\n    job = s.query(Job).filter_by(status='pending').first()\n    s.execute(update(Job).where(Job.id == job.id, Job.status == 'pending').values(status=Status.RUNNING))\n    return job", 3),
}  # fmt: skip


@pytest.mark.parametrize("form", TAKERS)
def test_who_takes_rows_out(scan_tree, form: str) -> None:
    code, line = TAKERS[form]
    inventory = scan_tree(
        {"models.py": ALCHEMY, "worker.py": f"from models import Job, Status; from sqlalchemy import select, update\n{code}\n"}
    )
    assert [(w.name, w.location.line, w.options["claims"]) for w in inventory.of(Worker)] == [("claim", line, Literal(True))]


@pytest.mark.parametrize(
    "code",
    [
        "def reap(s):\n    for job in s.query(Job).filter(Job.status == 'running'):\n        job.status = 'pending'",
        "def look(cur):\n    cur.execute('select id from jobs for update skip locked')",
        "def show(s):\n    return s.query(Job).filter(Job.status == 'pending').all()",
        "def lock(s):\n    return s.query(Job).filter(Job.id == 1).with_for_update().first()",
        "def seats(s):\n    return s.query(Seat).with_for_update(skip_locked=True).first()",
    ],
)
def test_what_takes_nothing_out(scan_tree, code: str) -> None:
    inventory = scan_tree({"models.py": ALCHEMY, "worker.py": f"from models import Job, Seat\n{code}\n"})
    assert inventory.of(Worker) == ()


def test_a_model_that_is_left_open_is_the_only_job_table(scan_tree) -> None:
    code = "class Service:\n    def __init__(self, model):\n        self.model = model\n    def claim(self, s):\n        return s.query(self.model).filter(self.model.status == Status.PENDING).with_for_update(skip_locked=True).first()\n"
    (worker,) = scan_tree({"models.py": ALCHEMY, "worker.py": code}).of(Worker)
    assert (worker.name, worker.queues, worker.confidence) == ("claim", ("jobs",), "likely")


def test_the_loop_around_a_claim_and_who_gets_the_row(scan_tree) -> None:
    inventory = scan_tree(
        {
            "models.py": ALCHEMY,
            "worker.py": CLAIM.replace(
                "        run(job)", "        if not job:\n            time.sleep(5)\n            continue\n        run(job)"
            ),
        }
    )
    assert [(w.name, w.location.line, {k: literal_of(v) for k, v in w.options.items()}) for w in inventory.of(Worker)] == [
        ("claim", 4, {"claims": True}),
        ("claim", 8, {"claims": False, "poll_seconds": 5}),
    ]
    assert [(j.name, j.form, j.location.line) for j in inventory.of(Job)] == [("run", "is handed a row", 5)]


DISPATCH = {
    "comparisons": "def run(job):\n    if job.type == 'mail':\n        mail(job)\n    elif job.type == 'report':\n        report(job)",
    "enum": "def run(job):\n    if job.type == Kind.MAIL:\n        mail(job)\n    elif job.type == Kind.REPORT:\n        report(job)",
    "match": "def run(job):\n    match job.type:\n        case 'mail':\n            mail(job)\n        case 'report':\n            report(job)",
    "dictionary": "HANDLERS = {'mail': mail, 'report': report}\ndef run(job):\n    HANDLERS[job.type](job)",
    "get": "HANDLERS = {Kind.MAIL: mail, Kind.REPORT: report}\ndef run(job):\n    HANDLERS.get(job.type)(job)",
    "by a name": "HANDLERS = {'mail': mail, 'report': report}\ndef run(job):\n    i, kind = job.id, job.type\n    HANDLERS[kind](job)",
    "in a box": "from box import Box\nHANDLERS = Box({'mail': mail, 'report': report})\ndef run(job):\n    HANDLERS[job.type](job)",
    "row of SQL": "HANDLERS = {'mail': mail, 'report': report}\ndef run(row):\n    HANDLERS[row['type']](row)",
}


@pytest.mark.parametrize("form", DISPATCH)
def test_kinds_that_a_worker_tells_apart(scan_tree, form: str) -> None:
    code = CLAIM.replace("from models import Job", "from models import Job, Kind\ndef mail(j): ...\ndef report(j): ...").replace(
        "def run(job): ...", DISPATCH[form]
    )
    inventory = scan_tree({"models.py": ALCHEMY, "worker.py": code})
    assert [(j.name, j.handler.name if j.handler else "") for j in inventory.of(Job)] == [("mail", "mail"), ("report", "report")]


def test_kinds_are_only_told_apart_where_rows_are_taken(scan_tree) -> None:
    inventory = scan_tree(
        {
            "models.py": ALCHEMY,
            "use.py": "from models import Job\ndef label(job):\n    if job.type == 'mail':\n        return 'M'\n    elif job.type == 'report':\n        return 'R'\n",
        }
    )
    assert inventory.of(Job) == ()
