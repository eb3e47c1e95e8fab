// Puts jobs into a queue with the application's own `bull` or `bullmq`; takes away what is left of one, and counts workers.
//   node enqueue.cjs bull|bullmq FOLDER QUEUE PREFIX      with the store's address in MIGRATOR_STORE
// One request a line on standard input, one answer a line on standard output, both JSON, in order. Ends with its standard input.
"use strict";
const { createRequire } = require("node:module");
const { resolve, join } = require("node:path");
const { createInterface } = require("node:readline");

const [system, folder, name, prefix] = process.argv.slice(2);
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

/** A connection that gives up at once where nobody answers: whoever asked decides what then. */
function connect(Redis, type) {
  const limits = type === "client" ? { maxRetriesPerRequest: 0 } : { maxRetriesPerRequest: null, enableReadyCheck: false };
  const client = new Redis(process.env.MIGRATOR_STORE, { ...limits, retryStrategy: () => 200 });
  client.on("error", () => {});
  return client;
}

function open() {
  const application = createRequire(join(resolve(folder), "package.json"));
  const own = createRequire(application.resolve(system));
  const Redis = own("ioredis").Redis ?? own("ioredis");
  if (system === "bull") {
    const Queue = application("bull");
    return new Queue(name, { prefix, createClient: (type) => connect(Redis, type) });
  }
  const { Queue } = application("bullmq");
  return new Queue(name, { prefix, connection: connect(Redis, "client"), skipVersionCheck: true });
}

/** Whether the store or the client answered, and said no. */
const refused = (error) => error.name === "ReplyError" || !(error.code || /Retries|onnection|writeable/.test(`${error.name} ${error.message}`));

let queue;
try {
  queue = open();
} catch (error) {
  say({ missing: error.code === "MODULE_NOT_FOUND", error: String(error.message).split("\n")[0] });
  process.exit(1);
}
queue.on("error", () => {});
say({ ready: true });
const lines = createInterface({ input: process.stdin });

async function answer({ job, data, options, remove, workers }) {
  if (workers) return { workers: (await queue.getWorkers())?.length ?? 0 };
  if (remove !== undefined) {
    await (await queue.getJob(remove))?.remove();
    return { removed: true };
  }
  return { id: String((await queue.add(job, data, options)).id) };
}

lines.on("line", async (line) => {
  try {
    say(await answer(JSON.parse(line)));
  } catch (error) {
    say({ error: String(error.message), refused: refused(error) });
  }
});
lines.on("close", () => process.exit(0));
