// An application that is told on its command line what to do: `node app.ts WHAT`, with JSON on standard input.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { attempted, type Claims, configure, decide, dispatch, flush, follow, postgresClaims, recorded, redisClaims } from "./shadow.ts";

interface Job {
  key?: string;
  job?: string;
  payload: Record<string, unknown>;
  delay?: number;
  /** With a message of so many characters. */
  fails?: boolean | number;
}

const what = process.argv[2];
const input = JSON.parse(readFileSync(0, "utf8") || "null");
const connected = async () => {
  const { Redis } = await import("ioredis");
  return new Redis(process.env.REDIS_URL!, { maxRetriesPerRequest: null });
};
const commands = async () => {
  const redis = await connected();
  return { redis, command: (...words: string[]) => redis.call(words[0]!, ...words.slice(1)) };
};
const body = async (data: Record<string, any>, attempt: number): Promise<string> => {
  appendFileSync(process.env.EFFECTS!, `${JSON.stringify({ n: data.n, attempt, by: process.env.ARM })}\n`);
  await pause(data.ms ?? 5);
  if (data.poison || attempt <= (data.fail ?? 0)) throw new RangeError(`job ${data.n} fails on attempt ${attempt}`);
  return data.n;
};
const claimsOf = async (): Promise<Claims> => {
  if (process.env.CLAIMS === "redis") return redisClaims((await commands()).command);
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
  return postgresClaims((text, values) => pool.query(text, values));
};

if (what === "send") {
  // Through senders that keep nothing: what was decided and told is looked at.
  if (process.env.ALARM) configure({ alarm: (words) => appendFileSync(process.env.ALARM!, `${words}\n`) });
  const sent: unknown[] = [];
  for (const { key, job, payload, delay, fails } of input as Job[]) {
    const send = (arm: string) => (whole: object, ticket: { key: string; arm: string }) => {
      if (fails) throw new TypeError(fails === true ? "the store said no" : "x".repeat(fails));
      sent.push({ arm, key: ticket.key, whole });
      return Promise.resolve(`native-${ticket.key}`);
    };
    const how = { ...(key === undefined ? {} : { key }), ...(delay === undefined ? {} : { delay }) };
    await dispatch(job ?? "import_article", payload, how, { "pg-boss": send("pg-boss"), bullmq: send("bullmq") }).catch((error: Error) =>
      sent.push({ error: error.message }),
    );
  }
  console.log(JSON.stringify({ sent, ...recorded() }));
} else if (what === "follow") {
  // What holds, each time that it has changed, until it is enough.
  const tell = (words: string): void => appendFileSync("told", `${words}\n`);
  process.on("warning", () => tell("warned"));
  const stop = follow();
  let told = "";
  for (;;) {
    const { arm, reason } = decide("import_article", String(input));
    if (`${arm} ${reason}` !== told) tell((told = `${arm} ${reason}`));
    if (existsSync("enough")) break;
    await pause(20);
  }
  stop();
} else if (what === "stream") {
  // Through a server that comes and goes.
  let down = true;
  const alarm = (): void => {};
  let end: () => unknown;
  if (process.env.THROUGH === "redis") {
    const { redis, command } = await commands();
    configure({ redis: (...words) => (down ? Promise.reject(new Error("refused")) : command(...words)), alarm });
    end = () => redis.disconnect();
  } else {
    const { default: pg } = await import("pg");
    const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
    configure({ postgres: (text, values) => (down ? new Promise(() => {}) : pool.query(text, values)), alarm });
    end = () => pool.end();
  }
  const send = () => Promise.resolve("x");
  for (let n = 0; n < 5; n++) await dispatch("import_article", { article: n }, {}, { "pg-boss": send, bullmq: send });
  await flush();
  down = false;
  await pause(5_100);
  for (let n = 5; n < 8; n++) await dispatch("import_article", { article: n }, {}, { "pg-boss": send, bullmq: send });
  await flush();
  await end();
} else if (what === "claims") {
  const claims = await claimsOf();
  const answers: unknown[] = [];
  for (const [act, key, holder] of input as ["claim" | "done", string, string][]) answers.push((await claims[act](key, holder)) ?? null);
  console.log(JSON.stringify(answers));
  process.exit(0);
} else if (what === "run") {
  // Both systems with their workers, in one process.
  const redis = await connected();
  const { Queue, Worker } = await import("bullmq");
  const { PgBoss } = await import("pg-boss");
  const boss = new PgBoss({ connectionString: process.env.DATABASE_URL!, supervise: false, schedule: false });
  boss.on("error", () => {});
  await boss.start();
  await boss.createQueue("imports", { retryLimit: 2, retryDelay: 1 });
  const queue = new Queue("imports", { connection: redis });
  const claims = process.env.CLAIMS ? await claimsOf() : undefined;
  const more = claims ? { claims } : {};
  // Bodies may do with what they are given as they like.
  const emptied = (job: { data: any }): any => {
    const { __shadow: _, ...rest } = job.data;
    job.data = rest;
    return rest;
  };
  const worker = new Worker("imports", attempted(async (job) => body(emptied(job), job.attemptsMade + 1), more), { connection: redis });
  await boss.work<any>(
    "imports",
    { includeMetadata: true, pollingIntervalSeconds: 0.5, localConcurrency: 4 },
    attempted(async ([job]) => body(emptied(job!), job!.retryCount + 1), more),
  );
  const options = { attempts: 3, backoff: { type: "fixed", delay: 500 } };
  for (const { key, payload } of input as Job[]) {
    await dispatch("import_article", payload, key === undefined ? {} : { key }, {
      "pg-boss": (whole) => boss.send("imports", whole),
      bullmq: async (whole, ticket) => (await queue.add("import_article", whole, { jobId: ticket.key, ...options })).id ?? null,
    });
  }
  if (process.env.TWICE) {
    // A job that is in both systems, as in a fallback.
    const mark = { ledger: "x", key: "x-both", arm: "bullmq" };
    await queue.add("import_article", { n: "both", __shadow: { ...mark, holder: "bullmq:0a" } }, { jobId: "x-both", ...options });
    await boss.send("imports", { n: "both", __shadow: { ...mark, holder: "pg-boss:0b" } });
  }
  console.log("sent");
  // Until nothing of it is open any more.
  const open = async (): Promise<number> => {
    const question = "SELECT count(*) AS n FROM pgboss.job WHERE name = 'imports' AND state IN ('created', 'retry', 'active')";
    const { rows } = await boss.getDb().executeSql(question, []);
    const counts = await queue.getJobCounts("wait", "active", "delayed", "prioritized", "paused");
    return Number(rows[0].n) + Object.values(counts).reduce((sum, n) => sum + n, 0);
  };
  while ((await open()) > 0) await pause(100);
  await worker.close();
  await boss.stop();
  process.exit(0);
}
