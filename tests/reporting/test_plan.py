"""A plan as people and programs read it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from migrator.planning.assumptions import parse
from migrator.planning.plan import Comparison, Plan
from migrator.planning.planner import compare, make_plan
from migrator.reporting.plan import render
from tests.planning.applications import evidence

APP = {
    "package.json": '{"dependencies": {"inngest": "^3.54.0", "stripe": "^14.0.0"}}\n',
    "src/client.ts": 'import { Inngest } from "inngest";\nexport const inngest = new Inngest({ id: "shop" });\n',
    "src/charge.ts": """import Stripe from "stripe";
import { inngest } from "./client";
const stripe = new Stripe(process.env.KEY);
export const charge = inngest.createFunction(
  { id: "charge", retries: 2, idempotency: "event.data.order" },
  { event: "order/placed" },
  async ({ event, step }) => {
    await step.run("pay", () => stripe.charges.create({ amount: event.data.amount }));
    const answer = await step.waitForEvent("answer", { event: "order/confirmed", timeout: "1d" });
    for (const item of event.data.items) await step.run(`ship-${item}`, () => ship(item));
  },
);
""",
    "src/clean.ts": """import { inngest } from "./client";
export const clean = inngest.createFunction({ id: "clean" }, { cron: "TZ=Europe/Paris 0 3 * * *" }, async () => sweep());
export const note = inngest.createFunction({ id: "note" }, { event: "order/placed" }, async ({ event }) => keep(event.data.id));
""",
    "src/serve.ts": """import { serve } from "inngest/next";
import { inngest } from "./client";
import { charge } from "./charge";
import { clean, note } from "./clean";
export default serve({ client: inngest, functions: [charge, clean, note] });
""",
    "src/order.ts": """import { inngest } from "./client";
export const place = (order: string) => inngest.send({ id: "redis://:hunter2@cache/0", name: "order/placed", data: { order } });
""",
}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(evidence(tmp_path, APP), "bullmq", assumptions=parse(["items=20"]))


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    return compare(evidence(tmp_path, APP), ["bullmq", "pg-boss", "inngest", "celery"])


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")


def test_as_text(plan: Plan, snapshot) -> None:
    text = render(plan, "text")
    assert max(map(len, text.splitlines())) <= 80
    assert text == snapshot


def test_as_markdown(plan: Plan, snapshot) -> None:
    assert render(plan, "markdown") == snapshot


def test_a_comparison_as_text(comparison: Comparison, snapshot) -> None:
    text = render(comparison, "text")
    assert max(map(len, text.splitlines())) <= 80
    assert text == snapshot


def test_a_comparison_as_markdown(comparison: Comparison, snapshot) -> None:
    assert render(comparison, "markdown") == snapshot


@pytest.mark.parametrize(("kind", "file"), [(Plan, "plan"), (Comparison, "comparison")])
def test_the_documented_schema_is_that_of_the_structs(kind: type, file: str) -> None:
    documented = Path(__file__).parents[2] / f"docs/{file}.schema.json"
    schema = json.dumps(msgspec.json.schema(kind))
    # Python 3.13 takes the indentation out of docstrings.
    current, there = (json.loads(re.sub(r"\\n *", r"\\n", text)) for text in (schema, json.dumps(json.loads(documented.read_text()))))
    assert there == current, f"write msgspec.json.schema({kind.__name__}) there"


def test_json_is_read_back(plan: Plan, comparison: Comparison) -> None:
    assert msgspec.json.decode(render(plan, "json"), type=Plan).totals == plan.totals
    assert msgspec.json.decode(render(comparison, "json"), type=Comparison) == comparison


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_secrets_that_stand_in_code_are_masked(plan: Plan, form: str) -> None:
    assert "hunter2" not in render(plan, form)


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_nothing_to_move_is_said(tmp_path: Path, form: str) -> None:
    empty = make_plan(evidence(tmp_path, {"a.py": "print(1)\n"}), "rq")
    assert "migrator.plan/1" in render(empty, form) if form == "json" else "No jobs to move were found." in render(empty, form)


def test_the_page_asks_nothing_of_the_network_and_names_every_job(plan: Plan, comparison: Comparison) -> None:
    for page in (render(plan, "html"), render(comparison, "html")):
        assert not re.search(r"""(?:src|href)=["'](?!#)""", page)
        assert "default-src &#39;none&#39;" in page
    page = render(plan, "html")
    assert page.count('class="job"') == len(plan.jobs)
    assert page.count('class="mark ') == len(plan.jobs)
    for job in plan.jobs:
        assert all(f'href="#{trap}"' in page and f'id="{trap}"' in page for trap in job.traps)


def test_names_that_are_markup_are_text(tmp_path: Path) -> None:
    files = {"a.ts": 'import { Worker } from "bullmq";\nnew Worker("<script>alert(1)</script>", async () => 1);\n'}
    page = render(make_plan(evidence(tmp_path, files), "pg-boss"), "html")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_move_that_nobody_has_looked_at_is_not_called_easy(tmp_path: Path, plan: Plan) -> None:
    unseen = make_plan(evidence(tmp_path, APP), "celery")
    words = "Nobody has looked at the move from Inngest to Celery on its own"
    assert words in " ".join(render(unseen, "markdown").split())
    assert "Nobody has looked" not in render(plan, "markdown")
