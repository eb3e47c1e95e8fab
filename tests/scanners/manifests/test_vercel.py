"""`vercel.json`: crons tied to the routes that they call, topics to the routes that take their messages."""

from __future__ import annotations

import json

import pytest

from migrator.jobs import Endpoint, Job, Schedule, literal_of
from tests.scanners.conftest import Scan

CRON = {"path": "/api/cron/mail", "schedule": "0 9 * * *"}
ARROW = "export const GET = async () => new Response()\n"

#: where a route may stand -> (file, its text, line of the definition)
ROUTES = {
    "app router": ("app/api/cron/mail/route.ts", ARROW, 1),
    "app router in src": ("src/app/api/cron/mail/route.js", "\nexport async function GET() {}\n", 2),
    "group of routes": ("app/(ee)/api/cron/mail/route.ts", ARROW, 1),
    "parameter": ("app/api/cron/[job]/route.ts", ARROW, 1),
    "pages": ("pages/api/cron/mail.ts", "export default async function handler(req, res) {}\n", 1),
    "pages, index": ("src/pages/api/cron/mail/index.js", "const handler = async () => {}\n\nexport default handler\n", 1),
    "wrapped in house": ("app/api/cron/mail/route.ts", "export const GET = withCron(async () => {\n})\n", 1),
    "one function for both": (
        "app/api/cron/mail/route.ts",
        "const handler = withCron(async () => {})\n\nexport { handler as GET, handler as POST }\n",
        1,
    ),
    "SvelteKit": ("src/routes/api/cron/mail/+server.ts", ARROW, 1),
    "Nitro": ("server/api/cron/mail.get.ts", "export default defineEventHandler(() => {})\n", 1),
    "plain function": ("api/cron/mail.js", "module.exports = async (req, res) => {}\n", 1),
    "plain Python function": ("api/cron/mail.py", "class handler:\n    def do_GET(self):\n        pass\n", 1),
    "a router": ("src/app.js", "const run = async () => {}\napp.get('/api/cron/mail', run)\n", 2),
    "a router below another": ("src/app.js", "router.get('/cron/mail', async (req, res) => {})\n", 1),
    "a router in Python": ("api/index.py", '@app.get("/api/cron/mail")\ndef mail():\n    pass\n', 1),
    "only POST": ("app/api/cron/mail/route.ts", "export async function POST() {}\n", 1),
}


@pytest.mark.parametrize("form", ROUTES)
def test_a_cron_and_its_route(scan_tree: Scan, form: str) -> None:
    path, text, line = ROUTES[form]
    inventory = scan_tree({"vercel.json": json.dumps({"crons": [CRON]}, indent=2), path: text})
    [schedule] = inventory.of(Schedule, "vercel-cron")
    assert (schedule.name, literal_of(schedule.cron), schedule.location.line, schedule.defined_in) == (
        CRON["path"],
        "0 9 * * *",
        4,
        "config",
    )
    [job] = inventory.of(Job, "vercel-cron")
    assert (job.name, job.location.path, job.location.line) == (CRON["path"], path, line)
    assert schedule.job == f"{job.module}:{job.symbol}"
    assert job.handler is None or job.handler.location.path == path


def test_the_application_that_the_file_stands_in_comes_first(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "apps/one/app/api/cron/mail/route.ts": ARROW,
            "apps/two/app/api/cron/mail/route.ts": ARROW,
            "apps/two/vercel.json": json.dumps({"crons": [CRON]}),
        }
    )
    assert [j.location.path for j in inventory.of(Job)] == ["apps/two/app/api/cron/mail/route.ts"]


def test_the_file_that_says_the_path_most_exactly_answers(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "vercel.json": json.dumps({"crons": [CRON]}),
            "app/api/[...all]/route.ts": ARROW,
            "app/api/cron/[job]/route.ts": ARROW,
            "app/api/cron/mail/route.ts": ARROW,
        }
    )
    assert [j.location.path for j in inventory.of(Job)] == ["app/api/cron/mail/route.ts"]


def test_a_route_that_passes_on(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "vercel.json": json.dumps({"crons": [CRON]}),
            "app/api/cron/mail/route.ts": 'export { run as GET } from "../../../../jobs/mail"\n',
            "jobs/mail.ts": "\n\nexport async function run() {}\n",
        }
    )
    assert [(j.location.path, j.location.line) for j in inventory.of(Job)] == [("jobs/mail.ts", 3)]


def test_a_route_that_is_not_there(scan_tree: Scan) -> None:
    inventory = scan_tree({"vercel.json": json.dumps({"crons": [CRON]}), "app/api/mail/route.ts": ARROW})
    assert [s.name for s in inventory.of(Schedule)] == [CRON["path"]]
    assert not inventory.of(Job)
    assert [u.reason for u in inventory.unresolved] == ["no code was found that answers /api/cron/mail"]


def test_no_crons(scan_tree: Scan) -> None:
    assert not scan_tree({"vercel.json": '{"rewrites": [], "crons": []}', "app/api/cron/mail/route.ts": ARROW}).items


def test_topics(scan_tree: Scan) -> None:
    trigger = {"type": "queue/v2beta", "topic": "mails", "retryAfterSeconds": 60}
    inventory = scan_tree(
        {
            "vercel.json": json.dumps({"functions": {"app/api/queue/route.ts": {"experimentalTriggers": [trigger]}}}, indent=2),
            "app/api/queue/route.ts": "export const POST = handleCallback(async (message) => {})\n",
        }
    )
    [endpoint] = inventory.of(Endpoint, "vercel-queue")
    assert (endpoint.name, literal_of(endpoint.options["retryAfterSeconds"])) == ("mails", 60)
    [job] = inventory.of(Job, "vercel-queue")
    assert (job.name, job.location.path) == ("mails", "app/api/queue/route.ts")
