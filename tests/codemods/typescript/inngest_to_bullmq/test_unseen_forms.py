"""Forms of code that must not be taken for what they resemble: each stays on Inngest with its reason, or moves with the same meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codemods.harness import check_rewrite
from tests.codemods.typescript.inngest_to_bullmq.application import SEND, applied, defined, one, tree, two


@pytest.mark.parametrize(
    ("functions", "reason"),
    [
        (one(", retries: (process.env.TRIES ?? 3) as 3"), "its option `retries` depends on `process.env.TRIES ?? 3`"),
        (one(', retries: process.env.NODE_ENV === "production" ? 3 : 0'), "its option `retries` depends on"),
        ("let tries: 1 | 5 = 1;\nif (process.env.MORE) tries = 5;\n" + one(", retries: tries"), "its option `retries` depends on `tries`"),
        (one(event='process.env.EVENT ?? "a/x"'), 'what starts it depends on `process.env.EVENT ?? "a/x"`'),
        (one(', ["retries"]: 2'), 'the name of its option `["retries"]` is computed'),
    ],
    ids=["default of a variable", "ternary", "reassigned", "name of the event", "computed key"],
)
def test_what_is_decided_at_run_time_is_not_written_down(tmp_path: Path, functions: str, reason: str) -> None:
    outcome, summary = defined(check_rewrite(tmp_path, "inngest", "bullmq", tree(functions, "f1")))
    assert outcome == "left"
    assert reason in summary


def test_constants_are_followed_through_files(tmp_path: Path) -> None:
    names = 'export const EVENTS = { X: "a/x" } as const;\nexport const RETRIES = 2;\n'
    functions = 'import { EVENTS, RETRIES } from "./names";\n' + one(", retries: RETRIES", event="EVENTS.X")
    changes = check_rewrite(tmp_path, "inngest", "bullmq", tree(functions, "f1", **{"src/names.ts": names}))
    assert defined(changes)[0] == "rewritten"
    assert 'attempts: 3, events: [{ name: "a/x" }]' in changes.new_files["src/jobs/routes.ts"]


def test_an_idempotency_key_under_its_own_name_becomes_a_function(tmp_path: Path) -> None:
    before = tree('const idempotency = "event.data.key";\n' + one(", idempotency"), "f1")
    changes = check_rewrite(tmp_path, "inngest", "bullmq", before)
    written = [e.text for e in changes.edits if e.path == "src/functions.ts"]
    assert "idempotency: (event: any) => event.data?.key" in written


@pytest.mark.parametrize(
    ("functions", "reason"),
    [
        (
            one(body='async function () { const [{ step }] = arguments as any; await step.invoke("i", {}); }'),
            "its whole context is reached through `arguments`",
        ),
        (
            one(body='async ({ step }) => Promise.race([step.run("a", () => 1), step.sleep("b", "1m")])'),
            "it lets steps race (Promise.race)",
        ),
        ("const make = () => async () => {};\n" + one(", onFailure: make()"), "its onFailure could not be found in this code base"),
    ],
    ids=["arguments", "race", "computed onFailure"],
)
def test_what_a_handler_does_out_of_sight_keeps_it(tmp_path: Path, functions: str, reason: str) -> None:
    outcome, summary = defined(check_rewrite(tmp_path, "inngest", "bullmq", tree(functions, "f1")))
    assert outcome == "left"
    assert reason in summary


def test_a_race_within_the_work_of_a_step_is_its_own_business(tmp_path: Path) -> None:
    body = 'async ({ step }) => step.run("a", () => Promise.race([fetch("https://x.test"), new Promise((done) => setTimeout(done, 9))]))'
    assert defined(check_rewrite(tmp_path, "inngest", "bullmq", tree(one(body=body), "f1")))[0] == "rewritten"


def test_the_last_use_of_a_client_goes_with_its_endpoint(tmp_path: Path) -> None:
    """The client's new name must not be written into an import that is taken out."""
    before = tree(one(), "f1")
    changes = check_rewrite(tmp_path, "inngest", "bullmq", before)
    assert defined(changes)[0] == "rewritten"
    assert applied(before["src/server.ts"], changes, "src/server.ts") == (
        'import express from "express";\n\nconst app = express();\napp.listen(3000);\n'
    )
    assert applied(SEND, changes, "src/go.ts") == SEND.replace("inngest", "jobs")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/app/go/route.ts", 'import { go } from "../../go";\nexport const runtime = "edge";\nexport const POST = () => go();\n'),
        ("src/middleware.ts", 'import { go } from "./go";\nexport const middleware = () => go();\n'),
    ],
    ids=["edge route", "middleware"],
)
def test_an_edge_runtime_that_reaches_the_client_through_other_files(tmp_path: Path, path: str, text: str) -> None:
    outcome, summary = defined(check_rewrite(tmp_path, "inngest", "bullmq", tree(one(), "f1", **{path: text})))
    assert outcome == "left"
    assert "code runs on an edge runtime" in summary
    assert f"({path})" in summary


