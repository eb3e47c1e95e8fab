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
    "a test": {"app/api/cron/mail/route.test.ts": f"export async function GET(req) {{\n  {CHECK}\n}}\n"},
}


@pytest.mark.parametrize("form", GUARDED)
def test_a_route_behind_the_secret_that_nothing_calls(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree(GUARDED[form])
    [job] = inventory.of(Job, "vercel-cron")
    assert (job.name, job.confidence, job.live) == ("/api/cron/mail", "likely", None)
    assert not inventory.of(Schedule)


@pytest.mark.parametrize("form", UNGUARDED)
def test_other_routes(scan_tree: Scan, form: str) -> None:
    assert not scan_tree(UNGUARDED[form]).of(Job)


def test_a_route_that_is_called_is_one_job(scan_tree: Scan) -> None:
    files = {**GUARDED["itself"], "vercel.json": '{"crons": [{"path": "/api/cron/mail", "schedule": "0 9 * * *"}]}'}
    [job] = scan_tree(files).of(Job)
    assert (job.confidence, job.live) == ("certain", True)


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
