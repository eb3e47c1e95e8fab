"""Whole applications before and after: what each file becomes when everything moves, and when something stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.codemods.harness import check_rewrite
from tests.codemods.typescript.inngest_to_bullmq.application import PACKAGE, SEND, one, rewrite, tree, two
from tests.codemods.typescript.inngest_to_bullmq.examples import COMMONJS, NEXT, NODE, WORKSPACE

EXAMPLES = {"next": NEXT, "node": NODE, "commonjs": COMMONJS, "workspace": WORKSPACE}


@pytest.mark.parametrize("files", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_in_every_form_of_text(tmp_path: Path, files: dict[str, str]) -> None:
    changes = check_rewrite(tmp_path, "inngest", "bullmq", files)
    assert {d.outcome for d in changes.decisions if d.kind == "definition"} == {"rewritten"}
    assert not [d for d in changes.decisions if d.safety != "safe"]


@pytest.mark.parametrize("files", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_nothing_of_inngest_is_left(tmp_path: Path, files: dict[str, str]) -> None:
    after = rewrite(tmp_path, files)
    code = {p: t for p, t in after.files.items() if p not in after.changes.new_files and p.endswith((".ts", ".js", ".json"))}
    names = [p for p, t in code.items() if '"inngest"' in t or '"inngest/' in t or "'inngest" in t]
    assert names == []


def test_an_application_on_next(tmp_path: Path) -> None:
    after = rewrite(tmp_path, NEXT)
    assert after.files["src/inngest/client.ts"] == (
        'import { createJobs, type FromUnion } from "../jobs/jobs";\n\n'
        'type OrderPlaced = {\n  name: "order/placed";\n  data: { orderId: string; total: number };\n};\n'
        'type OrderPaid = { name: "order/paid"; data: { orderId: string } };\n\n'
        "// The one client of the shop.\n"
        'export const jobs = createJobs<FromUnion<OrderPlaced | OrderPaid>>({ id: "shop" });\n'
    )
    before = NEXT["src/inngest/functions/order-placed.ts"]
    assert after.files["src/inngest/functions/order-placed.ts"] == (
        before.replace('from "inngest"', 'from "../../jobs/jobs"')
        .replace("{ inngest }", "{ jobs }")
        .replace("inngest.createFunction", "jobs.define")
        .replace("retries: 2", "attempts: 3")
    )
    assert after.files["src/inngest/functions/order-paid.ts"].splitlines()[5] == (
        'export default jobs.define({ id: "Order paid!", attempts: 5, idempotency: (event: any) => event.data?.orderId }, '
        "options, async ({ event }) => {"
    )
    assert '{ id: "nightly", attempts: 1 },' in after.files["src/inngest/functions/nightly.ts"]
    assert after.files["src/inngest/functions/index.ts"] == NEXT["src/inngest/functions/index.ts"]
    assert "src/app/api/inngest/route.ts" not in after.files
    assert after.files["src/app/actions.ts"] == (
        NEXT["src/app/actions.ts"].replace("{ inngest }", "{ jobs }").replace("inngest.send", "jobs.send")
    )
    assert after.files["src/jobs/routes.ts"].split("export const routes: Route[] = ")[1].split("\n\n")[0] == (
        "[\n"
        '  { queue: "shop-nightly", attempts: 1, events: [] },\n'
        '  { queue: "shop-Order-paid-", attempts: 5, events: [{ name: "order/paid" }] },\n'
        "  {\n"
        '    queue: "shop-order-placed", attempts: 3,\n'
        "    events: [\n"
        '      { name: "order/placed", when: (event) => compare(event.data?.total, ">", 100) && event.data?.orderId != null },\n'
        "    ],\n"
        "  },\n"
        "];"
    )
    assert after.files["src/jobs/worker.ts"].splitlines()[1:5] == [
        'import { functions } from "../inngest/functions/index";',
        'import { startWorkers } from "./run";',
        "",
        "startWorkers(functions).catch((error: unknown) => {",
    ]
    manifest = json.loads(after.files["package.json"])
    assert manifest["scripts"] == {"dev": "next dev", "build": "next build", "worker": "tsx src/jobs/worker.ts"}
    assert sorted(manifest["dependencies"]) == ["bullmq", "ioredis", "next", "zod"]
    assert sorted(manifest["devDependencies"]) == ["tsx", "typescript"]
    assert after.files[".env.example"] == (
        "DATABASE_URL=postgres://localhost/shop\n\n# The queues of background jobs\nREDIS_URL=redis://localhost:6379\n"
    )


def test_an_application_that_is_built_by_tsc(tmp_path: Path) -> None:
    after = rewrite(tmp_path, NODE)
    assert after.files["src/background/client.ts"] == (
        "import { createJobs } from '../jobs/jobs.js'\n\nexport const client = createJobs({ id: 'feeds' })\n"
    )
    assert after.files["src/background/events.ts"] == NODE["src/background/events.ts"].replace("'inngest'", "'../jobs/jobs.js'")
    assert after.files["src/background/fetch.ts"] == (
        NODE["src/background/fetch.ts"]
        .replace("'inngest'", "'../jobs/jobs.js'")
        .replace("createFunction", "define")
        .replace("{ id: 'fetch',", "{ id: 'fetch', attempts: 5,")
        .replace("retries: 1", "attempts: 2")
    )
    assert after.files["src/server.ts"] == (
        "import { createServer } from 'node:http'\n\nimport { client } from './background/client.js'\n\n"
        "const server = createServer()\nawait client.send({ name: 'feed/refresh', data: { url: 'https://c.test' } })\nserver.listen(3000)\n"
    )
    assert json.loads(after.files["package.json"])["scripts"]["worker"] == "node dist/jobs/worker.js"
    assert after.files["Procfile"] == "web: npm start\nworker: npm run worker\n"


def test_plain_javascript_with_require(tmp_path: Path) -> None:
    after = rewrite(tmp_path, COMMONJS)
    assert after.files["lib/inngest.js"] == (
        '"use strict";\nconst { createJobs } = require("./jobs/jobs");\n\nconst inngest = createJobs({ id: "old" });\n\n'
        "module.exports = { inngest };\n"
    )
    assert 'inngest.define(\n  { id: "hello", attempts: 5 },' in after.files["lib/functions.js"]
    assert 'const { NonRetriableError } = require("./jobs/jobs");' in after.files["lib/functions.js"]
    assert "serve" not in after.files["index.js"]
    assert 'const { hello } = require("../functions");' in after.files["lib/jobs/worker.js"]
    assert "export " not in after.files["lib/jobs/jobs.js"]


def test_a_workspace(tmp_path: Path) -> None:
    after = rewrite(tmp_path, WORKSPACE)
    assert after.files["packages/inngest/src/index.ts"] == 'export { jobs } from "./client";\nexport type { Events } from "./client";\n'
    assert 'import { jobs } from "@acme/inngest";' in after.files["apps/web/app/actions.ts"]
    assert "inngest" not in json.loads(after.files["apps/web/package.json"])["dependencies"]
    manifest = json.loads(after.files["packages/inngest/package.json"])
    assert sorted(manifest["dependencies"]) == ["bullmq", "ioredis"]
    assert manifest["scripts"] == {"worker": "tsx src/jobs/worker.ts"}
    assert any("`pnpm --filter @acme/inngest run worker`" in note for note in after.changes.notes)


def test_half_here_half_there(tmp_path: Path) -> None:
    """What stays keeps its code to the byte, and every event still reaches it."""
    before = tree(one() + two(), "f1", "f2")
    after = rewrite(tmp_path, before)
    assert after.outcome()[0] == "rewritten"
    assert after.outcome("two")[0] == "left"
    assert after.files["src/client.ts"] == (
        'import { Inngest } from "inngest";\nimport { createJobs, throughQueues } from "./jobs/jobs";\n\n'
        'export const inngest = throughQueues(new Inngest({ id: "shop" }));\n\n'
        'export const jobs = createJobs({ id: "shop", passOn: inngest });\n'
    )
    assert two() in after.files["src/functions.ts"]
    assert after.files["src/functions.ts"].startswith('import { inngest, jobs } from "./client";\n')
    assert "functions: [f2]" in after.files["src/server.ts"]
    assert after.files["src/go.ts"] == before["src/go.ts"]
    assert json.loads(after.files["package.json"])["dependencies"]["inngest"] == "^3.40.0"


def test_two_clients_two_queues(tmp_path: Path) -> None:
    files = tree(one(), "f1")
    files["src/other.ts"] = (
        'import { Inngest } from "inngest";\nexport const other = new Inngest({ id: "other" });\n'
        'export const g = other.createFunction({ id: "one" }, { event: "a/x" }, async () => 1);\n'
    )
    files["src/server.ts"] = files["src/server.ts"].replace(
        "app.listen", 'app.use("/api/other", serve({ client: other, functions: [g] }));\napp.listen'
    )
    files["src/server.ts"] = 'import { g, other } from "./other";\n' + files["src/server.ts"]
    after = rewrite(tmp_path, files)
    assert after.whole
    assert 'queue: "shop-one"' in after.files["src/jobs/routes.ts"]
    assert 'queue: "other-one"' in after.files["src/jobs/routes.ts"]
    assert 'createJobs({ id: "other" })' in after.files["src/other.ts"]


def test_what_comes_later_goes_on_where_the_first_run_ended(tmp_path: Path) -> None:
    first = rewrite(tmp_path, tree(one() + two(), "f1", "f2"))
    assert "// TODO(migrate MIG438)" in first.files["src/functions.ts"]
    path = tmp_path / "src/functions.ts"
    path.write_text(path.read_text().replace(', debounce: { period: "5s" }', ""))
    second = rewrite(tmp_path)
    assert second.whole
    assert second.files["src/client.ts"] == (
        'import { createJobs } from "./jobs/jobs";\n\nexport const jobs = createJobs({ id: "shop" });\n'
    )
    assert "TODO(migrate" not in second.files["src/functions.ts"]
    assert second.files["src/go.ts"].startswith('import { jobs } from "./client";')
    rows = second.files["src/jobs/routes.ts"]
    assert '{ queue: "shop-one", attempts: 5, events: [{ name: "a/x" }] },\n  { queue: "shop-two"' in rows
    assert "startWorkers([f1, f2])" in second.files["src/jobs/worker.ts"]
    assert "serve" not in second.files["src/server.ts"]


def test_what_comes_later_into_a_file_does_not_import_the_client_again(tmp_path: Path) -> None:
    third = one(', debounce: { period: "9s" }', symbol="f3", name="three")
    first = rewrite(tmp_path, tree(one() + two() + third, "f1", "f2", "f3"))
    assert first.files["src/functions.ts"].count('jobs } from "./client"') == 1
    path = tmp_path / "src/functions.ts"
    path.write_text(path.read_text().replace(', debounce: { period: "5s" }', ""))
    second = rewrite(tmp_path)
    assert not second.whole
    assert (second.outcome("two")[0], second.outcome("three")[0]) == ("rewritten", "left")
    assert second.files["src/functions.ts"].count('jobs } from "./client"') == 1


def test_a_package_that_only_sent_gets_a_worker_with_its_first_job(tmp_path: Path) -> None:
    waits = one(', debounce: { period: "5s" }', "async ({ event }) => event.data", '"b/y"', symbol="f2", name="two")
    moves = {p: t.replace("shop", "mailer") for p, t in tree(one(), "f1").items()}
    sends = {"src/go.ts": SEND + SEND.partition("\n\n")[2].replace("go =", "later =").replace("a/x", "b/y")}
    files = {
        "package.json": '{ "private": true, "workspaces": ["packages/*"] }\n',
        **{f"packages/mailer/{p}": t for p, t in moves.items()},
        **{f"packages/shop/{p}": t for p, t in tree(waits, "f2", **sends).items()},
    }
    first = rewrite(tmp_path, files)
    assert (first.outcome()[0], first.outcome("two")[0]) == ("rewritten", "left")
    made = {p for p in first.files if p.startswith("packages/shop/src/jobs/")}
    assert made == {f"packages/shop/src/jobs/{name}.ts" for name in ("jobs", "routes")}
    path = tmp_path / "packages/shop/src/functions.ts"
    path.write_text(path.read_text().replace(', debounce: { period: "5s" }', ""))
    second = rewrite(tmp_path)
    assert second.outcome("two")[0] == "rewritten"
    assert "startWorkers([f2])" in second.files["packages/shop/src/jobs/worker.ts"]
    assert "export async function startWorkers" in second.files["packages/shop/src/jobs/run.ts"]


def test_an_address_of_redis_that_is_there_is_taken(tmp_path: Path) -> None:
    cache = 'import { Redis } from "ioredis";\nexport const cache = new Redis(process.env.CACHE_REDIS_URL!);\n'
    after = rewrite(tmp_path, tree(one(), "f1", **{"src/cache.ts": cache}))
    assert 'process.env["CACHE_REDIS_URL"]' in after.files["src/jobs/jobs.ts"]
    assert any("Redis at CACHE_REDIS_URL" in note for note in after.changes.notes)


def test_versions_that_are_there_are_kept(tmp_path: Path) -> None:
    package = tree("")["package.json"].replace('"express"', '"bullmq": "^5.30.0", "express"')
    after = rewrite(tmp_path, tree(one(), "f1", **{"package.json": package}))
    dependencies = json.loads(after.files["package.json"])["dependencies"]
    assert (dependencies["bullmq"], dependencies["ioredis"]) == ("^5.30.0", "^5.4.1")


@pytest.mark.parametrize(
    ("script", "dependency", "command"),
    [
        ("bun src/server.ts", "", "bun src/jobs/worker.ts"),
        ("tsx src/server.ts", '"tsx": "4", ', "tsx src/jobs/worker.ts"),
        ("ts-node src/server.ts", '"ts-node": "10", ', "ts-node src/jobs/worker.ts"),
    ],
)
def test_the_runner_that_the_application_has(tmp_path: Path, script: str, dependency: str, command: str) -> None:
    package = tree("")["package.json"].replace('"express"', f'{dependency}"express"')
    package = package.replace('"dependencies"', f'"scripts": {{ "start": "{script}" }},\n  "dependencies"')
    after = rewrite(tmp_path, tree(one(), "f1", **{"package.json": package}))
    manifest = json.loads(after.files["package.json"])
    assert manifest["scripts"] == {"start": script, "worker": command}
    assert "devDependencies" not in manifest


def test_code_that_is_marked_as_for_servers(tmp_path: Path) -> None:
    """Node has to be told, and has to find what Next.js knows by itself; a later run tells a worker that is there."""
    files = tree(one(), "f1", **{"src/more.ts": 'import "server-only";\nimport { inngest } from "./client";\n' + two()})
    files["src/server.ts"] = 'import { f2 } from "./more";\n' + files["src/server.ts"].replace("[f1]", "[f1, f2]")
    first = rewrite(tmp_path, files)
    assert (first.outcome()[0], first.outcome("two")[0]) == ("rewritten", "left")
    assert json.loads(first.files["package.json"])["scripts"] == {"worker": "tsx src/jobs/worker.ts"}
    path = tmp_path / "src/more.ts"
    path.write_text(path.read_text().replace(', debounce: { period: "5s" }', ""))
    second = rewrite(tmp_path)
    assert second.outcome("two")[0] == "rewritten"
    manifest = json.loads(second.files["package.json"])
    assert manifest["scripts"] == {"worker": "tsx --conditions=react-server src/jobs/worker.ts"}
    assert manifest["dependencies"]["server-only"] == "^0.0.1"


def test_the_runtime_stands_beside_the_client_that_functions_are_made_with(tmp_path: Path) -> None:
    script = 'import { Inngest } from "inngest";\nconst inngest = new Inngest({ id: "shop" });\nawait inngest.send({ name: "a/x" });\n'
    after = rewrite(tmp_path, tree(one(), "f1", **{"scripts/backfill.ts": script}))
    assert "src/jobs/jobs.ts" in after.changes.new_files
    assert 'from "../src/jobs/jobs"' in after.files["scripts/backfill.ts"]


@pytest.mark.parametrize(("value", "name"), [('process.env.APP_ID || "store"', "store"), ('process.env.APP_ID ?? "store"', "store")])
def test_an_id_that_only_the_run_knows_is_said(tmp_path: Path, value: str, name: str) -> None:
    client = f'import {{ Inngest }} from "inngest";\n\nexport const inngest = new Inngest({{ id: {value} }});\n'
    after = rewrite(tmp_path, tree(one(), "f1", **{"src/client.ts": client}))
    assert f'createJobs({{ id: "{name}" }})' in after.files["src/client.ts"]
    assert any(f"Queues begin with {name}, in place of `{value}`" in note for note in after.changes.notes)
    plain = rewrite(tmp_path / "plain", tree(one(), "f1"))
    assert not any("Queues begin" in note for note in plain.changes.notes)


def test_plain_javascript_for_a_bundler_is_run_by_tsx(tmp_path: Path) -> None:
    files = {
        "package.json": PACKAGE.replace('  "type": "module",\n', ""),
        "jsconfig.json": '{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }\n',
        "lib/client.js": 'import { Inngest } from "inngest";\n\nexport const inngest = new Inngest({ id: "shop" });\n',
        "lib/functions.js": 'import { inngest } from "@/lib/client";\n\n' + one(),
        "lib/route.js": 'import { serve } from "inngest/next";\nimport { inngest } from "@/lib/client";\n'
        'import { f1 } from "@/lib/functions";\n\nexport const { GET, POST, PUT } = serve({ client: inngest, functions: [f1] });\n',
        "lib/go.js": 'import { inngest } from "@/lib/client";\n\nexport const go = () => inngest.send({ name: "a/x" });\n',
    }
    manifest = json.loads(rewrite(tmp_path, files).files["package.json"])
    assert manifest["scripts"] == {"worker": "tsx --tsconfig jsconfig.json lib/jobs/worker.js"}
    assert manifest["devDependencies"] == {"tsx": "^4.20.0"}


def test_packages_without_code_are_left_to_a_person(tmp_path: Path) -> None:
    files = {"package.json": PACKAGE, "src/index.ts": "export const n = 1;\n"}
    after = rewrite(tmp_path, files)
    assert after.files == files
    assert [d.outcome for d in after.changes.decisions] == ["left"]
    assert after.manual() == [("package.json:4", "No code here makes a client of it; take it out if nothing else needs it.")]
