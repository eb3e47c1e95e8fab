"""Vercel in code: its configuration, routes behind the secret of its crons, queues."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, Job, Schedule, literal_of
from tests.scanners.conftest import Scan

ROUTE = "app/api/cron/mail/route.ts"
CHECK = "if (req.headers.get('authorization') !== `Bearer ${process.env.CRON_SECRET}`) return new Response('', { status: 401 })"

#: how a route may ask for the secret -> files
GUARDED = {
    "itself": {ROUTE: f"export async function GET(req) {{\n  {CHECK}\n}}\n"},
    "a constant": {ROUTE: "const secret = process.env.CRON_SECRET\nexport const GET = async (req) => check(req, secret)\n"},
    "a function that it calls": {
        ROUTE: 'import { allowed } from "../../../../lib/cron"\nexport async function GET(req) {\n  if (!allowed(req)) return no()\n}\n',
        "lib/cron.ts": f"export const allowed = (req) => {{\n  {CHECK}\n}}\n",
    },
    "a wrapper in house": {
        ROUTE: 'import { withCron } from "../../../../lib/with-cron"\nexport const GET = withCron(async () => {})\n',
        "lib/with-cron.ts": 'import { allowed } from "./cron"\n'
        "export const withCron = (handler) => async (req) => {\n  allowed(req)\n  return handler(req)\n}\n",
        "lib/cron.ts": f"export const allowed = (req) => {{\n  {CHECK}\n}}\n",
    },
    "a page's route": {
        "pages/api/cron/mail.ts": (
            "export default async function handler(req, res) {\n  if (req.query.key !== process.env.CRON_SECRET) return\n}\n"
        )
    },
}

UNGUARDED = {
    "no secret": {
        ROUTE: "export async function GET() {\n  return cron()\n}\n",
        "lib/cron.ts": f"export const allowed = (req) => {{\n  {CHECK}\n}}\n",
    },
    "another service's call": {ROUTE: f"export async function POST(req) {{\n  {CHECK}\n}}\n"},
    "no route": {"lib/cron.ts": f"export async function GET(req) {{\n  {CHECK}\n}}\n"},
    "it only shows whether the secret is set": {
        ROUTE: "export async function GET() {\n  return json({ a: Boolean(process.env.CRON_SECRET), b: !!process.env.CRON_SECRET })\n}\n"
    },
    "it only names the secret among others": {
        ROUTE: 'import { missing } from "../../../../lib/settings"\nexport async function GET() {\n  return json({ cron: missing() })\n}\n',
        "lib/settings.ts": 'const ALL = [{ name: "CRON_SECRET" }, { name: "APP_URL" }]\nconst MORE = ["CRON_SECRET"]\n'
        "export const missing = () => [...ALL, ...MORE].filter((each) => !process.env[each.name])\n",
    },
    "a test": {"app/api/cron/mail/route.test.ts": f"export async function GET(req) {{\n  {CHECK}\n}}\n"},
}


@pytest.mark.parametrize("form", GUARDED)
def test_a_route_behind_the_secret_that_nothing_calls(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree(GUARDED[form])
    [job] = inventory.of(Job, "vercel-cron")
    assert (job.name, job.confidence, job.live) == ("/api/cron/mail", "likely", None)
    assert not inventory.of(Schedule)


@pytest.mark.parametrize(
    "asked", ['process.env["CRON_SECRET"]', 'env("CRON_SECRET")', "settings.get(`CRON_SECRET`)", "serverEnv.CRON_SECRET"], ids=str
)
def test_the_secret_by_its_name(scan_tree: Scan, asked: str) -> None:
    code = f"// cron\nexport async function GET(req) {{\n  if (req.query.key !== {asked}) return no()\n}}\n"
    assert [j.name for j in scan_tree({ROUTE: code}).of(Job)] == ["/api/cron/mail"]


NAMED = {
    "by a function on another clock": (
        {"netlify/functions/remind.ts": "\nawait fetch(`${base}/api/cron/mail`, { method: 'POST' })\n"},
        "; netlify/functions/remind.ts:2 names it",
    ),
    "by a workflow": ({".github/workflows/x.yml": 'run: ask "POST" "/api/cron/mail" 60\n'}, "; .github/workflows/x.yml:1 names it"),
    "by nothing: a longer path": ({"lib/paths.ts": 'export const all = ["/api/cron/mail-again", "/api/cron/mail/all"]\n'}, ""),
    "by nothing: a test": ({"tests/mail.test.ts": 'await get("/api/cron/mail")\n'}, ""),
}


@pytest.mark.parametrize("form", NAMED)
def test_who_names_the_route_is_said(scan_tree: Scan, form: str) -> None:
    files, said = NAMED[form]
    [job] = scan_tree({**GUARDED["itself"], **files}).of(Job, "vercel-cron")
    assert job.reason == f"it asks for CRON_SECRET, but no configuration calls it by the clock{said}"


EITHER = {
    ROUTE: """
        import { Receiver } from "@upstash/qstash"
        const receiver = new Receiver({})
        async function allowed(req) {
          if (req.headers.get("authorization") === `Bearer ${process.env.CRON_SECRET}`) return true
          return await receiver.verify({ signature: req.headers.get("upstash-signature"), body: await req.text() })
        }
        async function run(req) { if (!(await allowed(req))) return no(); await mail() }
        export const GET = run
        export const POST = run
    """
}
SENT = {
    "lib/send.ts": 'import { Client } from "@upstash/qstash"\nconst client = new Client({})\n'
    "export const later = () => client.publishJSON({ url: `${process.env.APP_URL}/api/cron/mail`, body: {} })\n"
}


def test_a_route_that_lets_in_who_knows_the_secret_need_not_be_a_job_of_qstash(scan_tree: Scan) -> None:
    found = [(j.system, j.name, j.confidence, "QStash" in j.reason) for j in scan_tree(EITHER).of(Job)]
    assert sorted(found) == [("qstash", "/api/cron/mail", "likely", True), ("vercel-cron", "/api/cron/mail", "likely", False)]


def test_a_route_that_messages_are_sent_to_is_a_job_of_qstash_alone(scan_tree: Scan) -> None:
    assert [(j.system, j.confidence) for j in scan_tree(EITHER | SENT).of(Job)] == [("qstash", "certain")]


def test_a_route_with_a_method_for_each_is_sure_of_both(scan_tree: Scan) -> None:
    code = EITHER[ROUTE].replace("export const GET = run", f"export async function GET(req) {{ {CHECK}; await mail() }}")
    code = code.replace('if (req.headers.get("authorization") === `Bearer ${process.env.CRON_SECRET}`) return true', "")
    found = [(j.system, j.confidence) for j in scan_tree({ROUTE: code}).of(Job)]
    assert sorted(found) == [("qstash", "certain"), ("vercel-cron", "likely")]


@pytest.mark.parametrize("form", UNGUARDED)
def test_other_routes(scan_tree: Scan, form: str) -> None:
    assert not scan_tree(UNGUARDED[form]).of(Job)


def test_a_route_that_is_called_is_one_job(scan_tree: Scan) -> None:
    files = {**GUARDED["itself"], "vercel.json": '{"crons": [{"path": "/api/cron/mail", "schedule": "0 9 * * *"}]}'}
    [job] = scan_tree(files).of(Job)
    assert (job.confidence, job.live) == ("certain", True)


def test_a_route_that_is_called_like_a_test_is_none_where_production_calls_it(scan_tree: Scan) -> None:
    path = "app/api/monitor/e2e/route.ts"
    crons = '{"crons": [{"path": "/api/monitor/e2e", "schedule": "0 9 * * *"}]}'
    inventory = scan_tree({path: "export async function GET() {}\n", "vercel.json": crons})
    assert [(j.location.path, j.area) for j in inventory.of(Job)] == [(path, "")]


def test_routes_of_a_file_that_answers_all_below_it(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "vercel.json": """{"crons": [
                {"path": "/api/chores/tidy", "schedule": "0 6 * * *"},
                {"path": "/api/chores/x", "schedule": "0 7 * * *"}
            ]}""",
            "app/api/chores/[...method]/route.ts": """
                import { Hono } from "hono"
                import { handle } from "hono/vercel"
                const app = new Hono().basePath("/api/chores")
                app.get("/tidy", async (c) => c.json(await tidy()))
                export const GET = handle(app)
            """,
            "other.ts": "app.get('/tidy', (c) => c.text('another one'))\n",
        }
    )
    assert sorted((j.name, j.location.path[-8:], j.location.line) for j in inventory.of(Job)) == [
        ("/api/chores/tidy", "route.ts", 5),
        ("/api/chores/x", "route.ts", 6),
    ]


def test_the_configuration_as_code(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "vercel.ts": 'import type { VercelConfig } from "@vercel/config/v1"\n'
            'export const config: VercelConfig = {\n  crons: [\n    { path: "/api/cron/mail", schedule: "0 9 * * *" },\n  ],\n}\n',
            ROUTE: "export async function GET() {}\n",
        }
    )
    [schedule] = inventory.of(Schedule)
    assert (schedule.name, literal_of(schedule.cron), schedule.location.line, schedule.defined_in) == (
        "/api/cron/mail",
        "0 9 * * *",
        4,
        "code",
    )
    assert [j.location.path for j in inventory.of(Job)] == [ROUTE]


SENDS = {
    "function": ('import { send } from "@vercel/queue"\nawait send("mails", { to: 1 }, { delaySeconds: 60, idempotencyKey: "a" })', 2),
    "renamed": (
        'import { send as push } from "@vercel/queue"\nawait push("mails", { to: 1 }, { delaySeconds: 60, idempotencyKey: "a" })',
        2,
    ),
    "client": (
        (
            'import { QueueClient } from "@vercel/queue"\nconst queue = new QueueClient()\n'
            'await queue.send("mails", { to: 1 }, { delaySeconds: 60, idempotencyKey: "a" })'
        ),
        3,
    ),
    "wrapped in house": (
        (
            'import { send } from "@vercel/queue"\n'
            'const push = (topic, data) => send(topic, data, { delaySeconds: 60, idempotencyKey: "a" })\n'
            'push("mails", {})'
        ),
        3,
    ),
}


@pytest.mark.parametrize("form", SENDS)
def test_sends(scan_tree: Scan, form: str) -> None:
    code, line = SENDS[form]
    [enqueue] = [e for e in scan_tree({"a.ts": code + "\n"}).of(Enqueue, "vercel-queue") if not e.wrapper]
    assert (enqueue.name, enqueue.location.line) == ("mails", line)
    assert (literal_of(enqueue.delay), literal_of(enqueue.dedupe)) == (60, "a")


CALLBACKS = {
    "the route itself": ("export const POST = handleCallback(async (message) => {})", ["/api/queue"], 2),
    "by topic and group": ("export const POST = handleCallback({ mails: { sender: async (m) => {} } })", ["mails"], 2),
    "by topic": ("export const POST = handleCallback({ mails: async (m) => {}, sms: async (m) => {} })", ["mails", "sms"], 2),
}


@pytest.mark.parametrize("form", CALLBACKS)
def test_callbacks(scan_tree: Scan, form: str) -> None:
    code, names, line = CALLBACKS[form]
    inventory = scan_tree({"app/api/queue/route.ts": f'import {{ handleCallback }} from "@vercel/queue"\n{code}\n'})
    assert [(j.name, j.location.line) for j in inventory.of(Job)] == [(name, line) for name in names]


def test_a_callback_whose_topic_the_configuration_says(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "vercel.json": (
                '{"functions": {"app/api/queue/route.ts": {"experimentalTriggers": [{"type": "queue/v2beta", "topic": "mails"}]}}}'
            ),
            "app/api/queue/route.ts": 'import { handleCallback } from "@vercel/queue"\n'
            "const run = handleCallback(async (message) => {})\n\n"
            "export const POST = (request) => run(request)\n",
        }
    )
    [job] = inventory.of(Job)
    assert (job.name, job.location.line, job.live) == ("mails", 2, True)


def test_what_outlives_the_answer_is_no_job(scan_tree: Scan) -> None:
    code = 'import { waitUntil } from "@vercel/functions"\nimport { after } from "next/server"\nwaitUntil(f())\nafter(() => g())\n'
    assert not scan_tree({"a.ts": code}).items


def test_clients(scan_tree: Scan) -> None:
    code = 'import { QueueClient } from "@vercel/queue"\nexport const queue = new QueueClient({ region: "iad1" })\n'
    assert [c.symbol for c in scan_tree({"a.ts": code}).of(Client)] == ["queue"]
