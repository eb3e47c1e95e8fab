"""Rules about functions that run in steps: what only looks wrong they let pass, and what they cannot follow they call unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan
from tests.rules.test_examples import became

_HEAD = 'import { Inngest } from "inngest";\nimport { PrismaClient } from "@prisma/client";\nconst db = new PrismaClient();\n'
_INNGEST = _HEAD + 'export const inngest = new Inngest({ id: "shop" });\n'
_JOB = (
    'export const ship = inngest.createFunction({ id: "ship"OPTIONS }, { event: "order/paid" }, async ({ event, step }) => {\nBODY\n});\n'
)
_END = '\n  await step.run("end", () => note());'
_UPSTASH = 'import { serve } from "@upstash/workflow/nextjs";\nexport const { POST } = serve(async (context) => {\nBODY\n});\n'


def _job(body: str, options: str = "") -> dict[str, str]:
    return {"a.ts": _INNGEST + _JOB.replace("BODY", body).replace("OPTIONS", options)}


def _flow(body: str) -> dict[str, str]:
    return {"app/api/flow/route.ts": _UPSTASH.replace("BODY", body)}


_EACH = "\nfor (const x of xs) {\nawait step.run(x.id, () => note());\n}"
_UPDATE = "await db.order.update({ where: { id: 1 }, data: { seen: true } });"

CASES = {
    # JOB002
    "a write after the last step": ("JOB002", "pass", _job('await step.run("a", () => note());\n' + _UPDATE)),
    "a write in a branch that returns": ("JOB002", "pass", _job(f"if (!event.data.id) {{\n{_UPDATE}\nreturn;\n}}" + _END)),
    "a write in a branch that throws": ("JOB002", "pass", _job(f"if (!event.data.id) {{\n{_UPDATE}\nthrow new Error();\n}}" + _END)),
    "a write in one branch and the step in the other": (
        "JOB002",
        "pass",
        _job(f'if (event.data.id) {{\n{_UPDATE}\n}} else {{\nawait step.run("a", () => note());\n}}'),
    ),
    "a write in a branch before the step": ("JOB002", "fail", _job(f"if (event.data.id) {{\n{_UPDATE}\n}}" + _END)),
    "a write after the step of a loop": (
        "JOB002",
        "fail",
        _job(f'for (const x of event.data.xs) {{\nawait step.run("a", () => note());\n{_UPDATE}\n}}'),
    ),
    "a write in a function of the project": (
        "JOB002",
        "fail",
        {**_job("await seen();" + _END), "b.ts": _HEAD + f"export async function seen() {{\n{_UPDATE}\n}}\n"}
        | {"a.ts": 'import { seen } from "./b";\n' + _job("await seen();" + _END)["a.ts"]},
    ),
    "a write in a function that is handed to a step by name": (
        "JOB002",
        "pass",
        _job(f"const seen = async () => {{\n{_UPDATE}\n}};\nawait step.run('a', seen);" + _END),
    ),
    "a function without steps": ("JOB002", "not-applicable", _job(_UPDATE)),
    "a read": ("JOB002", "pass", _job("const order = await db.order.findUnique({ where: { id: 1 } });" + _END)),
    "a package that is not known": (
        "JOB002",
        "unknown",
        {"a.ts": 'import { push } from "strange";\n' + _job("await push(event.data);" + _END)["a.ts"]},
    ),
    "an event that is sent outside of a step": ("JOB002", "fail", _job('await inngest.send({ name: "order/seen" });' + _END)),
    "an event that a step sends": ("JOB002", "pass", _job('await step.sendEvent("s", { name: "order/seen" });' + _END)),
    "a request that asks": ("JOB002", "pass", _job('const r = await fetch("https://example.com");' + _END)),
    "a request that does": ("JOB002", "fail", _job('await fetch("https://example.com", { method: "POST" });' + _END)),
    "a moment for one step": ("JOB002", "pass", _job("const at = Date.now();" + _END.replace("note()", "note(at)"))),
    "a moment that is only logged": ("JOB002", "pass", _job("const at = Date.now();\nconsole.log(at);" + _END)),
    "a fixed day": ("JOB002", "pass", _job('const at = new Date("2026-01-01");\nif (at > event.data.x) return;' + _END)),
    "sleeping until a moment that is not over": (
        "JOB002",
        "pass",
        _job('if (event.data.at > Date.now()) {\nawait step.sleepUntil("s", event.data.at);\n}' + _END),
    ),
    "a branch by the clock that sleeps first": (
        "JOB002",
        "fail",
        _job('if (event.data.at > Date.now()) {\nawait step.sleepUntil("s", event.data.at);\nawait step.run("b", () => note());\n}' + _END),
    ),
    "a moment that ends the run": ("JOB002", "fail", _job("if (event.data.until < Date.now()) return;" + _END)),
    "an id for two steps": (
        "JOB002",
        "fail",
        _job('const id = crypto.randomUUID();\nawait step.run("a", () => make(id));' + _END.replace("note()", "note(id)")),
    ),
    "a write of a workflow": (
        "JOB002",
        "fail",
        {**_flow('await fetch("https://x.dev", { method: "POST" });\nawait context.sleep("s", 5);')},
    ),
    # JOB003
    "another object that is called step": (
        "JOB003",
        "pass",
        _job('await step.run("a", async () => {\nconst step = wizard();\nawait step.run("b", () => note());\n});'),
    ),
    "a step in a callback that is no step's": (
        "JOB003",
        "pass",
        _job("await Promise.all(event.data.xs.map((x: string) => step.run(x, () => note())));"),
    ),
    "a helper that is handed the tools within a step": (
        "JOB003",
        "fail",
        {
            "a.ts": 'import { more } from "./b";\n' + _job('await step.run("a", () => more(step));')["a.ts"],
            "b.ts": 'export async function more(tools: any) {\n  await tools.run("b", () => 1);\n}\n',
        },
    ),
    "a helper that is handed the tools in an object": (
        "JOB003",
        "fail",
        {
            "a.ts": 'import { more } from "./b";\n' + _job('await step.run("a", () => more({ step, event }));')["a.ts"],
            "b.ts": 'export async function more({ step }: any) {\n  await step.run("b", () => 1);\n}\n',
        },
    ),
    "a helper that does nothing with the tools": (
        "JOB003",
        "pass",
        {
            "a.ts": 'import { more } from "./b";\n' + _job('await step.run("a", () => more(step));')["a.ts"],
            "b.ts": "export async function more(tools: any) {\n  return 1;\n}\n",
        },
    ),
    "a helper of a package": (
        "JOB003",
        "unknown",
        {"a.ts": 'import { more } from "strange";\n' + _job('await step.run("a", () => more(step));')["a.ts"]},
    ),
    "a helper that is handed the tools beside the steps": (
        "JOB003",
        "pass",
        {
            "a.ts": 'import { more } from "./b";\n' + _job('await more(step);\nawait step.run("a", () => note());')["a.ts"],
            "b.ts": 'export async function more(tools: any) {\n  await tools.run("b", () => 1);\n}\n',
        },
    ),
    "a workflow's step within a step": (
        "JOB003",
        "fail",
        _flow('await context.run("a", async () => {\nawait context.run("b", () => 1);\n});'),
    ),
    "what a workflow was sent, read in a step": (
        "JOB003",
        "pass",
        _flow('const { id } = context.requestPayload;\nawait context.run("a", async () => {\nawait drop(id);\n});'),
    ),
    # JOB004
    "a variable of the step itself": ("JOB004", "pass", _job('await step.run("a", async () => {\nlet n = 0;\nn = 5;\nreturn n;\n});')),
    "a variable that nobody looks at": ("JOB004", "pass", _job('let n = 0;\nawait step.run("a", async () => {\nn = 5;\n});')),
    "a variable that was looked at before": (
        "JOB004",
        "pass",
        _job('let n = 0;\nnote(n);\nawait step.run("a", async () => {\nn = 5;\n});'),
    ),
    "a variable of the file": (
        "JOB004",
        "pass",
        {"a.ts": "let n = 0;\n" + _job('await step.run("a", async () => {\nn = 5;\n});\nreturn n;')["a.ts"]},
    ),
    "a variable of another function with the same name": (
        "JOB004",
        "pass",
        _job('const f = () => {\nlet n = 1;\nreturn n;\n};\nawait step.run("a", async () => {\nlet n = 5;\nn += 1;\n});\nreturn f();'),
    ),
    "what the step answers as well": (
        "JOB004",
        "pass",
        _job('let user = load();\nuser = await step.run("a", async () => {\nuser.name = "x";\nreturn user;\n});\nreturn user;'),
    ),
    "a property": ("JOB004", "fail", _job('const user = load();\nawait step.run("a", async () => {\nuser.name = "x";\n});\nsave(user);')),
    "a client that is told something": (
        "JOB004",
        "pass",
        _job('const cache = connect();\nawait step.run("a", async () => {\nawait cache.set("k", 1);\n});\nreturn cache.get("k");'),
    ),
    "a map": ("JOB004", "fail", _job('const m = new Map();\nawait step.run("a", () => m.set("k", 1));\nreturn m;')),
    "a counter in a loop, looked at before the step": (
        "JOB004",
        "fail",
        _job("let n = 0;\nfor (const x of event.data.xs) {\nif (n > 3) break;\nawait step.run(x, async () => {\nn++;\n});\n}"),
    ),
    # JOB007
    "the event of the failure in a log": (
        "JOB007",
        "pass",
        _job("", ", onFailure: async ({ event }) => { console.log(event.name, event.data.event.name); }"),
    ),
    "the name of the failure kept as that of the event": (
        "JOB007",
        "fail",
        _job("", ", onFailure: async ({ event }) => { await keep({ name: event.name, data: event.data.event.data }); }"),
    ),
    "a field that is taken out of the wrong data": (
        "JOB007",
        "fail",
        _job("", ", onFailure: async ({ event }) => { const { orderId } = event.data; await keep(orderId); }"),
    ),
    "a field that is taken out of the right data": (
        "JOB007",
        "pass",
        _job("", ", onFailure: async ({ event, error }) => { const { orderId } = event.data.event.data; await keep(orderId, error); }"),
    ),
    "what a failure does have": (
        "JOB007",
        "pass",
        _job("", ", onFailure: async (ctx) => { await keep(ctx.event.data.run_id, ctx.event.data.function_id, ctx.event.data.error); }"),
    ),
    "a handler of failures in another file": (
        "JOB007",
        "fail",
        {
            "a.ts": 'import { failed } from "./b";\n' + _job("", ", onFailure: failed")["a.ts"],
            "b.ts": "export async function failed({ event }: any) {\n  await keep(event.data.orderId);\n}\n",
        },
    ),
    "a function that the event of failures starts": (
        "JOB007",
        "fail",
        {
            "a.ts": _INNGEST
            + _JOB.replace("order/paid", "inngest/function.failed")
            .replace("OPTIONS", "")
            .replace("BODY", "await keep(event.data.orderId);")
        },
    ),
    "no handler of failures": ("JOB007", "not-applicable", _job("await keep(event.data.orderId);")),
    # JOB209
    "a list that is written out": ("JOB209", "pass", _job('for (const x of ["a", "b"]) {\nawait step.run(x, () => note());\n}')),
    "a counter": ("JOB209", "pass", _job("for (let i = 0; i < 10; i++) {\nawait step.run(`a-${i}`, () => note());\n}")),
    "a counter over a list that is written out": (
        "JOB209",
        "pass",
        _job('const xs = ["a", "b"];\nfor (let i = 0; i < xs.length; i++) {\nawait step.run(xs[i], () => note());\n}'),
    ),
    "a counter over a list of the event's": (
        "JOB209",
        "unknown",
        _job("const xs = event.data.xs;\nfor (let i = 0; i < xs.length; i++) {\nawait step.run(xs[i], () => note());\n}"),
    ),
    "a counter that is too large": ("JOB209", "fail", _job("for (let i = 0; i < 2000; i++) {\nawait step.run(`a-${i}`, () => note());\n}")),
    "a list in the event": ("JOB209", "unknown", _job("for (const x of event.data.xs) {\nawait step.run(x, () => note());\n}")),
    "a loop until something happens": (
        "JOB209",
        "unknown",
        _job('while (true) {\nawait step.sleep("s", "1h");\nif (await step.run("a", () => ready())) break;\n}'),
    ),
    "rows of one thing": (
        "JOB209",
        "unknown",
        _job('const xs = await step.run("l", () => db.line.findMany({ where: { orderId: event.data.id } }));' + _EACH),
    ),
    "rows handed to map": (
        "JOB209",
        "fail",
        _job('const xs = await step.run("l", () => db.user.findMany());\nawait Promise.all(xs.map((x) => step.run(x.id, () => note())));'),
    ),
    "a limit of the rows that belong to each": (
        "JOB209",
        "fail",
        _job('const xs = await step.run("l", () => db.user.findMany({ include: { posts: { take: 5 } } }));' + _EACH),
    ),
    "a limit beside one of the rows that belong to each": (
        "JOB209",
        "pass",
        _job('const xs = await step.run("l", () => db.user.findMany({ include: { posts: { take: 5 } }, take: 10 }));' + _EACH),
    ),
    "a limit that has a name": (
        "JOB209",
        "pass",
        _job('const N = 50;\nconst xs = await step.run("l", () => db.user.findMany({ take: N }));' + _EACH),
    ),
    "a loop within a step": (
        "JOB209",
        "not-applicable",
        _job('await step.run("l", async () => {\nfor (const x of await db.user.findMany()) {\nawait mail(x);\n}\n});'),
    ),
}


_SEVERITIES = {
    "a branch that waits and goes on": ("high", 'await step.sleepUntil("s", event.data.at);\nawait step.run("b", () => note());'),
    "a branch that goes on and waits": ("medium", 'await step.run("b", () => note());\nawait step.sleepUntil("s", event.data.at);'),
}


@pytest.mark.parametrize("branch", _SEVERITIES)
def test_a_branch_by_the_clock_is_as_bad_as_what_may_be_left_out(tmp_path: Path, branch: str) -> None:
    severity, steps = _SEVERITIES[branch]
    (tmp_path / "a.ts").write_text(_job(f"if (event.data.at > Date.now()) {{\n{steps}\n}}" + _END)["a.ts"])
    assert [f.severity for f in check(scan(tmp_path), tmp_path, select=["JOB002"]).findings] == [severity]


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    rule, state, files = CASES[case]
    assert became(tmp_path, rule, files).state == state
