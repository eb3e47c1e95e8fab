"""The compiler has nothing to say of rewritten applications, against the real packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codemods.typescript.inngest_to_bullmq.application import rewrite, tree, two
from tests.codemods.typescript.inngest_to_bullmq.examples import NEXT, NODE
from tests.codemods.typescript.inngest_to_bullmq.modules import type_errors, with_modules

pytestmark = pytest.mark.behaviour

KINDS = """import { EventSchemas, Inngest } from "inngest";
import { z } from "zod";

const order = z.object({ id: z.string(), lines: z.array(z.object({ amount: z.number(), at: z.date() })) });

const shapes = { "order/made": { data: order } };

export const inngest = new Inngest({
  id: "shop",
  schemas: new EventSchemas()
    .fromZod(shapes)
    .fromRecord<{ "order/paid": { data: { id: string; by?: { name: string } } }; "plain/one": { data: {} } }>(),
});
"""

FUNCTIONS = """import { NonRetriableError, RetryAfterError } from "inngest";
import { inngest } from "./client";

export const made = inngest.createFunction(
  {
    id: "made",
    retries: 1,
    onFailure: async ({ event, error, step }) => {
      const lines: number = event.data.event.data.lines.length;
      await step.run("tell", () => console.log(error.message, lines, event.data.run_id));
    },
  },
  { event: "order/made" },
  async ({ event, step, attempt, runId, logger }) => {
    const total: number = event.data.lines.reduce((sum, line) => sum + line.amount, 0);
    const found = await step.run("find", async () => ({ at: new Date(), maybe: undefined as string | undefined, list: [1, 2] as const }));
    const at: string = found.at;
    const [first] = found.list;
    const nothing: null = await step.run("nothing", () => {});
    const many = await Promise.all([1, 2].map((n) => step.run(`each ${n}`, async (by: number) => n * by, 3)));
    await step.sleep("s", "2 days");
    await step.sleepUntil("u", new Date(at));
    const { ids } = await step.sendEvent("send", [{ name: "order/paid", data: { id: event.data.id } }, { name: "plain/one", data: {} }]);
    if (attempt > 2) throw new RetryAfterError("later", "30s", { cause: nothing });
    if (total < 0) throw new NonRetriableError(`${runId} ${ids.length} ${first} ${found.maybe ?? ""}`);
    logger.warn({ total }, many.reduce((a, b) => a + b, 0));
    return { total };
  },
);

export const either = inngest.createFunction(
  { id: "either", concurrency: [{ limit: 3 }] },
  [{ event: "order/made" }, { event: "order/paid", if: "event.data.id != null" }, { cron: "0 * * * *" }],
  async ({ event, events }) => {
    if (event.name === "order/made") return event.data.lines.length + events.length;
    if (event.name === "order/paid") return event.data.by?.name ?? event.data.id;
    return undefined;
  },
);
"""

USE = """import { inngest } from "./client";

export async function use(id: string): Promise<string[]> {
  await inngest.send([{ name: "plain/one", data: {} }]);
  const { ids } = await inngest.send({ name: "order/made", data: { id, lines: [] }, id, ts: Date.now() + 1000 });
  return [...ids, ...(await inngest.send({ name: "order/paid", data: { id } })).ids];
}
"""


def typed(*names: str, **more: str) -> dict[str, str]:
    listed = ", ".join(names)
    server = (
        'import { createServer } from "node:http";\nimport { serve } from "inngest/node";\nimport { inngest } from "./client";\n'
        f'import {{ {listed} }} from "./functions";\nconst server = createServer();\n'
        f'server.on("request", serve({{ client: inngest, functions: [{listed}] }}));\nserver.listen(3000);\n'
    )
    files = tree("", **{"src/client.ts": KINDS, "src/functions.ts": FUNCTIONS, "src/go.ts": USE})
    files["package.json"] = files["package.json"].replace('"express": "4"', '"zod": "3"')
    return {**files, "src/server.ts": server, **more}


@pytest.mark.parametrize("strict", [False, True], ids=["own settings", "strictest"])
def test_everything_has_moved(tmp_path: Path, strict: bool) -> None:
    after = rewrite(tmp_path, {**typed("made", "either"), "tsconfig.json": NEXT["tsconfig.json"]}, unsafe=True)
    assert after.whole
    with_modules(tmp_path)
    assert type_errors(tmp_path, strict) == ""


@pytest.mark.parametrize("strict", [False, True], ids=["own settings", "strictest"])
def test_something_has_stayed(tmp_path: Path, strict: bool) -> None:
    files = typed(
        "made",
        "either",
        "f2",
        **{"src/functions.ts": FUNCTIONS + two().replace("a/x", "order/paid"), "tsconfig.json": NEXT["tsconfig.json"]},
    )
    after = rewrite(tmp_path, files)
    assert after.outcome("made")[0] == "rewritten"
    assert after.outcome("two")[0] == "left"
    with_modules(tmp_path)
    assert type_errors(tmp_path, strict) == ""


def test_before_there_is_nothing_to_say_either(tmp_path: Path) -> None:
    """Or the other tests would show nothing."""
    for path, text in {**typed("made", "either"), "tsconfig.json": NEXT["tsconfig.json"]}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    with_modules(tmp_path)
    assert type_errors(tmp_path) == ""


def test_an_application_on_next(tmp_path: Path) -> None:
    rewrite(tmp_path, NEXT)
    with_modules(tmp_path)
    assert type_errors(tmp_path) == ""


def test_version_4_with_modules_of_node(tmp_path: Path) -> None:
    rewrite(tmp_path, NODE)
    with_modules(tmp_path, inngest=4)
    assert type_errors(tmp_path) == ""


def test_a_misuse_is_still_told(tmp_path: Path) -> None:
    """Events keep their types."""
    rewrite(tmp_path, {**typed("made", "either"), "tsconfig.json": NEXT["tsconfig.json"]})
    with_modules(tmp_path)
    path = tmp_path / "src/functions.ts"
    path.write_text(path.read_text().replace("event.data.id }", "event.data.nothing }"))
    assert "Property 'nothing' does not exist" in type_errors(tmp_path)
