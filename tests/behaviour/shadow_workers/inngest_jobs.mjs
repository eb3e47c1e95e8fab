// The same functions as inngest_jobs.py, on the SDK for TypeScript: `node inngest_jobs.mjs PORT`.
import { appendFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Inngest } from "inngest";
import { createServer } from "inngest/node";

const client = new Inngest({ id: "jobs" });

async function body(data, attempt) {
  if (process.env.EFFECTS) appendFileSync(process.env.EFFECTS, `${JSON.stringify({ n: data.n, attempt })}\n`);
  await pause(data.ms ?? 5);
  if (data.poison || attempt <= (data.fail ?? 0)) throw new RangeError(`job ${data.n} fails on attempt ${attempt}`);
}

const task = client.createFunction({ id: "task", retries: 2, triggers: [{ event: "app/task" }] }, async ({ event, attempt }) => {
  await body(event.data, attempt + 1);
  return "done";
});

const steps = client.createFunction({ id: "steps", retries: 2, triggers: [{ event: "app/steps" }] }, async ({ event, step, attempt }) => {
  await step.run("first", () => "ready");
  await step.sleep("nap", `${event.data.nap ?? 1}s`);
  await step.run("second", () => body(event.data, attempt + 1));
  return "done";
});

createServer({ client, functions: [task, steps] }).listen(Number(process.argv[2]), "127.0.0.1", () => console.log("up"));
