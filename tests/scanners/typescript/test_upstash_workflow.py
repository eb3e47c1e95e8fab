"""Upstash Workflow from TypeScript: what serves a workflow, its steps, what triggers it, and what only looks like it."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Endpoint, Enqueue, Job, Literal, Retry
from tests.scanners.conftest import Scan

BODY = 'async (context) => { await context.run("a", async () => {}); }'
SERVED = {
    "next": (
        "app/api/workflow/route.ts",
        'import { serve } from "@upstash/workflow/nextjs";\nexport const { POST } = serve(BODY);\n',
        "/api/workflow",
    ),
    "with a type": (
        "app/api/workflow/route.ts",
        'import { serve } from "@upstash/workflow/nextjs";\nexport const { POST } = serve<Input>(BODY, { retries: 1 });\n',
        "/api/workflow",
    ),
    "one object": (
        "app/api/workflow/route.ts",
        'import { serve } from "@upstash/workflow/nextjs";\nconst served = serve(BODY);\nexport const POST = served.POST;\n',
        "/api/workflow",
    ),
    "while it was part of QStash": (
        "app/api/workflow/route.ts",
        'import { serve } from "@upstash/qstash/nextjs";\nexport const POST = serve(BODY);\n',
        "/api/workflow",
    ),
    "pages": (
        "pages/api/workflow.ts",
        (
            'import { servePagesRouter } from "@upstash/workflow/nextjs";\n'
            "const { handler } = servePagesRouter(BODY);\nexport default handler;\n"
        ),
        "/api/workflow",
    ),
    "hono": (
        "src/index.ts",
        (
            'import { serve } from "@upstash/workflow/hono";\nimport { Hono } from "hono";\n'
            'const app = new Hono();\napp.post("/workflow", serve(BODY));\n'
        ),
        "/workflow",
    ),
    "express": (
        "src/index.ts",
        (
            'import { serve } from "@upstash/workflow/express";\nimport express from "express";\nconst app = express();\n'
            'app.use("/workflow", serve(BODY));\n'
        ),
        "/workflow",
    ),
    "renamed": (
        "src/routes/api/workflow/+server.ts",
        'import { serve as flow } from "@upstash/workflow/svelte";\nexport const { POST } = flow(BODY, { env });\n',
        "/api/workflow",
    ),
}


@pytest.mark.parametrize("form", SERVED)
def test_every_way_to_serve(scan_tree: Scan, form: str) -> None:
    path, code, name = SERVED[form]
    inventory = scan_tree({path: code.replace("BODY", BODY)})
    assert [(j.name, j.system, [s.kind for s in j.steps]) for j in inventory.of(Job)] == [(name, "upstash-workflow", ["run"])]
    assert [e.serves for e in inventory.of(Endpoint)] == [(name,)]


def test_retries_count_from_the_second_run(scan_tree: Scan) -> None:
    path, code, _ = SERVED["with a type"]
    (job,) = scan_tree({path: code.replace("BODY", BODY)}).of(Job)
    assert isinstance(job.retry, Retry)
    assert (job.retry.max_attempts, job.retry.explicit) == (Literal(2), True)


def test_steps(scan_tree: Scan) -> None:
    code = """
    import { serve } from "@upstash/workflow/nextjs";
    export const { POST } = serve(async (ctx) => {
      const users = await ctx.run("load", () => load());
      for (const user of users) await ctx.sleep("wait", 60);
      await Promise.all([ctx.call("a", { url: "x" }), ctx.waitForEvent("b", "event")]);
      other.run("not a step");
    });
    """
    (job,) = scan_tree({"app/api/x/route.ts": code}).of(Job)
    assert [(s.kind, s.id, s.in_loop, s.parallel) for s in job.steps] == [
        ("run", Literal("load"), False, False),
        ("sleep", Literal("wait"), True, False),
        ("call", Literal("a"), False, True),
        ("waitForEvent", Literal("b"), False, True),
    ]


def test_several_workflows_on_one_route(scan_tree: Scan) -> None:
    code = f"""
    import {{ createWorkflow, serveMany }} from "@upstash/workflow/nextjs";
    const one = createWorkflow({BODY});
    const two = createWorkflow({BODY});
    export const {{ POST }} = serveMany({{ one, "the-other": two }});
    """
    inventory = scan_tree({"app/api/flows/[...all]/route.ts": code})
    assert [j.name for j in inventory.of(Job)] == ["one", "two"]
    (endpoint,) = inventory.of(Endpoint)
    assert endpoint.serves == ("app/api/flows/[...all]/route.ts:one", "app/api/flows/[...all]/route.ts:two")


def test_an_in_house_serve(scan_tree: Scan) -> None:
    files = {
        "lib/flow.ts": 'import { serve } from "@upstash/workflow/nextjs";\nexport const flow = (fn) => serve(fn, { retries: 0 });\n',
        "app/api/mail/route.ts": f'import {{ flow }} from "../../../lib/flow";\n\nexport const {{ POST }} = flow({BODY});\n',
    }
    inventory = scan_tree(files)
    assert [(j.name, j.location.path, j.location.line) for j in inventory.of(Job) if not j.wrapper] == [
        ("/api/mail", "app/api/mail/route.ts", 3)
    ]


TRIGGERS = {
    "one": ("await c.trigger({ url: `${b}/api/flow`, body: {}, workflowRunId: 'x', retries: 1 });", ["/api/flow"]),
    "a list": ("await c.trigger([{ url: `${b}/api/flow` }, { url: `${b}/api/two` }]);", ["/api/flow", "/api/two"]),
    "mapped": ("await c.trigger(list.map((one) => ({ url: `${b}/api/flow`, body: one })));", ["/api/flow"]),
    "one or many, computed by type": (
        (
            "const go = (input) => { const all = Array.isArray(input) ? input : [input];\n"
            "  return c.trigger(all.map((one) => ({ url: `${b}/api/flows/${one.kind}` }))); };\n"
            "await go({ kind: 'mail' });\nawait go([{ kind: 'report' }]);\nawait go(list.map((x) => ({ kind: 'each' })));"
        ),
        ["/api/flows/each", "/api/flows/mail", "/api/flows/report"],
    ),
}


@pytest.mark.parametrize("form", TRIGGERS)
def test_every_way_to_trigger(scan_tree: Scan, form: str) -> None:
    code, names = TRIGGERS[form]
    inventory = scan_tree({"src/a.ts": f'import {{ Client }} from "@upstash/workflow";\nconst c = new Client({{}});\n{code}\n'})
    assert sorted(e.name for e in inventory.of(Enqueue) if not e.wrapper) == names
    assert {e.system for e in inventory.of(Enqueue)} == {"upstash-workflow"}
    assert [(c.name, c.system) for c in inventory.of(Client)] == [("c", "upstash-workflow")]


def test_a_trigger_is_tied_to_its_workflow(scan_tree: Scan) -> None:
    path, code, _ = SERVED["next"]
    send = 'import { Client } from "@upstash/workflow";\nawait new Client({}).trigger({ url: `${process.env.APP}/api/workflow` });\n'
    (found,) = scan_tree({path: code.replace("BODY", BODY), "src/a.ts": send}).of(Enqueue)
    assert found.job == f"{path}:POST"


def test_a_workflow_of_a_controller_is_called_by_its_route(scan_tree: Scan) -> None:
    files = {
        "controllers/flow.js": "import { createRequire } from 'module';\nconst require = createRequire(import.meta.url);\n"
        f"const {{ serve }} = require('@upstash/workflow/express');\n\nexport const remind = serve({BODY});\n",
        "routes/flow.js": "import { Router } from 'express';\nimport { remind } from '../controllers/flow.js';\n"
        "const router = Router();\nrouter.post('/subscription/reminder', remind);\nexport default router;\n",
        "app.js": "import router from './routes/flow.js';\napp.use('/api/v1/flows', router);\n",
        "send.js": "import { Client } from '@upstash/workflow';\n"
        "await new Client({}).trigger({ url: `${process.env.URL}/api/v1/flows/subscription/reminder` });\n",
    }
    inventory = scan_tree(files)
    assert [(j.name, j.location.path, j.location.line) for j in inventory.of(Job)] == [("/subscription/reminder", "controllers/flow.js", 5)]
    assert [(e.name, e.job) for e in inventory.of(Enqueue)] == [("/api/v1/flows/subscription/reminder", "controllers/flow.js:remind")]


LOOKALIKES = {
    "another serve": 'import { serve } from "inngest/next";\nexport const { POST } = serve({ client, functions: [] });\n',
    "a web server": 'import { serve } from "@hono/node-server";\nserve(async (context) => { context.run("x"); });\n',
    "a database trigger": 'export const f = (db) => db.trigger({ url: "x" });\n',
}


@pytest.mark.parametrize("form", LOOKALIKES)
def test_what_only_looks_like_it(scan_tree: Scan, form: str) -> None:
    inventory = scan_tree({"app/api/x/route.ts": LOOKALIKES[form]})
    assert not [i for i in inventory.items if i.system == "upstash-workflow"]
