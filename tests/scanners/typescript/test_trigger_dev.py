"""The forms of Trigger.dev 2 to 4 that are read, and what is no form of it."""

from __future__ import annotations

import pytest

from migrator.jobs import Backoff, Client, Endpoint, Enqueue, Expression, Job, Literal, Schedule, Value

TASK = """
    import { batch, schedules, schemaTask, task, tasks } from "@trigger.dev/sdk/v3";
    export const welcome = task({ id: "welcome", run: async (payload: { id: number }) => { await send(payload.id); } });
"""


def scanned(scan_tree, code: str, **files: str):
    return scan_tree({**{name + ".ts": text for name, text in files.items()}, "app.ts": TASK.replace("\n    ", "\n") + code})


def enqueues(inventory) -> list[Enqueue]:
    return [e for e in inventory.production if isinstance(e, Enqueue)]


STARTS = {
    "trigger": ("welcome.trigger({ id: 1 });", "trigger"),
    "batch": ("welcome.batchTrigger([{ payload: { id: 1 } }]);", "batchTrigger"),
    "wait": ("export const f = async () => (await welcome.triggerAndWait({ id: 1 })).unwrap();", "triggerAndWait"),
    "wait, unwrapped": ("export const f = async () => await welcome.triggerAndWait({ id: 1 }).unwrap();", "triggerAndWait"),
    "by id": ("tasks.trigger<typeof welcome>('welcome', { id: 1 });", "trigger"),
    "by id, batch": ("tasks.batchTrigger<typeof welcome>('welcome', [{ payload: { id: 1 } }]);", "batchTrigger"),
    "by an id that has a name": ("const WELCOME = 'welcome';\ntasks.triggerAndWait(WELCOME, { id: 1 });", "triggerAndWait"),
    "list of ids": ("batch.trigger([{ id: 'welcome', payload: { id: 1 } }]);", "batch.trigger"),
    "list of tasks": ("batch.triggerByTask([{ task: welcome, payload: { id: 1 } }]);", "batch.triggerByTask"),
    "hook": ("import { useTaskTrigger } from '@trigger.dev/react-hooks';\nuseTaskTrigger('welcome', { accessToken });", "useTaskTrigger"),
}


@pytest.mark.parametrize(("code", "form"), STARTS.values(), ids=STARTS)
def test_a_task_is_started(scan_tree, code: str, form: str) -> None:
    assert [(e.name, e.form) for e in enqueues(scanned(scan_tree, code))] == [("welcome", form)]


def test_a_task_of_another_file_with_a_type(scan_tree) -> None:
    late = """
        import { type Task, schemaTask } from "@trigger.dev/sdk";
        export const late: Task<"late", Input, void> = schemaTask({ id: "late", schema, run: async () => {} });
    """
    found = enqueues(scanned(scan_tree, 'import { late } from "./late";\nlate.trigger({});', late=late))
    assert [e.name for e in found] == ["late"]


@pytest.mark.parametrize("passed", ["export * from", "export { tasks } from", "export { task, tasks } from"])
def test_a_file_that_passes_it_on(scan_tree, passed: str) -> None:
    files = {"jobs.ts": f'{passed} "@trigger.dev/sdk/v3";', "app.ts": 'import { tasks } from "./jobs";\ntasks.trigger("welcome", {});'}
    assert [(e.name, e.location.path) for e in enqueues(scan_tree(files))] == [("welcome", "app.ts")]


OPTIONS: dict[str, tuple[str, dict[str, Value]]] = {
    "delay": ("{ delay: '5m' }", {"delay": Literal(300)}),
    "moment": ("{ delay: startsAt }", {"eta": Expression("startsAt")}),
    "time to live": ("{ ttl: '1h' }", {"expires": Literal(3600)}),
    "attempts": ("{ maxAttempts: 5 }", {"max_attempts": Literal(5)}),
    "key": ("{ idempotencyKey: 'x' }", {"dedupe": Literal("x")}),
}


@pytest.mark.parametrize(("options", "expected"), OPTIONS.values(), ids=OPTIONS)
def test_options_in_the_models_units(scan_tree, options: str, expected: dict[str, Value]) -> None:
    found = enqueues(scanned(scan_tree, f"export const f = (startsAt) => welcome.trigger({{}}, {options});"))[0]
    assert {f: v for f in ("delay", "eta", "expires", "max_attempts", "dedupe") if (v := getattr(found, f)) is not None} == expected


def test_a_task_and_what_holds_for_it(scan_tree) -> None:
    code = """
        export const slow = schemaTask({
          id: "slow",
          schema,
          maxDuration: 300,
          retry: { maxAttempts: 5, factor: 3, minTimeoutInMs: 500, maxTimeoutInMs: 30_000, randomize: false },
          queue: { concurrencyLimit: 2 },
          onFailure: async () => {},
          run: async (payload) => {},
        });
    """
    jobs = {j.name: j for j in scanned(scan_tree, code).of(Job)}
    assert set(jobs) == {"welcome", "slow"}
    slow, welcome = jobs["slow"], jobs["welcome"]
    assert (slow.symbol, slow.form, slow.timeout, slow.concurrency) == ("slow", "schemaTask", Literal(300), Literal(2))
    assert slow.handler is not None
    assert slow.failure_handler is not None
    assert slow.retry is not None
    assert (slow.retry.max_attempts, slow.retry.backoff) == (Literal(5), Backoff("exponential", Literal(0.5), 3.0, Literal(30)))
    assert welcome.retry is not None
    assert (welcome.retry.max_attempts, welcome.retry.explicit) == (Literal(3), False)


