"""Synchronous code that could be a job: what is found, and what only looks like it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.jobs import Candidate
from migrator.scanners import scan
from migrator.scanners.candidates import find_candidates

EXPRESS = 'import express from "express";\nimport { Resend } from "resend";\nconst app = express();\nconst resend = new Resend("k");\n'
FLASK = "from flask import Flask, request\nimport requests, smtplib, subprocess, csv, time, threading\napp = Flask(__name__)\n"


@pytest.fixture
def find(tmp_path: Path) -> Callable[[dict[str, str]], list[Candidate]]:
    def run(files: dict[str, str]) -> list[Candidate]:
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return list(find_candidates(tmp_path, scan(tmp_path)))

    return run


#: files, then (route or name, confidence, [(kind, in a loop)])
TYPESCRIPT = {
    "mail in a loop": (
        {"a.ts": EXPRESS + 'app.post("/news", async (req, res) => { for (const s of subs) await resend.emails.send({ to: s }); });'},
        ("POST /news", "likely", [("mail", True)]),
    ),
    "mail for each of a list": (
        {"a.ts": EXPRESS + 'app.post("/news", async () => { await Promise.all(subs.map((s) => resend.emails.send({ to: s }))); });'},
        ("POST /news", "likely", [("mail", True)]),
    ),
    "mail once": (
        {"a.ts": EXPRESS + 'app.post("/join", async () => { await resend.emails.send({ to: "a" }); });'},
        ("POST /join", "likely", [("mail", False)]),
    ),
    "through functions and files": (
        {
            "lib/mail.ts": 'import nodemailer from "nodemailer";\nconst smtp = nodemailer.createTransport({});\n'
            "export const deliver = (to: string) => smtp.sendMail({ to });\n",
            "lib/join.ts": 'import { deliver } from "./mail";\nexport async function join(user) { await deliver(user.mail); }\n',
            "a.ts": 'import express from "express";\nimport { join } from "./lib/join";\nconst r = express.Router();\n'
            'r.put("/join", async (req) => { await join(req.body); });',
        },
        ("PUT /join", "likely", [("mail", False)]),
    ),
    "a loop around a function that sends": (
        {
            "a.ts": EXPRESS + "const tell = (to) => resend.emails.send({ to });\n"
            'app.post("/news", async () => { for (const s of subs) await tell(s); });'
        },
        ("POST /news", "likely", [("mail", True)]),
    ),
    "a named handler behind a guard": (
        {"a.ts": EXPRESS + 'app.post("/join", guard, withAuth(handler));\nasync function handler() { await resend.emails.send({}); }'},
        ("POST /join", "likely", [("mail", False)]),
    ),
    "a service that is written to": (
        {"a.ts": EXPRESS + 'app.post("/pay", async (req) => { await fetch("https://pay.example", { method: "POST" }); });'},
        ("POST /pay", "possible", [("service", False)]),
    ),
    "an app router's file": (
        {
            "app/api/news/route.ts": 'import { Resend } from "resend";\n'
            'export async function POST() { await new Resend("k").emails.send({}); }'
        },
        ("POST /api/news", "likely", [("mail", False)]),
    ),
    "a controller": (
        {
            "a.ts": 'import { Controller, Post } from "@nestjs/common";\nimport sharp from "sharp";\n@Controller("images")\n'
            'export class Images {\n  @Post("small")\n  async small(file) { return sharp(file).resize(9).toBuffer(); }\n}'
        },
        ("POST /images/small", "likely", [("program", False)]),
    ),
    "a procedure": (
        {
            "a.ts": 'import { initTRPC } from "@trpc/server";\nimport OpenAI from "openai";\nconst t = initTRPC.create();\n'
            "const publicProcedure = t.procedure;\nconst ai = new OpenAI();\nexport const r = t.router({\n"
            "  tell: publicProcedure.mutation(async () => ai.chat.completions.create({})),\n});"
        },
        ("tRPC tell", "possible", [("model", False)]),
    ),
    "a server action": (
        {"a.ts": '"use server";\nimport { exec } from "node:child_process";\nexport async function convert() { exec("ffmpeg"); }'},
        ("server action convert", "likely", [("program", False)]),
    ),
    "rows in a loop": (
        {
            "a.ts": EXPRESS + 'import { PrismaClient } from "@prisma/client";\nconst db = new PrismaClient();\n'
            'app.post("/import", async (req) => { for (const row of req.body) await db.user.create({ data: row }); });'
        },
        ("POST /import", "likely", [("bulk", True)]),
    ),
    "work after the response": (
        {
            "app/api/x/route.ts": 'import { after } from "next/server";\n'
            "export async function POST() { after(() => log()); return new Response(); }"
        },
        ("POST /api/x", "likely", [("after", False)]),
    ),
}
PYTHON = {
    "flask": (
        {"a.py": FLASK + "@app.post('/report')\ndef report():\n    subprocess.run(['wkhtmltopdf'])\n"},
        ("POST /report", "likely", [("program", False)]),
    ),
    "flask's route with its methods": (
        {"a.py": FLASK + "@app.route('/hook', methods=['PUT'])\ndef hook():\n    requests.post('https://x.example')\n"},
        ("PUT /hook", "possible", [("service", False)]),
    ),
    "a session, in a loop": (
        {"a.py": FLASK + "s = requests.Session()\n@app.get('/sync')\ndef sync():\n    for u in users:\n        s.get(u)\n"},
        ("GET /sync", "likely", [("service", True)]),
    ),
    "fastapi's background tasks": (
        {
            "a.py": "from fastapi import APIRouter, BackgroundTasks\nrouter = APIRouter()\n"
            "@router.post('/join')\nasync def join(tasks: BackgroundTasks):\n    tasks.add_task(welcome, 1)\n"
        },
        ("POST /join", "likely", [("after", False)]),
    ),
    "a django view": (
        {"shop/views.py": "from django.core.mail import send_mail\ndef order(request):\n    send_mail('a', 'b', 'c', ['d'])\n"},
        ("order", "likely", [("mail", False)]),
    ),
    "a method of a view class": (
        {
            "shop/api.py": "from rest_framework.views import APIView\nfrom django.core.mail import EmailMessage\n"
            "class Base(APIView):\n    pass\n\nclass Orders(Base):\n    def post(self, request):\n        self.tell()\n\n"
            "    def tell(self):\n        EmailMessage('a').send()\n"
        },
        ("POST Orders.post", "likely", [("mail", False)]),
    ),
    "api_view": (
        {
            "a.py": "from rest_framework.decorators import api_view\nimport csv\n@api_view(['POST'])\n"
            "def upload(request):\n    for row in csv.DictReader(request.FILES['f']):\n        pass\n"
        },
        ("POST upload", "likely", [("bulk", False)]),
    ),
    "a thread": (
        {"a.py": FLASK + "@app.post('/go')\ndef go():\n    threading.Thread(target=work).start()\n"},
        ("POST /go", "likely", [("after", False)]),
    ),
    "waiting": (
        {"a.py": FLASK + "@app.post('/go')\ndef go():\n    time.sleep(3)\n"},
        ("POST /go", "likely", [("wait", False)]),
    ),
}
NOTHING = {
    "a page that asks one service": {"a.ts": EXPRESS + 'app.get("/weather", async () => (await fetch("https://w.example")).json());'},
    "mail elsewhere": {"a.ts": EXPRESS + 'app.post("/x", async () => {});\nexport const f = () => resend.emails.send({});'},
    "a function that a job system calls": {
        "app/api/inngest/route.ts": 'import { Inngest } from "inngest";\nimport { serve } from "inngest/next";\n'
        'import { Resend } from "resend";\n'
        'const inngest = new Inngest({ id: "a" });\nconst r = new Resend("k");\n'
        'const f = inngest.createFunction({ id: "f" }, { event: "e" }, async () => { await r.emails.send({}); });\n'
        "export const { GET, POST, PUT } = serve({ client: inngest, functions: [f] });"
    },
    "a route that a job system calls": {
        "app/api/mail/route.ts": 'import { Receiver } from "@upstash/qstash";\nimport { Resend } from "resend";\n'
        'const receiver = new Receiver({ currentSigningKey: "a", nextSigningKey: "b" });\n'
        "export async function POST(req) {\n"
        '  await receiver.verify({ signature: req.headers.get("Upstash-Signature"), body: await req.text() });\n'
        '  await new Resend("k").emails.send({});\n}'
    },
    "a task": {
        "a.py": FLASK + "from celery import shared_task\n@shared_task\ndef send():\n    smtplib.SMTP('x').sendmail('a', 'b', 'c')\n"
        "@app.post('/x')\ndef x():\n    send.delay()\n"
    },
    "a test": {"tests/test_a.py": FLASK + "@app.post('/x')\ndef x():\n    time.sleep(3)\n"},
    "another get": {"a.ts": 'const cache = new Map();\ncache.get("/x", async () => { await other.send({}); });'},
    "one row": {
        "a.ts": EXPRESS + 'import { PrismaClient } from "@prisma/client";\nconst db = new PrismaClient();\n'
        'app.post("/x", async (req) => { await db.user.create({ data: req.body }); });'
    },
    "what the one answer is asked, many times": {
        "a.py": FLASK + "@app.get('/who')\ndef who():\n    told = requests.get('https://x.example').json()\n"
        "    return [told.get(key) for key in ('name', 'mail')]\n"
    },
    "a method that is no view's": {"a.py": "import requests\nclass Client:\n    def post(self, u):\n        return requests.post(u)\n"},
}


@pytest.mark.parametrize(("files", "expected"), [*TYPESCRIPT.values(), *PYTHON.values()], ids=[*TYPESCRIPT, *PYTHON])
def test_a_candidate(find, files: dict[str, str], expected: tuple[str, str, list[tuple[str, bool]]]) -> None:
    from migrator.reporting.audit_words import handler

    (candidate,) = find(files)
    assert (handler(candidate), candidate.confidence, [(r.kind, r.in_loop) for r in candidate.reasons]) == expected


@pytest.mark.parametrize("files", NOTHING.values(), ids=NOTHING)
def test_no_candidate(find, files: dict[str, str]) -> None:
    assert find(files) == []


def test_the_way_to_the_call_is_told(find) -> None:
    (candidate,) = find(TYPESCRIPT["through functions and files"][0])
    (reason,) = candidate.reasons
    assert (reason.via, reason.location.path, reason.location.line) == (("join", "deliver"), "lib/mail.ts", 3)
    assert (candidate.location.path, candidate.location.line) == ("a.ts", 4)


def test_functions_that_call_each_other_in_a_circle_end(find) -> None:
    text = FLASK + "def a():\n    b()\n    time.sleep(1)\n\ndef b():\n    a()\n\n@app.post('/x')\ndef x():\n    a()\n"
    (candidate,) = find({"a.py": text})
    assert [r.via for r in candidate.reasons] == [("a",)]
