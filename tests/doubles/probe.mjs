// Functions that use what the articles application does not. Runs on Inngest 3 and 4: `node probe.mjs 3`.
import { Inngest, NonRetriableError } from "inngest";
import { createServer } from "inngest/node";

const version = process.argv[2];
const client = new Inngest({ id: "probe" });

function define({ triggers, ...options }, handler) {
  return version === "3" ? client.createFunction(options, triggers, handler) : client.createFunction({ ...options, triggers }, handler);
}

const untilMoment = define({ id: "until-moment", triggers: [{ event: "probe/until" }] }, async ({ event, step }) => {
  await step.sleepUntil("until", new Date(event.data.moment));
  return "awake";
});

const cancellable = define(
  { id: "cancellable", cancelOn: [{ event: "probe/stop", match: "data.id" }], triggers: [{ event: "probe/start" }] },
  async ({ step }) => {
    await step.sleep("long", "1h");
    return "to the end";
  },
);

const anything = define({ id: "anything", triggers: [{ event: "probe/any.*" }] }, async ({ event }) => event.name);

const child = define({ id: "child", retries: 0, triggers: [{ event: "probe/child" }] }, async ({ event, step }) => {
  if (event.data.slow) await step.sleep("slow", "2h");
  if (event.data.fail) throw new Error("the child cannot");
  return { twice: event.data.n * 2 };
});

const parent = define({ id: "parent", retries: 0, triggers: [{ event: "probe/parent" }] }, async ({ event, step }) => {
  try {
    return await step.invoke("call", { function: child, data: event.data, timeout: "1h" });
  } catch (error) {
    return { caught: error.message };
  }
});

const survivor = define({ id: "survivor", retries: 1, triggers: [{ event: "probe/survive" }] }, async ({ step }) => {
  try {
    await step.run("doomed", () => {
      throw new Error("always");
    });
  } catch (error) {
    return step.run("instead", () => `instead of ${error.message}`);
  }
});

const racer = define({ id: "racer", triggers: [{ event: "probe/race" }] }, async ({ step }) => {
  const first = await Promise.race([
    step.sleep("slow", "1h").then(() => "slow"),
    step.waitForEvent("fast", { event: "probe/fast", timeout: "2h" }).then(() => "fast"),
  ]);
  return step.run("note", () => first);
});

const repeated = define({ id: "repeated", triggers: [{ event: "probe/repeat" }] }, async ({ step }) => {
  const seen = [];
  for (const n of [1, 2, 3]) seen.push(await step.run("same", () => n));
  return seen;
});

const strict = define({ id: "strict", triggers: [{ event: "probe/strict" }] }, async ({ attempt }) => {
  if (attempt < 2) throw new Error(`attempt ${attempt}`);
  throw new NonRetriableError("enough");
});

const functions = [untilMoment, cancellable, anything, child, parent, survivor, racer, repeated, strict];
const server = createServer({ client, functions });
server.listen(0, "127.0.0.1", () => console.log(`ready on ${server.address().port}`));
process.on("SIGTERM", () => process.exit(0));