def test_an_edge_route_and_a_middleware_that_have_nothing_to_do_with_it(tmp_path: Path) -> None:
    more = {
        "src/app/go/route.ts": 'export const runtime = "edge";\nexport const POST = () => new Response("");\n',
        "src/middleware.ts": 'import { go } from "./go";\nexport const middleware = () => go();\n'
        'export const config = { runtime: "nodejs" };\n',
    }
    assert defined(check_rewrite(tmp_path, "inngest", "bullmq", tree(one(), "f1", **more)))[0] == "rewritten"


def test_a_helper_that_knows_inngests_own_errors_of_steps(tmp_path: Path) -> None:
    """What the runtime throws is of another class, so the helper would say no."""
    errors = 'import { StepError } from "inngest";\nexport const failed = (e: unknown) => e instanceof StepError;\n'
    functions = one() + two()
    changes = check_rewrite(tmp_path, "inngest", "bullmq", tree(functions, "f1", "f2", **{"src/errors.ts": errors}))
    outcome, summary = defined(changes)
    assert outcome == "left"
    assert "src/errors.ts tells Inngest's own StepError apart" in summary


def test_an_event_of_any_name_is_passed_on(tmp_path: Path) -> None:
    more = {"src/any.ts": 'import { inngest } from "./client";\nexport const any = (name: string) => inngest.send({ name });\n'}
    changes = check_rewrite(tmp_path, "inngest", "bullmq", tree(one(), "f1", **more))
    assert defined(changes)[0] == "rewritten"
    assert any("run time, which may be for another application" in note for note in changes.notes)
    assert not changes.removed_files


@pytest.mark.parametrize(
    "listed",
    [
        "const functions = [f1];\nif (process.env.MORE) functions.push(f2);",
        "let functions = [f1];\nif (process.env.MORE) functions = [f1, f2];",
        "const functions = [f1, ...(process.env.MORE ? [f2] : [])];",
        """class All {\n  held: unknown[] = [];\n  add(f: unknown) {\n    this.held.push(f);\n    return this;\n  }\n}
const all = new All();\nall.add(f1).add(f2);\nconst functions = all.held as any;""",
    ],
    ids=["push", "reassigned", "spread of a choice", "registry"],
)
def test_what_is_only_listed_in_some_cases_is_not_switched_on(tmp_path: Path, listed: str) -> None:
    before = tree(one() + two(""), "f1", "f2")
    text = before["src/server.ts"].replace("const app =", f"{listed}\n\nconst app =").replace("functions: [f1, f2]", "functions")
    outcome, summary = defined(check_rewrite(tmp_path, "inngest", "bullmq", {**before, "src/server.ts": text}), "two")
    assert outcome == "left"
    assert "an endpoint lists it on a condition only" in summary or "it could not be told whether an endpoint lists it" in summary


def test_keys_in_the_options_of_a_client_go_with_it(tmp_path: Path) -> None:
    before = tree(one(), "f1")
    client = before["src/client.ts"].replace('id: "shop"', 'id: "shop", eventKey: process.env.INNGEST_EVENT_KEY')
    changes = check_rewrite(tmp_path, "inngest", "bullmq", {**before, "src/client.ts": client})
    (setting,) = [d for d in changes.decisions if d.kind == "setting"]
    assert setting.outcome == "rewritten"
    assert applied(client, changes, "src/client.ts").endswith('export const jobs = createJobs({ id: "shop" });\n')


def test_keys_that_other_code_asks_for_keep_inngest(tmp_path: Path) -> None:
    more = {"src/ready.ts": "export const ready = () => Boolean(process.env.INNGEST_EVENT_KEY);\n"}
    changes = check_rewrite(tmp_path, "inngest", "bullmq", tree(one(), "f1", **more))
    assert any("src/ready.ts reads INNGEST_EVENT_KEY" in note for note in changes.notes)
