# ruff: noqa: E501 - code under test reads better on one line
"""Forms of Inngest's SDK, versions 1 to 4, and their look-alikes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from migrator.jobs import Endpoint, Enqueue, Expression, Inventory, Job, Literal, Schedule, Setting, Worker, literal_of
from migrator.scanners import scan

Scanned = Callable[[Mapping[str, str]], Inventory]

CLIENT = 'import { Inngest } from "inngest";\nexport const inngest = new Inngest({ id: "app" });\n'


@pytest.fixture
def scanned(tmp_path: Path) -> Scanned:
    """Scan a tree given as path -> text; `client.ts` is there unless it is given."""

    def run(files: Mapping[str, str]) -> Inventory:
        for path, text in {"client.ts": CLIENT, **files}.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(dedent(text))
        return scan(tmp_path)

    return run


def one_job(inventory: Inventory) -> Job:
    (job,) = inventory.of(Job, "inngest")
    return job


def body(code: str, *, head: str = "", options: str = 'id: "f", triggers: { event: "a/b" }', parameters: str = "{ event, step }") -> str:
    """A file with one function whose handler is `code`."""
    return f'import {{ inngest }} from "./client";\n{head}\nexport const f = inngest.createFunction({{ {options} }}, async ({parameters}) => {{\n{code}\n}});\n'


# --- definitions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "triggers"),
    [
        pytest.param('{ id: "f", triggers: { event: "a/b", if: "event.data.x == 1" } }', [("event", "a/b", "event.data.x == 1", "")], id="v4 one trigger"),
        pytest.param('{ id: "f", triggers: [{ event: "a" }, { cron: "TZ=Europe/Paris 0 9 * * *" }] }', [("event", "a", "", ""), ("cron", "0 9 * * *", "", "Europe/Paris")], id="v4 list"),
        pytest.param('{ id: "f", triggers: [made, { event: made, if: "true" }] }', [("event", "made/type", "", ""), ("event", "made/type", "true", "")], id="v4 eventType"),
        pytest.param('{ id: "f", triggers: cron("*/5 * * * *") }', [("cron", "*/5 * * * *", "", "")], id="v4 cron()"),
        pytest.param('{ id: "f", triggers: [invoke(staticSchema())] }', [("direct", "f", "", "")], id="v4 invoke()"),
        pytest.param('{ id: "f" }', [("direct", "f", "", "")], id="v4 without triggers"),
        pytest.param('{ id: "f" }, { event: NAMES.first }', [("event", "first/name", "", "")], id="v3 constant"),
        pytest.param('{ id: "f" }, [{ event: "a" }, ...more]', [("event", "a", "", ""), ("event", "more/1", "", "")], id="v3 list with spread"),
        pytest.param('"f", "a/b"', [("event", "a/b", "", "")], id="v3 texts"),
        pytest.param('{ name: "F" }, { event: "a/b" }', [("event", "a/b", "", "")], id="v2 name"),
        pytest.param('{ id: "f" }, { cron: "CRON_TZ=UTC 0 1 * * 1" }', [("cron", "0 1 * * 1", "", "UTC")], id="v3 cron"),
    ],
)  # fmt: skip
def test_triggers_of_every_form(scanned: Scanned, arguments: str, triggers: list[tuple[str, str, str, str]]) -> None:
    found = scanned(
        {
            "f.ts": f"""\
            import {{ cron, eventType, invoke, staticSchema }} from "inngest";
            import {{ inngest as client }} from "./client";
            const NAMES = {{ first: "first/name" }} as const;
            const more = [{{ event: "more/1" }}];
            const made = eventType("made/type", {{ schema: staticSchema() }});
            export const f = client.createFunction({arguments}, async () => {{}});
            """
        }
    )
    job = one_job(found)
    assert job.name == "f"
    assert [(t.kind, literal_of(t.value), t.condition, t.timezone) for t in job.triggers] == triggers
    crons = [t for t in triggers if t[0] == "cron"]
    assert [(literal_of(s.cron), s.timezone, s.job) for s in found.of(Schedule)] == [(t[1], t[3], "f.ts:f") for t in crons]


@pytest.mark.parametrize(
    ("option", "attempts", "explicit"),
    [("", 5, False), ("retries: 0,", 1, True), ("retries: 7,", 8, True), ("retries: undefined,", 5, False)],
)
def test_retries_are_counted_after_the_first_run(scanned: Scanned, option: str, attempts: int, explicit: bool) -> None:
    job = one_job(scanned({"f.ts": body("", options=f'{option} id: "f", triggers: {{ event: "a" }}')}))
    assert job.retry is not None
    assert (literal_of(job.retry.max_attempts), job.retry.explicit) == (attempts, explicit)
    assert job.retry.backoff.kind == "table"
    assert job.retry.backoff.table[0] == 15


def test_retries_from_code_are_carried_along(scanned: Scanned) -> None:
    job = one_job(scanned({"f.ts": body("", options='id: "f", retries: Number(process.env.N), triggers: { event: "a" }')}))
    assert job.retry is not None
    assert job.retry.max_attempts == Expression("Number(process.env.N)", offset=1)


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("5", 5),
        ("{ limit: 3 }", 3),
        ("[{ limit: 2 }]", 2),
        ("0", None),
        ('{ limit: 2, key: "event.data.x" }', {"limit": 2, "key": "event.data.x"}),
    ],
)
def test_concurrency(scanned: Scanned, written: str, limit: object) -> None:
    job = one_job(scanned({"f.ts": body("", options=f'id: "f", concurrency: {written}, triggers: {{ event: "a" }}')}))
    assert literal_of(job.concurrency) == limit


def test_the_definition_is_the_whole_statement_and_the_line_that_of_the_member(scanned: Scanned) -> None:
    text = (
        'import { inngest } from "./client";\n\nexport const f = inngest\n  .createFunction({ id: "f" }, { event: "a" }, async () => {});\n'
    )
    job = one_job(scanned({"f.ts": text}))
    assert (job.location.line, job.symbol, job.module) == (4, "f", "f.ts")
    assert job.definition is not None
    assert text[job.definition.start : job.definition.end] == text[text.index("export const f") :].rstrip("\n")


def test_default_export_commonjs_and_javascript(scanned: Scanned) -> None:
    found = scanned(
        {
            "a.ts": 'import { inngest } from "./client";\nexport default inngest.createFunction({ id: "a" }, { event: "e" }, async () => {});\n',
            "b.cjs": """\
                const { Inngest } = require("inngest");
                const client = new Inngest({ id: "b" });
                const b = client.createFunction({ id: "b" }, { event: "e" }, async ({ step }) => { await step.run("x", () => 1); });
                module.exports = { b };
                """,
        }
    )
    assert {(j.name, j.symbol, j.language) for j in found.of(Job)} == {("a", "default", "typescript"), ("b", "b", "javascript")}


def test_functions_made_in_a_factory_stand_where_they_are_asked_for(scanned: Scanned) -> None:
    found = scanned(
        {
            "make.ts": """\
                import { inngest } from "./client";
                export function onEvent(id: string, event: string, handler: any) {
                  return inngest.createFunction({ id }, { event }, handler);
                }
                """,
            "use.ts": """\
                import { onEvent } from "./make";
                export const welcome = onEvent("welcome", "user/created", async ({ step }) => { await step.run("mail", () => 1); });
                """,
        }
    )
    (job,) = [j for j in found.of(Job) if not j.wrapper]
    assert (job.name, job.location.path, job.location.line) == ("welcome", "use.ts", 2)
    assert [literal_of(t.value) for t in job.triggers] == ["user/created"]
    assert [s.kind for s in job.steps] == ["run"]


def test_a_function_in_a_class_of_its_own(scanned: Scanned) -> None:
    found = scanned(
        {
            "service.ts": """\
                import { Inngest } from "inngest";
                export class Jobs {
                  constructor(private readonly client: Inngest) {}
                  build() { return this.client.createFunction({ id: "in-class" }, { event: "a" }, async () => {}); }
                  async start() { await this.client.send({ name: "a", data: {} }); }
                }
                """
        }
    )
    assert [j.name for j in found.of(Job)] == ["in-class"]
    assert [e.name for e in found.of(Enqueue)] == ["a"]


# --- what a handler does -----------------------------------------------------------------------------------------------


def test_steps_with_ids_loops_and_parallel_ones(scanned: Scanned) -> None:
    code = """\
      await step.run("first", () => 1);
      for (const x of [1, 2]) await step.run(`each-${x}`, () => x);
      await Promise.all([step.run("left", () => 1), step.run({ id: "right", name: "Right" }, () => 2)]);
      await Promise.all([1, 2].map(async (n) => { await step.run(`many-${n}`, () => n); }));
      const later = step.run("later", () => 1);
      await step.sleep("nap", "1h").catch(() => null);
      const send = async () => { await step.sendEvent("out", { name: "x/y", data: {} }); };
      await send();
      await later;
      return step.run("last", () => 1);
    """
    job = one_job(scanned({"f.ts": body(code)}))
    seen = [(s.kind, literal_of(s.id) or "…", s.in_loop, s.parallel) for s in job.steps]
    assert seen == [
        ("run", "first", False, False),
        ("run", "…", True, False),
        ("run", "left", False, True),
        ("run", "right", False, True),
        ("run", "…", True, True),
        ("run", "later", False, True),
        ("sleep", "nap", False, False),
        ("sendEvent", "out", False, False),
        ("run", "last", False, False),
    ]


@pytest.mark.parametrize(
    ("parameters", "code", "features"),
    [
        ("{ event, step, runId, attempt, logger }", "logger.info(runId, attempt, event.id, event.data.x);", {"context.logger", "context.runId", "context.attempt", "context.event.id", "context.event.data"}),
        ("ctx", "const { step: s, ...rest } = ctx; await s.run('a', () => rest.runId);", {"context...."}),
        ("{ event: { data, name }, ...others }", "use(data.x, name, others);", {"context.event.data", "context.event.name", "context...."}),
        ("ctx", "help(ctx);", {"context"}),
        ("{ step }", "await help(step);", {"context.step"}),
        ("{ events, group, publish }", "publish(events); group.parallel(() => 1);", {"context.events", "context.publish", "context.group"}),
        ("{ event }", "const event2 = event; use(event2.ts); { const event = { id: 1 }; use(event.id); }", {"context.event.ts"}),
    ],
)  # fmt: skip
def test_everything_of_the_context_that_is_touched(scanned: Scanned, parameters: str, code: str, features: set[str]) -> None:
    job = one_job(scanned({"f.ts": body(code, parameters=parameters)}))
    assert {u.feature for u in job.uses} == features


def test_a_handler_in_another_file_is_read_there(scanned: Scanned) -> None:
    found = scanned(
        {
            "handler.ts": "export async function handle({ step }: any) {\n  await step.run('there', () => 1);\n}\n",
            "f.ts": 'import { inngest } from "./client";\nimport { handle } from "./handler";\n'
            'export const f = inngest.createFunction({ id: "f" }, { event: "a" }, handle);\n',
        }
    )
    job = one_job(found)
    assert job.handler is not None
    assert (job.handler.location.path, job.steps[0].location.path, job.steps[0].location.line) == ("handler.ts", "handler.ts", 2)


def test_a_handler_that_is_not_to_be_found_is_said(scanned: Scanned) -> None:
    found = scanned(
        {
            "f.ts": 'import { inngest } from "./client";\nexport const f = (h: any) => inngest.createFunction({ id: "f" }, { event: "a" }, h);\n'
        }
    )
    assert any("handler" in u.reason for u in found.unresolved)


# --- events ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('inngest.send({ name: "a/b", data: {} })', ["a/b"]),
        ('inngest.send([{ name: "a", data: {} }, { name: "b", data: {} }])', ["a", "b"]),
        ('inngest.send(list.map((x) => ({ name: "each", data: { x } })))', ["each"]),
        ('inngest.send([...list.map((x) => { return { name: "each", data: { x } }; }), { name: "last", data: {} }])', ["each", "last"]),
        ('inngest.send(list.map((x) => ({ name: "each", data: { x } })) as any)', ["each"]),
        ("inngest.send(made.create({ x: 1 }, { id: 'k' }))", ["made/type"]),
        ("inngest.send({ ...made.create({ x: 1 }), id: 'k' })", ["made/type"]),
        ("inngest.send(build(1))", ["built"]),
        ('inngest.send({ name: NAMES["x"], data: {} })', ["const/x"]),
        ("inngest.send({ name: `const/${'y'}`, data: {} })", ["const/y"]),
        ("inngest.send(unknown)", [""]),
        ("renamed.send({ name: 'through/other', data: {} })", ["through/other"]),
    ],
)
def test_events_that_are_sent(scanned: Scanned, code: str, names: list[str]) -> None:
    found = scanned(
        {
            "barrel.ts": 'export { inngest as renamed } from "./client";\n',
            "f.ts": f"""\
            import {{ eventType }} from "inngest";
            import {{ inngest }} from "./client";
            import {{ renamed }} from "./barrel";
            const made = eventType("made/type");
            const NAMES: Record<string, string> = {{ x: "const/x" }};
            const build = (x: number) => ({{ name: "built", data: {{ x }} }});
            export async function go(list: number[], unknown: any) {{ await {code}; }}
            """,
        }
    )
    assert sorted(e.name for e in found.of(Enqueue)) == names
    assert all(e.form == "send" and e.awaited for e in found.of(Enqueue))


def test_what_an_event_carries_besides_its_data(scanned: Scanned) -> None:
    found = scanned({"f.ts": 'import { inngest } from "./client";\ninngest.send({ name: "a", data: {}, id: "k", ts: later, v: "2" });\n'})
    (sent,) = found.of(Enqueue)
    assert (sent.dedupe, sent.eta, sent.options) == (Literal("k"), Expression("later"), {"v": Literal("2")})


def test_a_helper_is_listed_where_it_is_called(scanned: Scanned) -> None:
    found = scanned(
        {
            "publish.ts": 'import { inngest } from "./client";\nexport async function publish(...events: any[]) { await inngest.send(events); }\n',
            "route.ts": 'import { publish } from "./publish";\nawait publish({ name: "a", data: {} }, { name: "b", data: {} });\n',
        }
    )
    assert [(e.name, e.via, e.location.path) for e in found.production if isinstance(e, Enqueue)] == [
        ("a", ("publish",), "route.ts"),
        ("b", ("publish",), "route.ts"),
    ]


def test_the_package_under_its_name_on_jsr(scanned: Scanned) -> None:
    found = scanned(
        {
            "functions/lib.ts": 'import { Inngest } from "jsr:@inngest/sdk@3.45.1";\nexport const events = new Inngest({ id: "edge" });\n',
            "functions/go.ts": 'import { events } from "./lib.ts";\nawait events.send({ name: "a/b", data: {} });\n',
        }
    )
    assert [(e.name, e.location.path) for e in found.of(Enqueue)] == [("a/b", "functions/go.ts")]


def test_another_package_of_jsr_is_none(scanned: Scanned) -> None:
    found = scanned({"a.ts": 'import { Inngest } from "jsr:@other/inngest";\nnew Inngest({ id: "x" }).send({ name: "a/b", data: {} });\n'})
    assert found.of(Enqueue) == ()


def test_a_helper_that_casts_what_it_makes_of_a_list(scanned: Scanned) -> None:
    found = scanned(
        {
            "many.ts": """
                import { inngest } from "./client";
                const names = { one: "app/one", two: "app/two" } as const;
                export async function many(task: keyof typeof names, items: any[]) {
                  const name = names[task];
                  return inngest.send(items.map((item) => ({ name, data: item })) as any);
                }
            """,
            "route.ts": 'import { many } from "./many";\nawait many("two", rows);\n',
        }
    )
    assert [(e.name, e.location.path) for e in found.production if isinstance(e, Enqueue) and not e.wrapper] == [("app/two", "route.ts")]


def test_a_client_on_a_context_is_known_by_its_name(scanned: Scanned) -> None:
    found = scanned({"router.ts": 'export const go = async (opts: any) => { await opts.ctx.inngest.send({ name: "a/b", data: {} }); };\n'})
    (sent,) = found.of(Enqueue)
    assert (sent.name, sent.confidence) == ("a/b", "likely")


def test_steps_that_send_and_invoke(scanned: Scanned) -> None:
    code = 'await step.sendEvent("s", [{ name: "a", data: {} }]);\nawait step.invoke("i", { function: other, data: {} });\nawait step.invoke("r", { function: referenceFunction({ appId: "x", functionId: "far" }) });'
    head = 'import { referenceFunction } from "inngest";\nimport { other } from "./other";'
    other = 'import { inngest } from "./client";\nexport const other = inngest.createFunction({ id: "other-id" }, { event: "z" }, async () => {});\n'
    found = scanned({"f.ts": body(code, head=head), "other.ts": other})
    assert [(e.form, e.name, e.job) for e in found.of(Enqueue)] == [
        ("sendEvent", "a", ""),
        ("invoke", "other-id", "other.ts:other"),
        ("invoke", "far", ""),
    ]


def test_step_send_event_in_a_file_that_never_mentions_inngest(scanned: Scanned) -> None:
    found = scanned(
        {"deep/help.ts": 'export const help = async (step: any) => { await step.sendEvent("id", { name: "x/y", data: {} }); };\n'}
    )
    assert [(e.name, e.form) for e in found.of(Enqueue)] == [("x/y", "sendEvent")]


def test_events_posted_by_hand(scanned: Scanned) -> None:
    found = scanned(
        {
            "post.ts": """\
                const url = `https://inn.gs/e/${process.env.INNGEST_EVENT_KEY}`;
                export const go = () => fetch(url, { method: "POST", body: JSON.stringify({ name: "raw/event", data: {} }) });
                """
        }
    )
    assert [(e.name, e.form, e.location.line) for e in found.of(Enqueue)] == [("raw/event", "fetch", 2)]
    assert [s.name for s in found.of(Setting)] == ["INNGEST_EVENT_KEY"]


# --- endpoints and liveness --------------------------------------------------------------------------------------------

TWO = """\
import { inngest } from "./client";
export const a = inngest.createFunction({ id: "a" }, { event: "a" }, async () => {});
export const b = inngest.createFunction({ id: "b" }, { event: "b" }, async () => {});
"""


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ('import { serve } from "inngest/next";\nexport const { GET, POST, PUT } = serve({ client: inngest, functions: [a] });', "serve"),
        ('import { serve as make } from "inngest/express";\napp.use("/api/inngest", make({ client: inngest, functions: [a] }));', "serve"),
        ('import { serve } from "inngest/lambda";\nexport const handler = serve(inngest, [a]);', "serve"),
        ('import * as sdk from "inngest/hono";\napp.on(["GET"], "/x", sdk.serve({ client: inngest, functions: [a] }));', "serve"),
        ('import plugin from "inngest/fastify";\nfastify.register(plugin, { client: inngest, functions: [a] });', "register"),
        ('import { createServer } from "inngest/node";\ncreateServer({ client: inngest, functions: [a] }).listen(1);', "createServer"),
        ('import { connect } from "inngest/connect";\nawait connect({ apps: [{ client: inngest, functions: [a] }] });', "connect"),
    ],
)
def test_only_listed_functions_are_live(scanned: Scanned, code: str, name: str) -> None:
    found = scanned({"two.ts": TWO, "serve.ts": f'import {{ inngest }} from "./client";\nimport {{ a }} from "./two";\n{code}\n'})
    assert [i.name for i in (*found.of(Endpoint), *found.of(Worker))] == [name]
    assert {j.name: j.live for j in found.of(Job)} == {"a": True, "b": False}


@pytest.mark.parametrize(
    ("listed", "live"),
    [
        ("[...all]", {"a": True, "b": True}),
        ("Object.values(two)", {"a": True, "b": True}),
        ("[two.a].concat([two.b])", {"a": True, "b": True}),
        ("[two.a, ...fromElsewhere()]", {"a": True, "b": None}),
        ("[two.b] as any[]", {"a": False, "b": True}),
    ],
)
def test_lists_of_functions(scanned: Scanned, listed: str, live: dict[str, bool | None]) -> None:
    serve = f"""\
        import {{ serve }} from "inngest/next";
        import {{ fromElsewhere }} from "somewhere";
        import {{ inngest }} from "./client";
        import * as two from "./two";
        import {{ a, b }} from "./two";
        const all = [a, b];
        export const {{ GET, POST, PUT }} = serve({{ client: inngest, functions: {listed} }});
        """
    found = scanned({"two.ts": TWO, "serve.ts": serve})
    assert {j.name: j.live for j in found.of(Job)} == live
    assert bool([u for u in found.unresolved if "functions in this list" in u.reason]) == (None in live.values())


def test_without_an_endpoint_nothing_is_said_of_liveness(scanned: Scanned) -> None:
    assert {j.live for j in scanned({"two.ts": TWO}).of(Job)} == {None}


# --- look-alikes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'import { EventEmitter } from "node:events";\nconst emitter: any = new EventEmitter();\nemitter.send({ name: "a/b", data: {} });',
        'import { step } from "some-other-library";\nstep.run("x", () => 1);\nstep.sendEvent("x", { name: "a", data: {} });',
        'import express from "express";\nconst app = express();\napp.get("/", (req, res) => res.send({ name: "a", data: {} }));',
        'import { engine } from "some-engine";\nengine.define("x", async ({ step }) => { await step.sendEvent("y", { name: "a", data: {} }); });',
        'const own = { define: (name: string, work: any) => ({ name, work }) };\nown.define("x", async ({ step }: any) => { await step.sendEvent("y", { name: "a", data: {} }); });',
        'import { serve } from "bun";\nserve({ functions: [] });',
        'import { Inngest } from "./mine";\nconst inngest = new Inngest({ id: "x" });\ninngest.createFunction({ id: "f" }, { event: "a" }, async () => {});',
        'const inngest = { send: (x: unknown) => x };\ninngest.send({ name: "a", data: {} });',
    ],
)
def test_look_alikes_give_nothing(scanned: Scanned, text: str) -> None:
    found = scanned(
        {"client.ts": "", "mine.ts": "export class Inngest { constructor(o: any) {} createFunction(...a: any[]) {} }\n", "x.ts": text}
    )
    assert [i for i in found.items if i.system == "inngest"] == []


def test_events_that_a_function_gathers_are_those_that_are_sent(scanned: Scanned) -> None:
    inventory = scanned(
        {
            "f.ts": body(
                """
                const { events, routed } = downstream(event.data);
                if (events.length > 0) await step.sendEvent("go", events);
                """,
                head="""
                function downstream(data: Data): { routed: boolean; events: Next[] } {
                  const events: Next[] = [];
                  if (data.people) events.push({ name: "people/asked", data: {} });
                  if (data.index) events.push({ name: "index/asked", data: {} });
                  return { events, routed: events.length > 0 };
                }
                const unsent: Next[] = [];
                unsent.push({ name: "never/sent" });
                """,
            )
        }
    )
    assert sorted(e.name for e in inventory.of(Enqueue, "inngest")) == ["index/asked", "people/asked"]
    assert all(e.in_loop for e in inventory.of(Enqueue, "inngest"))


def test_a_list_that_is_filled_out_of_sight_is_sent_all_the_same(scanned: Scanned) -> None:
    code = "const events = [];\nfill(events, event);\nawait step.sendEvent('go', events);\nawait step.sendEvent('none', []);"
    inventory = scanned({"f.ts": body(code)})
    assert [e.name for e in inventory.of(Enqueue, "inngest")] == [""]
