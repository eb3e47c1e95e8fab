# ruff: noqa: E501 - code under test reads better on one line
"""Every way to use QStash from TypeScript, and what only looks like one."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Endpoint, Enqueue, Inventory, Job, Literal, Schedule, Setting
from tests.scanners.conftest import Scan

CLIENT = 'import { Client } from "@upstash/qstash";\nconst c = new Client({ token: process.env.QSTASH_TOKEN });\n'

#: code after CLIENT -> name of the one enqueue
ENQUEUES = {
    "publishJSON": ("await c.publishJSON({ url: `${process.env.APP_URL}/api/mail`, body: { id: 1 } });", "/api/mail"),
    "publish": ('await c.publish({ url: "https://hooks.example.com/x", body: "text" });', "hooks.example.com/x"),
    "url group": ('await c.publishJSON({ urlGroup: "all", body: {} });', "all"),
    "topic": ('await c.publishJSON({ topic: "all", body: {} });', "all"),
    "the service's own api": ('await c.publishJSON({ api: { name: "llm", provider: p }, body: {} });', "llm"),
    "queue": ('await c.queue({ queueName: "mails" }).enqueueJSON({ url: base() + "/api/mail", body: {} });', "/api/mail"),
    "queue under a name": ('const q = c.queue({ queueName: "mails" });\nawait q.enqueue({ url: base() + "/api/mail" });', "/api/mail"),
    "batch": ("await c.batchJSON([{ url: `${base}/api/mail`, body: {} }]);", "/api/mail"),
    "batch of mapped": ("await c.batchJSON(users.map((u) => ({ url: `${base}/api/mail`, body: u })));", "/api/mail"),
    "batch of pushed": (
        "const all = [];\nfor (const u of users) all.push({ url: `${base}/api/mail`, body: u });\nawait c.batchJSON(all);",
        "/api/mail",
    ),
    "new URL": ('await c.publishJSON({ url: new URL("/api/mail", process.env.APP_URL).toString() });', "/api/mail"),
    "new URL of one": ("await c.publishJSON({ url: new URL(`${process.env.APP_URL}/api/mail?x=1`).href });", "/api/mail"),
    "scheme and host apart": ("await c.publishJSON({ url: `https://${process.env.VERCEL_URL}/api/mail` });", "/api/mail"),
    "scheme computed": ("await c.publishJSON({ url: `${scheme()}://${host}/api/mail` });", "/api/mail"),
    "either base": (
        (
            'const base = process.env.URL ? `https://${process.env.URL}` : "http://localhost:3000";\n'
            "await c.publishJSON({ url: `${base}/api/mail` });"
        ),
        "/api/mail",
    ),
    "a getter": (
        (
            "class Jobs {\n  get client() { return new Client({}); }\n"
            "  send() { return this.client.publishJSON({ url: `${process.env.APP}/api/mail` }); }\n}"
        ),
        "/api/mail",
    ),
    "rounds of a known list": (
        "const jobs = [{ name: 'mail' }];\nawait Promise.all(jobs.map(({ name }) => c.publishJSON({ url: `${base}/api/${name}` })));",
        "/api/mail",
    ),
    "request before": ("const request = { url: `${base}/api/mail`, body: {} };\nawait c.publishJSON(request);", "/api/mail"),
    "slash in the base": ("await c.publishJSON({ url: `${process.env.BASE}api/mail` });", "/api/mail"),
    "computed within": ("await c.publishJSON({ url: `${base}/api/mail/${process.pid}/send` });", "/api/mail/${process.pid}/send"),
    "query is no part of it": ("await c.publishJSON({ url: `${base}/api/mail?user=${id}` });", "/api/mail"),
    "a helper that joins": ('import { absolute } from "urls";\nawait c.publishJSON({ url: absolute("/api/mail") });', "/api/mail"),
    "fetch": (
        (
            'await fetch("https://qstash.upstash.io/v2/publish/" + encodeURIComponent(`${base}/api/mail`), '
            '{ method: "POST", headers: { "Upstash-Delay": "10s" } });'
        ),
        "/api/mail",
    ),
    "fetch, regional": ("await fetch(`https://qstash-us-east-1.upstash.io/v2/publish/${process.env.APP}/api/mail`, {});", "/api/mail"),
    "fetch, the service in a variable": (
        "await fetch(`${process.env.QSTASH_URL}/v2/publish/${process.env.APP}/api/mail`, {});",
        "/api/mail",
    ),
    "fetch, address in a constant": (
        'const Q = "https://qstash.upstash.io/v2/publish";\nawait fetch(`${Q}/https://app.example.com/api/mail`, {});',
        "app.example.com/api/mail",
    ),
    "fetch of a queue": ("await fetch(`https://qstash.upstash.io/v2/enqueue/mails/${process.env.APP}/api/mail`, {});", "/api/mail"),
    "axios": (
        (
            'import axios from "axios";\n'
            "await axios.post(`https://qstash.upstash.io/v2/publish/${process.env.APP}/api/mail`, {}, { headers });"
        ),
        "/api/mail",
    ),
    "an address, or nothing where the base is not set": (
        (
            "function to() { const at = process.env.APP; if (!at) return null; return `${at}/api/mail`; }\n"
            "const url = to();\nif (!url) return;\nawait c.publishJSON({ url, body: {} });"
        ),
        "/api/mail",
    ),
    "a topic over http": ('await fetch("https://qstash.upstash.io/v2/publish/mails", { method: "POST" });', "mails"),
}

LOOKALIKES = {
    "another client": 'import { Client } from "pg";\nconst c = new Client();\nawait c.publish({ url: "https://a.b/c" });',
    "its own logs": 'await fetch("https://qstash.upstash.io/v2/events", { headers: {} });',
    "a message that is taken back": 'await fetch("https://qstash.upstash.io/v2/messages/1", { method: "DELETE" });',
    "schedules that are listed": 'await fetch("https://qstash.upstash.io/v2/schedules", { headers: {} });',
    "reading": f"{CLIENT}await c.schedules.list();\nawait c.messages.get('1');\nawait c.dlq.listMessages();",
    "publishJSON of something else": 'export const f = (bus) => bus.publishJSON("topic", { a: 1 });',
    "another host": 'await fetch("https://example.com/v2/publish/x", { method: "POST" });',
}


def enqueues(inventory: Inventory) -> list[Enqueue]:
    return [e for e in inventory.of(Enqueue) if not e.wrapper]


@pytest.mark.parametrize("form", ENQUEUES)
def test_every_way_to_publish(scan_tree: Scan, form: str) -> None:
    code, name = ENQUEUES[form]
    found = enqueues(scan_tree({"src/app.ts": f"{CLIENT}export async function run(users, p, id, base, host, scheme) {{\n{code}\n}}\n"}))
    assert [(e.name, e.system) for e in found] == [(name, "qstash")]


@pytest.mark.parametrize("form", LOOKALIKES)
def test_what_only_looks_like_it(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree({"src/app.ts": LOOKALIKES[form]})
    assert not enqueues(inventory)
    assert not inventory.of(Schedule)
    assert not inventory.of(Job)


def test_units_and_options(scan_tree: Scan) -> None:
    code = f"""{CLIENT}
