"""What the rewrite does not understand, or BullMQ does not have, stays on Inngest: with the reason, the trap's number, a comment above it,
and its code as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codemods.typescript.inngest_to_bullmq.application import CLIENT, SEND, one, rewrite, server, tree, two


def body(line: str) -> str:
    return f"async ({{ event, step }}) => {{ {line} }}"


OPTIONS = {
    "MIG435": ['concurrency: { limit: 2, key: "event.data.a" }', 'concurrency: [{ limit: 2 }, { limit: 9, scope: "env", key: "\'a\'" }]'],
    "MIG436": ['throttle: { limit: 1, period: "5s" }'],
    "MIG437": ['rateLimit: { limit: 1, period: "5s" }'],
    "MIG438": ['debounce: { period: "5s" }'],
    "MIG439": ['batchEvents: { maxSize: 10, timeout: "5s" }'],
    "MIG440": ['priority: { run: "event.data.n" }'],
    "MIG441": ['singleton: { mode: "skip" }'],
    "MIG442": ['cancelOn: [{ event: "a/x.cancelled", match: "data.n" }]'],
    "MIG443": ['timeouts: { start: "10s" }'],
    "MIG444": ["middleware: []"],
    "MIG446": ['idempotency: "event.data.a + event.data.b"', 'idempotency: "size(event.data.a)"'],
    "MIG447": ["...shared", "somethingNew: true", "retries: shared.retries as any"],
}


@pytest.mark.parametrize(("trap", "option"), [(t, o) for t, many in OPTIONS.items() for o in many])
def test_options_without_a_counterpart(tmp_path: Path, trap: str, option: str) -> None:
    head = "declare const shared: any;\n"
    before = tree(head + one(f", {option}"), "f1")
    after = rewrite(tmp_path, before)
    assert after.outcome()[0] == "left"
    lines = after.files["src/functions.ts"].splitlines()
    at = next(i for i, line in enumerate(lines) if "createFunction" in line)
    assert f"TODO(migrate {trap})" in lines[at - 1]
    assert [line for line in lines if "TODO(migrate" not in line] == before["src/functions.ts"].splitlines()
    changed = {path for path, text in before.items() if after.files.get(path) != text}
    assert changed == {"src/functions.ts"}
    assert not after.changes.new_files


BODIES = {
    "MIG430": [
        'await step.waitForEvent("w", { event: "b/y", timeout: "1h" });',
        'await step.waitForSignal("w", { signal: "s", timeout: "1h" });',
    ],
    "MIG431": ['await step.invoke("i", { function: f2, data: {} });'],
    "MIG432": ['await step.ai.infer("a", { model: null, body: {} });', 'await step.fetch("https://x.test");'],
    "MIG433": ["await helper(step);", "await helper({ step });", "return step;"],
    "MIG434": ["await step.run('a', async () => { await step.sleep('b', '1m'); });"],
}


@pytest.mark.parametrize(("trap", "line"), [(t, o) for t, many in BODIES.items() for o in many])
def test_handlers_that_do_more_than_the_runtime_can(tmp_path: Path, trap: str, line: str) -> None:
    head = "declare function helper(x: unknown): Promise<void>;\n"
    after = rewrite(tmp_path, tree(head + two("") + one(body=body(line)), "f1", "f2"))
    assert after.outcome()[0] == "left"
    assert f"TODO(migrate {trap})" in after.files["src/functions.ts"]


@pytest.mark.parametrize(
    ("handler", "trap"),
    [
        ("async (context) => helper(context)", "MIG433"),
        ("async (...all: any[]) => all[0].step.run('a', () => 1)", "MIG433"),
        ("async ({ event, ...rest }) => rest.step.run('a', () => 1)", "MIG433"),
        ("async ({ event, crypto }) => crypto", "MIG469"),
        ("async ({ event, publish }) => publish({})", "MIG469"),
        ("async ({ event, reqArgs }) => reqArgs", "MIG469"),
    ],
)
def test_parts_of_the_context(tmp_path: Path, handler: str, trap: str) -> None:
    after = rewrite(tmp_path, tree("declare function helper(x: unknown): Promise<void>;\n" + one(body=handler), "f1"))
    assert after.outcome()[0] == "left"
    assert f"TODO(migrate {trap})" in after.files["src/functions.ts"]


@pytest.mark.parametrize(
    ("trigger", "trap"),
    [
        ('{ event: "inngest/function.failed" }', "MIG448"),
        ('{ event: "a/*/x" }', "MIG451"),
        ('{ event: "a/x", if: "event.data.n + 1 == 2" }', "MIG445"),
        ('{ event: "a/x", if: "event.data.s.startsWith(\'a\')" }', "MIG445"),
        ('[{ event: "a/x", if: "event.data.n == 1" }, { event: "a/x", if: "event.data.n == 2" }]', "MIG449"),
        ('{ cron: "@daily" }', "MIG450"),
        ('{ cron: "0 0 0 * * *" }', "MIG450"),
        ("{ cron: every(5) }", "MIG450"),
        ("triggers()", "MIG451"),
    ],
)
def test_triggers_that_cannot_be_routed(tmp_path: Path, trigger: str, trap: str) -> None:
    head = "declare function every(n: number): string;\ndeclare function triggers(): any;\n"
    text = head + f'export const f1 = inngest.createFunction({{ id: "one" }}, {trigger}, async () => 1);\n'
    after = rewrite(tmp_path, tree(text, "f1"))
    assert after.outcome()[0] == "left"
    assert f"TODO(migrate {trap})" in after.files["src/functions.ts"]


FACTORY = (
    'const make = (id: string) =>\n  inngest.createFunction({ id }, { event: "a/x" }, async () => 1);\nexport const f1 = make("one");\n'
)
CLASS = 'class Jobs {\n  f = inngest.createFunction({ id: "one" }, { event: "a/x" }, async () => 1);\n}\nexport const f1 = new Jobs().f;\n'


@pytest.mark.parametrize(
    "text",
    [
        FACTORY,
        CLASS,
        'export const all = [inngest.createFunction({ id: "one" }, { event: "a/x" }, async () => 1)];\nexport const f1 = all[0]!;\n',
        (
            'export const f1 = wrap(inngest.createFunction({ id: "one" }, { event: "a/x" }, async () => 1));\n'
            "function wrap<T>(f: T) { return f; }\n"
        ),
        'const options = { id: "one" };\nexport const f1 = inngest.createFunction(options, { event: "a/x" }, async () => 1);\n',
        'export let f1 = inngest.createFunction({ id: "one" }, { event: "a/x" }, async () => 1);\nf1 = null as any;\n',
        'export const f1 = inngest.createFunction<any, any>({ id: "one" }, { event: "a/x" }, async () => 1);\n',
    ],
    ids=["factory", "class", "array", "wrapped", "options elsewhere", "let", "type arguments"],
)
def test_definitions_that_are_not_written_out(tmp_path: Path, text: str) -> None:
    before = tree(text, "f1")
    after = rewrite(tmp_path, before)
    assert not [d for d in after.changes.decisions if d.kind == "definition" and d.outcome == "rewritten"]
    kept = [line for line in after.files["src/functions.ts"].splitlines() if "TODO(migrate" not in line]
    assert kept == before["src/functions.ts"].splitlines()
    assert "TODO(migrate" in after.files["src/functions.ts"]
    assert not after.changes.new_files


@pytest.mark.parametrize(
    ("client", "trap"),
    [
        ('import { Inngest } from "inngest";\nexport const inngest = new Inngest({ id: "shop", middleware: [] });\n', "MIG444"),
        ('import { Inngest } from "inngest";\nconst o = { id: "shop" };\nexport const inngest = new Inngest(o);\n', "MIG460"),
        ('import { Inngest } from "inngest";\nconst o = {};\nexport const inngest = new Inngest({ id: "shop", ...o });\n', "MIG460"),
        ('import { Inngest } from "inngest";\nconst make = () => new Inngest({ id: "shop" });\nexport const inngest = make();\n', "MIG460"),
        ('import { Inngest } from "inngest";\nexport const inngest = new Inngest({ id: "shop", unheardOf: 1 } as any);\n', "MIG460"),
    ],
    ids=["middleware", "options elsewhere", "spread", "factory", "cast"],
)
def test_clients_that_cannot_be_replaced(tmp_path: Path, client: str, trap: str) -> None:
    after = rewrite(tmp_path, tree(one(), "f1", **{"src/client.ts": client}))
    assert after.outcome()[0] == "left"
    assert f"TODO(migrate {trap})" in after.files["src/functions.ts"]
    assert after.files["src/client.ts"] == client


def test_a_file_that_a_worker_cannot_load(tmp_path: Path) -> None:
    headers = {
        "src/functions.ts": 'import { headers } from "next/headers";\nimport { inngest } from "./client";\nexport { headers };\n' + one()
    }
    after = rewrite(tmp_path / "a", tree(one(), "f1", **headers))
    assert "only works inside the framework" in after.outcome()[1]

    virtual = {
        "src/functions.ts": 'import { env } from "$env/static/private";\nimport { inngest } from "./client";\nexport { env };\n' + one()
    }
    after = rewrite(tmp_path / "b", tree(one(), "f1", **virtual))
    assert "only works inside the framework" in after.outcome()[1]

    listens = {
        "src/functions.ts": 'import { inngest } from "./client";\nimport { app } from "./app";\nexport { app };\n' + one(),
        "src/app.ts": 'import express from "express";\nexport const app = express();\napp.listen(1);\n',
    }
    after = rewrite(tmp_path / "c", tree(one(), "f1", **listens))
    assert "it imports src/app.ts, and that file starts a server (line 3)" in after.outcome()[1]


SERVER_ONLY = 'import "server-only";\nimport { inngest } from "./client";\n'
MAIL = 'import { render } from "@react-email/render";\nimport { inngest } from "./client";\nexport { render };\n'


def test_what_is_marked_as_code_for_servers_and_what_renders_react(tmp_path: Path) -> None:
    """Node loads the first only in a way in which the second fails."""
    package = tree("")["package.json"].replace('"express"', '"@react-email/render": "1", "express"')
    both = {"src/functions.ts": 'import "server-only";\n' + MAIL + one(), "package.json": package}
    after = rewrite(tmp_path / "one", tree("", "f1", **both))
    assert "server-only and @react-email/render (in src/functions.ts) do not go together" in after.outcome()[1]

    listed = server("f1").replace("[f1]", "[f1, f2]").replace("const app", 'import { f2 } from "./mail";\nconst app')
    apart = {"src/functions.ts": SERVER_ONLY + one(), "src/mail.ts": MAIL + two(""), "src/server.ts": listed, "package.json": package}
    after = rewrite(tmp_path / "two", tree("", "f1", **apart))
    assert after.outcome() == (
        "left",
        "Stays on Inngest: it is marked server-only, and where that is loaded @react-email/render (in src/mail.ts) does not work.",
    )
    assert after.outcome("two")[0] == "rewritten"


def test_code_that_asks_inngest_about_runs(tmp_path: Path) -> None:
    """It would wait for ever for those of what has moved."""
    asks = [
        "export const ask = (id: string) => fetch(`https://api.inngest.com/v1/events/${id}/runs`);\n",
        "export const ask = (id: string) => fetch(`${process.env.INNGEST_API}/${id}/runs`);\n",
        'const key = process.env.INNGEST_SIGNING_KEY;\nexport const ask = (id: string) => fetch(key + "/v1/events/" + id);\n',
        "export const ask = (url: string) => fetch(url, { headers: { a: `Bearer ${process.env.INNGEST_SIGNING_KEY}` } });\n",
    ]
    for number, text in enumerate(asks):
        after = rewrite(tmp_path / str(number), tree(one(), "f1", **{"src/ask.ts": text}))
        line = 2 if text.startswith("const key") else 1
        assert f"code asks Inngest about runs, and would hear nothing of those in a queue (src/ask.ts:{line})" in after.outcome()[1]
        assert "TODO(migrate MIG472)" in after.files["src/functions.ts"]

    # A policy that lets browsers connect to the address, and asks nothing of it.
    policy = "export const headers = [`connect-src 'self'`, `https://api.inngest.com`, \"https://x.test\"].join(' ');\n"
    assert rewrite(tmp_path / "policy", tree(one(), "f1", **{"src/headers.ts": policy})).outcome()[0] == "rewritten"

    keys = {"src/env.ts": 'export const env = { key: process.env.INNGEST_SIGNING_KEY, runs: "/runs" };\n'}
    client = {"src/client.ts": CLIENT.replace('id: "shop"', 'id: "shop", baseUrl: `${process.env.INNGEST_URL}/v1`')}
    assert "asks Inngest" in rewrite(tmp_path / "doubt", tree(one(), "f1", **keys)).outcome()[1]
    assert rewrite(tmp_path / "client", tree(one(), "f1", **client)).outcome()[0] == "rewritten"
    harmless = {"src/env.ts": 'export const env = { key: process.env.INNGEST_SIGNING_KEY };\nexport const page = "/api/inngest";\n'}
    assert rewrite(tmp_path / "harmless", tree(one(), "f1", **harmless)).outcome()[0] == "rewritten"


def test_one_file_with_function_and_endpoint(tmp_path: Path) -> None:
    text = (
        'import { Inngest } from "inngest";\nimport { serve } from "inngest/next";\n'
        + CLIENT.split("\n", 2)[2]
        + one()
        + (
            "export const { GET, POST, PUT } = serve({ client: inngest, functions: [f1] });\n"
            'export const go = () => inngest.send({ name: "a/x" });\n'
        )
    )
    after = rewrite(tmp_path, {"package.json": tree("")["package.json"], "src/app/api/inngest/route.ts": text})
    assert after.outcome()[0] == "left"
    assert "also serves Inngest's endpoint" in after.outcome()[1]


@pytest.mark.parametrize("framework", ["edge", "cloudflare"])
def test_edge_runtimes(tmp_path: Path, framework: str) -> None:
    text = f'import {{ serve }} from "inngest/{framework}";\nimport {{ inngest }} from "./client";\nimport {{ f1 }} from "./functions";\n'
    text += "export default serve({ client: inngest, functions: [f1] });\n"
    after = rewrite(tmp_path, tree(one(), "f1", **{"src/server.ts": text}))
    assert after.outcome()[0] == "left"
    assert "no connection to Redis can be held" in after.outcome()[1]


def test_an_event_that_nothing_here_sends(tmp_path: Path) -> None:
    text = one(event='"from/elsewhere"')
    after = rewrite(tmp_path / "safe", tree(text, "f1"))
    assert after.outcome()[0] == "left"
    assert "nothing in this code base sends from/elsewhere" in after.outcome()[1]
    taken = rewrite(tmp_path / "unsafe", tree(text, "f1"), unsafe=True)
    assert taken.outcome()[0] == "rewritten"
    assert "taken over although nothing in this code base sends from/elsewhere" in taken.outcome()[1]


def test_an_event_that_is_posted_without_the_client(tmp_path: Path) -> None:
    post = 'export const go = () => fetch("https://inn.gs/e/KEY", { method: "POST", body: JSON.stringify({ name: "a/x", data: {} }) });\n'
    after = rewrite(tmp_path, tree(one(), "f1", **{"src/post.ts": post}))
    assert after.outcome() == ("left", "Stays on Inngest: a/x is also posted to Inngest without its client.")
    assert not after.whole


def test_an_event_that_a_step_of_what_stays_sends(tmp_path: Path) -> None:
    staying = two(', debounce: { period: "5s" }', body("await step.sendEvent('s', { name: 'b/y', data: {} });"))
    moved = one(event='"b/y"')
    more = {"src/more.ts": SEND.replace("a/x", "b/y")}
    after = rewrite(tmp_path, tree(moved + staying, "f1", "f2", **more))
    assert after.outcome() == ("left", "Stays on Inngest: b/y is sent by a step of two, which stays there.")


def test_what_goes_to_nobody_here_still_goes_to_inngest(tmp_path: Path) -> None:
    more = {"src/more.ts": SEND.replace("a/x", "other/app")}
    after = rewrite(tmp_path / "safe", tree(one(), "f1", **more))
    assert after.outcome()[0] == "rewritten"
    assert 'export const inngest = throughQueues(new Inngest({ id: "shop" }));' in after.files["src/client.ts"]
    assert after.files["src/more.ts"] == more["src/more.ts"]
    assert any("nothing in this code base listens to other/app" in note for note in after.changes.notes)

    taken = rewrite(tmp_path / "unsafe", tree(one(), "f1", **more), unsafe=True)
    lost = [d for d in taken.changes.decisions if d.name == "other/app"]
    assert [(d.safety, d.outcome) for d in lost] == [("unsafe", "rewritten")]
    assert lost[0].summary.endswith("Nothing in this code base listens to it any more.")
    assert taken.whole


def test_a_function_that_is_used_as_a_value(tmp_path: Path) -> None:
    more = {"src/use.ts": 'import { f1 } from "./functions";\nexport const id = f1.id();\n'}
    after = rewrite(tmp_path, tree(one(), "f1", **more))
    assert after.outcome() == ("left", "Stays on Inngest: it is used as a value in src/use.ts:2.")


def test_a_list_that_is_computed_holds_what_moves_only_when_all_does(tmp_path: Path) -> None:
    serve = (
        server("f1")
        .replace('import { f1 } from "./functions"', 'import * as functions from "./functions"')
        .replace("[f1]", "Object.values(functions)")
    )
    alone = rewrite(tmp_path / "all", tree(one(), "f1", **{"src/server.ts": serve}))
    assert alone.outcome()[0] == "rewritten"
    assert alone.whole
    mixed = rewrite(tmp_path / "mixed", tree(one() + two(), "f1", **{"src/server.ts": serve}))
    assert mixed.outcome() == ("left", "Stays on Inngest: the list that registers it is computed; write the functions out in an array.")


def test_a_function_that_no_endpoint_lists(tmp_path: Path) -> None:
    after = rewrite(tmp_path / "list", tree(one() + two(""), "f1"))
    assert after.outcome()[0] == "rewritten"
    assert "No endpoint lists it, so it never runs; no worker runs it either." in after.outcome("two")[1]
    assert "f2" not in after.files["src/jobs/worker.ts"]
    assert "two" not in after.files["src/jobs/routes.ts"]


def test_without_an_endpoint_nothing_is_known(tmp_path: Path) -> None:
    files = tree(one(), "f1")
    del files["src/server.ts"]
    after = rewrite(tmp_path, files)
    assert after.outcome()[0] == "left"
    assert after.files["src/client.ts"] == CLIENT


def test_mocks_and_tests_are_named(tmp_path: Path) -> None:
    test = 'import { InngestTestEngine } from "@inngest/test";\nimport { f1 } from "../src/functions";\n'
    test += "new InngestTestEngine({ function: f1 });\n"
    mock = 'import { vi } from "vitest";\nvi.mock("../src/client");\n'
    after = rewrite(tmp_path, tree(one() + two(), "f1", "f2", **{"tests/one.test.ts": test, "tests/two.test.ts": mock}))
    places = dict(after.manual())
    assert places["tests/one.test.ts:3"].startswith("Takes one for a function of Inngest")
    assert places["tests/two.test.ts:2"].startswith("Stands in for the file of the client")


def test_what_else_speaks_of_inngest_is_named(tmp_path: Path) -> None:
    more = {
        "docs/jobs.md": "# Jobs\n\nWe use Inngest.\n",
        ".github/workflows/ci.yml": "jobs:\n  a:\n    steps:\n      - run: npx inngest-cli dev\n",
    }
    after = rewrite(tmp_path, tree(one(), "f1", **more))
    assert {place for place, _ in after.manual()} >= {"docs/jobs.md:3", ".github/workflows/ci.yml:4"}
    assert after.files["docs/jobs.md"] == more["docs/jobs.md"]


def test_versions_that_are_too_old(tmp_path: Path) -> None:
    package = tree("")["package.json"].replace('"express"', '"bullmq": "^4.2.0", "express"')
    after = rewrite(tmp_path, tree(one(), "f1", **{"package.json": package}))
    assert "the application has bullmq ^4.2.0" in after.outcome()[1]


def test_version_1_of_the_sdk(tmp_path: Path) -> None:
    text = 'import { createFunction } from "inngest";\nexport const f1 = createFunction("one", "a/x", async ({ event }) => event);\n'
    package = tree("")["package.json"].replace("^3.40.0", "^1.0.0")
    after = rewrite(tmp_path, tree("", "f1", **{"src/functions.ts": text, "package.json": package}))
    kept = [line for line in after.files["src/functions.ts"].splitlines() if "TODO(migrate" not in line]
    assert kept == text.splitlines()
    assert not after.changes.new_files


@pytest.mark.parametrize(
    ("path", "module"),
    [
        pytest.param("src/deno.ts", "jsr:@inngest/sdk@3.45.1", id="by address"),
        pytest.param("supabase/functions/lib/inngest.ts", "inngest", id="a function of Supabase"),
    ],
)
def test_a_client_on_deno(tmp_path: Path, path: str, module: str) -> None:
    """The generated code would ask for packages that are not there, and take every event of that client with it."""
    made = f'import {{ Inngest }} from "{module}";\n\nconst inngest = new Inngest({{ id: "shop" }});\n'
    text = made + 'export const go = () => inngest.send({ name: "a/x" });\n'
    files = tree(one(), "f1", **{path: text})
    after = rewrite(tmp_path, files, unsafe=True)
    assert after.outcome() == ("left", f"Stays on Inngest: a client runs on Deno, where the generated code finds no packages ({path}).")
    assert after.files[path] == text
    assert after.files["package.json"] == files["package.json"]


def test_two_functions_with_one_id_name_each_other(tmp_path: Path) -> None:
    after = rewrite(tmp_path, tree(one() + one(symbol="f2"), "f1", "f2"))
    summary = after.outcome()[1]
    assert "there would be two queues with the name shop-one; give it another id (src/functions.ts:3)" in summary


def test_a_reason_that_holds_at_many_places_is_said_once(tmp_path: Path) -> None:
    clients = {
        f"apps/{n}/client.ts": 'import { Inngest } from "inngest";\n\nexport const inngest = new Inngest({ id: "x", middleware: [] });\n'
        for n in "abcde"
    }
    after = rewrite(tmp_path, tree(one(), "f1", **clients))
    places = "(apps/a/client.ts, apps/b/client.ts, apps/c/client.ts and 2 more)"
    assert after.outcome()[1] == f"Stays on Inngest: its client has middleware, which would no longer see its events and steps {places}."