SCHEDULES: dict[str, tuple[str, str, str]] = {
    "cron": ("export const n = schedules.task({ id: 'nightly', cron: '0 3 * * *', run: async () => {} });", "nightly", ""),
    "zone": (
        "export const n = schedules.task({ id: 'nightly', cron: { pattern: '0 3 * * *', timezone: 'Europe/Oslo' }, run });",
        "nightly",
        "Europe/Oslo",
    ),
    "made later": (
        "schedules.create({ task: welcome.id, cron: '0 3 * * *', timezone: 'Europe/Oslo', deduplicationKey: 'team' });",
        "team",
        "Europe/Oslo",
    ),
}


@pytest.mark.parametrize(("code", "name", "zone"), SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule(scan_tree, code: str, name: str, zone: str) -> None:
    found = scanned(scan_tree, code).of(Schedule)
    assert [(s.name, s.cron, s.timezone) for s in found] == [(name, Literal("0 3 * * *"), zone)]


def test_a_scheduled_task_without_a_cron_waits_for_one(scan_tree) -> None:
    inventory = scanned(scan_tree, "export const n = schedules.task({ id: 'nightly', run: async () => {} });")
    assert inventory.of(Schedule) == ()
    assert {j.name for j in inventory.of(Job)} == {"welcome", "nightly"}


SECOND = """
    import { TriggerClient, cronTrigger, eventTrigger, intervalTrigger, invokeTrigger } from "@trigger.dev/sdk";
    import { createAppRoute } from "@trigger.dev/nextjs";
    export const client = new TriggerClient({ id: "app", apiKey: process.env.TRIGGER_API_KEY });

    client.defineJob({
      id: "welcome", name: "Welcome", version: "1.0.0",
      trigger: eventTrigger({ name: "user.created" }),
      run: async (payload, io, ctx) => {
        await io.wait("a while", 60);
        await io.runTask("send", async () => send(payload));
      },
    });
    client.defineJob({ id: "nightly", name: "Nightly", version: "1", trigger: cronTrigger({ cron: "0 3 * * *" }), run: async () => {} });
    client.defineJob({ id: "often", name: "Often", version: "1", trigger: intervalTrigger({ seconds: 60 }), run: async () => {} });
    const child = client.defineJob({ id: "child", name: "Child", version: "1", trigger: invokeTrigger(), run: async () => {} });

    export const signup = async (id) => {
      await client.sendEvent({ name: "user.created", payload: { id } });
      await client.sendEvents([{ name: "user.created", payload: {} }, { name: "user.welcomed", payload: {} }]);
      await child.invoke("key", { id });
    };
    export const { POST, dynamic } = createAppRoute(client);
"""


def test_the_second_version(scan_tree) -> None:
    inventory = scan_tree({"app.ts": SECOND})
    jobs = {j.name: j for j in inventory.of(Job)}
    assert {name: (j.triggers[0].kind, j.triggers[0].value) for name, j in jobs.items()} == {
        "welcome": ("event", Literal("user.created")),
        "nightly": ("cron", Literal("0 3 * * *")),
        "often": ("interval", Literal(60)),
        "child": ("direct", Literal("child")),
    }
    assert [(s.kind, s.id) for s in jobs["welcome"].steps] == [("wait", Literal("a while")), ("runTask", Literal("send"))]
    assert {(s.name, s.cron, s.interval) for s in inventory.of(Schedule)} == {
        ("nightly", Literal("0 3 * * *"), None),
        ("often", None, Literal(60)),
    }
    assert sorted((e.form, e.name) for e in enqueues(inventory)) == [
        ("invoke", "child"),
        ("sendEvent", "user.created"),
        ("sendEvents", "user.created"),
        ("sendEvents", "user.welcomed"),
    ]
    assert [c.name for c in inventory.of(Client)] == ["app"]
    assert len(inventory.of(Endpoint)) == 1


LOOK_ALIKES = {
    "another trigger": "import { Novu } from '@novu/api';\nnew Novu().trigger('welcome', {});",
    "a form": "import { useForm } from 'react-hook-form';\nconst form = useForm();\nform.trigger('name');",
    "a task of its own": "const task = (o) => o;\ntask({ id: 'x', run: async () => {} });",
    "only the log": "import { logger } from '@trigger.dev/sdk/v3';\nlogger.info('x');",
}


@pytest.mark.parametrize("code", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_what_only_looks_like_it(scan_tree, code: str) -> None:
    assert [i for i in scan_tree({"app.ts": code}).items if i.system == "trigger.dev"] == []