await c.queue({{ queueName: "mails" }}).enqueueJSON({{
  url: `${{process.env.APP}}/api/mail`, body: {{ id: 1 }}, delay: "1h30m", retries: 2, deduplicationId: "d", notBefore: 1700000000,
  callback: `${{process.env.APP}}/api/done`,
}});
"""
    (found,) = enqueues(scan_tree({"src/app.ts": code}))
    assert (found.delay, found.max_attempts, found.dedupe) == (Literal(5400), Literal(3), Literal("d"))
    assert (found.queue, found.eta) == (Literal("mails"), Literal(1700000000))
    assert found.options["callbackPath"] == Literal("/api/done")
    assert [a.value for a in found.arguments] == [Literal({"id": 1})]


def test_headers_mean_what_the_options_mean(scan_tree: Scan) -> None:
    code = """
    await fetch(`https://qstash.upstash.io/v2/publish/${process.env.APP}/api/mail`, {
      method: "POST", headers: { "Upstash-Delay": "2m", "Upstash-Retries": "5", "Upstash-Deduplication-Id": key }, body: JSON.stringify({}),
    });
    """
    (found,) = enqueues(scan_tree({"src/app.ts": code}))
    assert (found.delay, found.max_attempts) == (Literal(120), Literal(6))
    assert found.dedupe is not None


def test_a_batch_gives_one_enqueue_for_each_destination(scan_tree: Scan) -> None:
    code = f"{CLIENT}await c.batchJSON([{{ url: `${{b}}/api/a` }}, {{ url: `${{b}}/api/a` }}, {{ url: `${{b}}/api/b`, queueName: 'q' }}]);"
    assert sorted(e.name for e in enqueues(scan_tree({"src/app.ts": code}))) == ["/api/a", "/api/b"]


@pytest.mark.parametrize(
    ("form", "code"),
    {
        "create": 'await c.schedules.create({ destination: `${b}/api/x`, cron: "CRON_TZ=Europe/Berlin 0 9 * * *", scheduleId: "daily" });',
        "in the body": "await fetch('https://qstash.upstash.io/v2/schedules', { method: 'POST', headers: { 'Upstash-Schedule-Id': 'daily', "
        "'Upstash-Cron': 'CRON_TZ=Europe/Berlin 0 9 * * *' }, body: JSON.stringify({ destination: `${b}/api/x` }) });",
        "in publish": 'await c.publishJSON({ url: `${b}/api/x`, cron: "CRON_TZ=Europe/Berlin 0 9 * * *", scheduleId: "daily" });',
        "header": 'await fetch(`https://qstash.upstash.io/v2/schedules/${b}/api/x`, { method: "POST", headers: '
        '{ "Upstash-Cron": "CRON_TZ=Europe/Berlin 0 9 * * *", "Upstash-Schedule-Id": "daily" } });',
    }.items(),
)
def test_schedules(scan_tree: Scan, form: str, code: str) -> None:
    inventory = scan_tree({"src/app.ts": f"{CLIENT}export const f = async (b) => {{\n{code}\n}};"})
    (found,) = inventory.of(Schedule)
    assert (found.name, found.job_name, found.cron, found.timezone) == ("daily", "/api/x", Literal("0 9 * * *"), "Europe/Berlin")
    assert not enqueues(inventory)


#: files -> (URL path, file, line) of the one job
ROUTES = {
    "app router": (
        {
            "app/(site)/api/mail/route.ts": 'import { verifySignatureAppRouter } from "@upstash/qstash/nextjs";\n'
            "async function handler(req) {}\nexport const POST = verifySignatureAppRouter(handler);\n"
        },
        ("/api/mail", 3),
    ),
    "app router, old path": (
        {
            "src/app/api/[kind]/route.ts": 'import { verifySignatureAppRouter } from "@upstash/qstash/dist/nextjs";\n'
            "export const POST = verifySignatureAppRouter(async (req) => {});\n"
        },
        ("/api/[kind]", 2),
    ),
    "edge": (
        {
            "pages/api/mail.ts": 'import { verifySignatureEdge } from "@upstash/qstash/nextjs";\nasync function handler() {}\n'
            "export default verifySignatureEdge(handler);\n"
        },
        ("/api/mail", 3),
    ),
    "pages": (
        {
            "pages/api/mail/index.js": 'import { verifySignature } from "@upstash/qstash/nextjs";\n'
            "export default verifySignature(async function handler(req, res) {});\n"
        },
        ("/api/mail", 2),
    ),
    "svelte": (
        {
            "src/routes/api/mail/+server.ts": 'import { verifySignature } from "@upstash/qstash/svelte";\n'
            "export const POST = verifySignature(async () => {}, {});\n"
        },
        ("/api/mail", 2),
    ),
    "nuxt": (
        {
            "server/api/mail.post.ts": 'import { verifySignatureNuxt } from "@upstash/qstash/nuxt";\n'
            "export default verifySignatureNuxt(async (event) => {});\n"
        },
        ("/api/mail", 2),
    ),
    "only where there are keys": (
        {
            "app/api/mail/route.ts": 'import { verifySignatureAppRouter } from "@upstash/qstash/nextjs";\nasync function handler() {}\n'
            "export const POST = process.env.KEY ? verifySignatureAppRouter(handler) : handler;\n"
        },
        ("/api/mail", 3),
    ),
    "verified by hand": (
        {
            "app/api/mail/route.ts": 'import { Receiver } from "@upstash/qstash";\nconst r = new Receiver({});\n'
            'export async function POST(req) {\n  await r.verify({ signature: req.headers.get("x"), body: "" });\n}\n'
        },
        ("/api/mail", 3),
    ),
    "verified in a function of the file": (
        {
            "app/api/mail/route.ts": 'import { Receiver } from "@upstash/qstash";\n'
            "async function check(req) {\n  return new Receiver({}).verify({});\n}\n"
            "export async function POST(req) {\n  await check(req);\n}\n"
        },
        ("/api/mail", 5),
    ),
    "verified in another file": (
        {
            "lib/verify.ts": 'import { Receiver } from "@upstash/qstash";\nconst receiver = new Receiver();\n'
            "export const verify = async ({ req }) => { return await receiver.verify({}); };\n",
            "app/api/mail/route.ts": 'import { verify } from "../../../lib/verify";\n'
            "export const POST = async (req) => {\n  await verify({ req });\n};\n",
        },
        ("/api/mail", 2),
    ),
    "in-house wrapper": (
        {
            "lib/wrap.ts": 'import { Receiver } from "@upstash/qstash";\nconst receiver = new Receiver();\n'
            "export const withQueue = (handler) => async (req) => { await receiver.verify({}); return handler(req); };\n",
            "app/api/mail/route.ts": 'import { withQueue } from "../../../lib/wrap";\n\nexport const POST = withQueue(async () => {});\n',
        },
        ("/api/mail", 3),
    ),
    "in-house wrapper of the SDK's": (
        {
            "lib/wrap.ts": 'import { verifySignatureAppRouter } from "@upstash/qstash/nextjs";\n'
            "export const queueRoute = (handler) => verifySignatureAppRouter(handler, {});\n",
            "app/api/mail/route.ts": 'import { queueRoute } from "../../../lib/wrap";\n\nexport const POST = queueRoute(async () => {});\n',
        },
        ("/api/mail", 3),
    ),
    "the header is read": (
        {"app/api/mail/route.ts": 'export async function POST(req) {\n  check(req.headers.get("Upstash-Signature"));\n}\n'},
        ("/api/mail", 1),
    ),
    "hono": (
        {
            "src/index.ts": 'import { Hono } from "hono";\nimport { Receiver } from "@upstash/qstash";\nconst app = new Hono();\n'
            'app.post("/jobs/mail", async (c) => {\n  await new Receiver({}).verify({});\n});\n'
        },
        ("/jobs/mail", 4),
    ),
    "express middleware": (
        {
            "src/guard.ts": 'import { Receiver } from "@upstash/qstash";\nconst r = new Receiver({});\n'
            "export async function guard(req, res, next) { await r.verify({}); next(); }\n",
            "src/index.ts": 'import express from "express";\nimport { guard } from "./guard";\nconst router = express.Router();\n'
            'router.post("/jobs/mail", guard, async (req, res) => {});\n',
        },
        ("/jobs/mail", 4),
    ),
    "nest guard": (
        {
            "src/guard.ts": 'import { Receiver } from "@upstash/qstash";\n'
            "export class QueueGuard {\n  async canActivate(context) { return new Receiver({}).verify({}); }\n}\n",
            "src/jobs.controller.ts": 'import { Controller, Post, UseGuards } from "@nestjs/common";\n'
            'import { QueueGuard } from "./guard";\n'
            '@Controller("jobs")\nexport class Jobs {\n  @Post("mail")\n  @UseGuards(QueueGuard)\n  mail() {}\n}\n',
        },
        ("/jobs/mail", 7),
    ),
    "checked twice": (
        {
            "app/api/mail/route.ts": 'import { verifySignatureAppRouter } from "@upstash/qstash/nextjs";\n'
            "async function handler(req) {\n  log(req.headers.get('upstash-signature'));\n}\n"
            "export const POST = verifySignatureAppRouter(handler);\n"
        },
        ("/api/mail", 5),
    ),
    "worker": (
        {
            "src/worker.ts": 'import { Receiver } from "@upstash/qstash";\nexport default {\n  async fetch(request, env) {\n'
            "    await new Receiver({}).verify({});\n  },\n};\n"
        },
        ("/", 3),
    ),
    "early versions": (
        {
            "pages/api/mail.js": 'import { verifySignature } from "@upstash/qstash/nextjs-serverless";\n'
            "export default verifySignature(async () => {});\n"
        },
        ("/api/mail", 2),
    ),
    "made elsewhere": (
        {
            "src/jobs.ts": 'import { verifySignatureAppRouter } from "@upstash/qstash/nextjs";\n'
            "export const mailJob = verifySignatureAppRouter(async () => {});\n",
            "app/api/mail/route.ts": 'import { mailJob } from "../../../src/jobs";\nexport const POST = mailJob;\n',
        },
        ("/api/mail", 2),
    ),
    "an in-house wrapper, made elsewhere": (
        {
            "src/wrap.ts": 'import { Receiver } from "@upstash/qstash";\nconst receiver = new Receiver({});\n'
            "export const verified = (handler) => async (req) => {\n  if (await receiver.verify({})) return handler(req);\n};\n",
            "src/crons.ts": 'import { verified } from "./wrap";\nexport const mailCron = verified(async () => {});\n',
        },
        ("mailCron", 2),
    ),
    "a router in another file": (
        {
            "src/jobs.js": "const { verifySignature } = require('@upstash/qstash/nextjs');\n"
            "exports.sendMail = verifySignature(async () => {});\n",
            "src/routes.js": "const { sendMail } = require('./jobs');\nrouter.post('/jobs/mail', raw(), sendMail);\n",
        },
        ("/jobs/mail", 2),
    ),
    "several methods": (
        {
            "app/api/mail/route.ts": 'import { verifySignatureAppRouter } from "@upstash/qstash/nextjs";\n'
            "const handler = verifySignatureAppRouter(async () => {});\nexport { handler as GET, handler as POST };\n"
        },
        ("/api/mail", 2),
    ),
}


@pytest.mark.parametrize("form", ROUTES)
def test_every_way_to_be_called(scan_tree: Scan, form: str) -> None:
    files, (path, line) = ROUTES[form]
    inventory = scan_tree(files)
    assert [(j.name, j.location.line) for j in inventory.of(Job) if not j.wrapper] == [(path, line)]
    assert [e.serves for e in inventory.of(Endpoint) if not e.wrapper] == [(path,)]


@pytest.mark.parametrize(
    "module",
    ["npm:@upstash/qstash@2", "https://esm.sh/@upstash/qstash@2.7.17", "https://esm.sh/@upstash/qstash?target=deno", "jsr:@upstash/qstash"],
)
def test_edge_functions_import_by_address(scan_tree: Scan, module: str) -> None:
    code = f'''
    import {{ Client }} from "{module}";
    const client = new Client({{ token: Deno.env.get("QSTASH_TOKEN") }});
    Deno.serve(async () => {{ await client.publishJSON({{ url: `${{Deno.env.get("SUPABASE_URL")}}/functions/v1/mail` }}); }});
    '''
    inventory = scan_tree(
        {"supabase/functions/send/index.ts": code, "supabase/functions/mail/index.ts": "Deno.serve(() => new Response());\n"}
    )
    assert [(e.name, e.job) for e in enqueues(inventory)] == [("/functions/v1/mail", "supabase/functions/mail/index.ts:/functions/v1/mail")]
    assert [(j.location.path, j.location.line) for j in inventory.of(Job)] == [("supabase/functions/mail/index.ts", 1)]


def test_an_in_house_wrapper_that_decides_at_run_time(scan_tree: Scan) -> None:
    files = {
        "lib/wrap.ts": 'import { verifySignatureAppRouter } from "@upstash/qstash/nextjs";\n'
        "export function signed(handler) {\n  return async (request) => {\n    if (process.env.LOCAL) return handler(request);\n"
        "    const verified = verifySignatureAppRouter((r) => handler(r));\n    return verified(request);\n  };\n}\n",
        "app/api/mail/route.ts": 'import { signed } from "../../../lib/wrap";\nimport { logged } from "log";\n'
        'export const POST = logged(\n  "mail",\n  signed(async () => {}),\n);\n',
    }
    found = [j for j in scan_tree(files).of(Job) if not j.wrapper]
    assert [(j.name, j.location.line, j.via) for j in found] == [("/api/mail", 5, ("signed",))]


def test_a_get_behind_the_same_wrapper_is_no_job_of_the_queue(scan_tree: Scan) -> None:
    files, _ = ROUTES["in-house wrapper"]
    both = {
        "app/api/tick/route.ts": 'import { withQueue } from "../../../lib/wrap";\nexport const GET = withQueue(async () => {});\n',
    }
    assert [j.name for j in scan_tree({**files, **both}).of(Job) if not j.wrapper] == ["/api/mail"]


PROCEDURES = {
    "package.json": '{"dependencies": {"next": "15.0.0", "jstack": "1.0.0", "@upstash/qstash": "2.0.0"}}',
    "src/app/api/[[...route]]/route.ts": 'import { handle } from "hono/vercel";\nimport app from "../../../router";\nexport const POST = handle(app.handler);\n',
    "src/procedures.ts": 'import { j } from "./jstack";\nexport const open = j.procedure;\nexport const mine = open.use(async ({ next }) => next());\n'
    "export const queued = j.procedure.use(async ({ c, next }) => {\n"
    '  const { Receiver } = await import("@upstash/qstash");\n  const r = new Receiver({});\n'
    "  if (!(await r.verify({ body: await c.req.text() }))) throw new Error();\n  return next();\n});\n",
    "src/router.ts": 'import { Client } from "@upstash/qstash";\nimport { j, mine, open, queued } from "./procedures";\nconst q = new Client({});\n'
    "export default j.router({\n  index: queued.post(async ({ ctx }) => {}),\n  count: queued.input(schema).mutation(async ({ ctx }) => {}),\n"
    "  list: open.post(async () => {}),\n  start: mine.post(async () => { await q.publishJSON({ url: base + '/api/mail/index' }); }),\n});\n",
}


def test_procedures_whose_middleware_checks_the_signature(scan_tree: Scan) -> None:
    inventory = scan_tree(PROCEDURES)
    assert sorted((j.name, j.location.path, j.location.line) for j in inventory.of(Job)) == [
        ("/count", "src/router.ts", 6),
        ("/index", "src/router.ts", 5),
    ]
    # The file that answers all paths is not what is meant.
    assert [(e.name, e.job) for e in inventory.of(Enqueue)] == [("/api/mail/index", "src/router.ts:index")]
    assert not inventory.unresolved


def test_a_check_that_no_route_uses_is_reported(scan_tree: Scan) -> None:
    code = (
        'import { Receiver } from "@upstash/qstash";\n'
        "export const check = (signature, body) => new Receiver({}).verify({ signature, body });\n"
    )
    inventory = scan_tree({"lib/verify.ts": code})
    assert not inventory.of(Job)
    assert [(u.path, u.line, u.system) for u in inventory.unresolved] == [("lib/verify.ts", 2, "qstash")]


@pytest.mark.parametrize(
    "code",
    [
        "let base = null;\nawait fetch(`${base}/v2/publish/x`);",
        "const a = b; const b = a;\nawait c.publishJSON({ url: `${a}/x` });",
        "await c.publishJSON({ url: `${process.env.A}/\ue000\uf8ff/${x}` });",
        "await c.publishJSON({ url: [].join('/') });",
        "await c.publishJSON({ url: new URL() });",
        "await c.publishJSON({ url: `` });",
        "await c.publishJSON({ url: undefined ?? null });",
        "await c.publishJSON();\nawait c.batchJSON();\nawait c.schedules.create();\nawait c.queue().enqueueJSON();\nc.queue().upsert();",
        "await c.batchJSON([...more, null, 5]);",
        "fetch();\naxios.post(null);\nfetch({ url: null });\nfetch(`${'$'.repeat(3)}`);",
        "await c.publishJSON({ url: f(f) });\nfunction f(x) { return f(x); }",
    ],
)
def test_odd_code_ends_in_an_answer(scan_tree: Scan, code: str) -> None:
    inventory = scan_tree({"app/api/x/route.ts": f"{CLIENT}{code}\n"})
    assert [k.name for k in inventory.of(Client)] == ["c"]


def test_destinations_are_tied_to_routes(scan_tree: Scan) -> None:
    files, _ = ROUTES["app router, old path"]
    files = {**files, "src/send.ts": f"{CLIENT}export const f = (kind) => c.publishJSON({{ url: `${{process.env.APP}}/api/mail` }});\n"}
    (sent,) = enqueues(scan_tree(files))
    assert (sent.name, sent.job) == ("/api/mail", "src/app/api/[kind]/route.ts:POST")


def test_a_route_that_only_its_callers_give_away(scan_tree: Scan) -> None:
    files = {
        "app/api/mail/route.ts": "export async function POST(req) {}\n",
        "app/api/other/route.ts": "export async function POST(req) {}\n",
        "src/send.ts": f'{CLIENT}await c.publishJSON({{ url: "https://app.example.com/api/mail" }});\n',
    }
    inventory = scan_tree(files)
    assert [(j.name, j.confidence) for j in inventory.of(Job)] == [("/api/mail", "likely")]
    assert [(e.name, e.job) for e in enqueues(inventory)] == [("/api/mail", "app/api/mail/route.ts:POST")]


def test_callers_of_a_wrapper_say_where_to(scan_tree: Scan) -> None:
    files = {
        "src/queue.ts": f"{CLIENT}export async function send(path: string, body: unknown) {{\n"
        "  return c.publishJSON({ url: `${process.env.APP}${path}`, body });\n}\n"
        "export const runJob = (name: string) => send(`/api/jobs/${name}`, {});\n",
        "src/a.ts": 'import { send } from "./queue";\nexport const a = () => send("/api/mail", {});\n',
        "src/b.ts": 'import { runJob } from "./queue";\nexport const b = () => runJob("report");\n',
    }
    found = enqueues(scan_tree(files))
    assert sorted((e.name, e.location.path, e.via) for e in found) == [
        ("/api/jobs/report", "src/b.ts", ("runJob", "send")),
        ("/api/mail", "src/a.ts", ("send",)),
    ]


CHOSEN = f"""{CLIENT}
function addressOf(lane: string) {{
  const base = process.env.APP;
  if (lane === "slow") return `${{base}}/api/slow`;
  return `${{base}}/api/fast`;
}}
export async function send(given: {{ url?: string; lane?: string; body: object }}) {{
  const {{ url, lane = "fast", body }} = given;
  const target = url || addressOf(lane);
  return c.publishJSON({{ url: target, body }});
}}
"""
#: what a caller hands over -> where that goes
LANES = {
    'lane: "slow", body: {}': "/api/slow",
    "body: {}": "/api/fast",
    "url: `${process.env.APP}/api/other`, body: {}": "/api/other",
}


@pytest.mark.parametrize("given", LANES)
def test_which_of_several_addresses_is_for_the_caller_to_say(scan_tree: Scan, given: str) -> None:
    use = f'import {{ send }} from "./queue";\nexport const go = () => send({{ {given} }});\n'
    found = enqueues(scan_tree({"src/queue.ts": CHOSEN, "src/use.ts": use}))
    assert [(e.name, e.location.path, e.via) for e in found] == [(LANES[given], "src/use.ts", ("send",))]


@pytest.mark.parametrize("url", ["addressOf(process.env.LANE)", "process.env.URL || addressOf(process.env.LANE)"])
def test_an_address_of_several_that_nothing_chooses_between_is_none(scan_tree: Scan, url: str) -> None:
    use = f"export const go = () => c.publishJSON({{ url: {url}, body: {{}} }});"
    assert [e.name for e in enqueues(scan_tree({"src/queue.ts": f"{CHOSEN.split('export')[0]}{use}"}))] == [""]


def test_jobs_out_of_a_function_of_ones_own(scan_tree: Scan) -> None:
    files = {
        "src/jobs.ts": f"{CLIENT}const start = async (inputs) => {{\n  for (const one of chunk(inputs)) {{\n"
        "    await c.publishJSON({ url: `${process.env.APP}/api/jobs/${one.name}`, body: one });\n  }\n};\n"
        "export function defineJob({ name, handle }) {\n"
        "  return { name, execute: (p) => handle(p), dispatch: async (p) => start([{ name, p }]) };\n}\n",
        "src/report.ts": 'import { defineJob } from "./jobs";\nexport const report = defineJob({\n'
        '  name: "report-job",\n  handle: async (p) => {},\n});\n',
        "src/use.ts": 'import { report } from "./report";\nexport const go = () => report.dispatch({ id: 1 });\n',
    }
    inventory = scan_tree(files)
    assert [(e.name, e.location.path, e.location.line) for e in enqueues(inventory)] == [("report-job", "src/use.ts", 2)]
    assert [(j.name, j.symbol, j.location.line) for j in inventory.of(Job)] == [("report-job", "report", 2)]


def test_clients_and_settings(scan_tree: Scan) -> None:
    code = (
        'import { Client as Q, Receiver } from "@upstash/qstash";\nexport const q = new Q({});\nexport const r = new Receiver({});\n'
        'await q.queue({ queueName: "mails" }).upsert({ parallelism: 2 });\n'
        'await q.urlGroups.addEndpoints({ name: "all", endpoints: [] });\n'
    )
    inventory = scan_tree({"src/app.ts": code})
    assert sorted((c.name, c.role) for c in inventory.of(Client)) == [("q", "client"), ("r", "receiver")]
    assert sorted(s.name for s in inventory.of(Setting)) == ["all", "mails"]
