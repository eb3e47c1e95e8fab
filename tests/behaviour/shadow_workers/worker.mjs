// One worker for each job system, all doing the same: sleep `ms`, fail the first `fail` attempts (all of them if `poison`), note what they did.
// A job with `hold` goes on when the file HOLD is there. What came to its end is noted in the file DONE, if there is to be one.
//   node worker.mjs table|pg-boss|bullmq|bull [VERSION]
// With a version, the package is looked for as `pg-boss9`, and so on.
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const [system, version] = process.argv.slice(2);
const queue = process.env.QUEUE ?? "tasks";
const concurrency = Number(process.env.CONCURRENCY ?? 4);

async function body(data, attempt) {
  if (process.env.EFFECTS) appendFileSync(process.env.EFFECTS, `${JSON.stringify({ n: data.n, attempt })}\n`);
  await pause(data.ms ?? 5);
  while (data.hold && !existsSync(process.env.HOLD)) await pause(50);
  if (data.die && !process.env.IMMORTAL) process.kill(process.pid, "SIGKILL");
  if (data.poison || attempt <= (data.fail ?? 0)) throw new RangeError(`job ${data.n} fails on attempt ${attempt}`);
  if (process.env.DONE) appendFileSync(process.env.DONE, `${JSON.stringify({ n: data.n, attempt })}\n`);
  return { n: data.n };
}

/** A job table that retries in place: the row goes back to PENDING. */
async function table() {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: concurrency });
  pool.on("error", () => {});
  await pool.query(`CREATE TABLE IF NOT EXISTS ${queue} (
    id text PRIMARY KEY, kind text NOT NULL, body jsonb NOT NULL, state text NOT NULL DEFAULT 'PENDING', attempts int NOT NULL DEFAULT 0,
    max_attempts int NOT NULL DEFAULT 1, run_at timestamptz NOT NULL DEFAULT now(), last_error text, touched timestamptz NOT NULL)`);
  const claim = `UPDATE ${queue} SET state = 'RUNNING', attempts = attempts + 1, touched = now() WHERE id = (
    SELECT id FROM ${queue} WHERE state = 'PENDING' AND run_at <= now() ORDER BY run_at FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING *`;
  let stopping = false;
  const slot = async () => {
    while (!stopping) {
      const { rows } = await pool.query(claim).catch(() => ({ rows: [] }));
      const job = rows[0];
      if (!job) {
        await pause(30);
        continue;
      }
      try {
        await body(job.body, job.attempts);
        await pool.query(`UPDATE ${queue} SET state = 'COMPLETED' WHERE id = $1`, [job.id]);
      } catch (error) {
        const again = job.attempts < job.max_attempts;
        const change = again ? "state = 'PENDING', run_at = now() + interval '0.2 s'" : "state = 'FAILED'";
        await pool.query(`UPDATE ${queue} SET ${change}, last_error = $2 WHERE id = $1`, [job.id, error.message]).catch(() => {});
      }
    }
  };
  const slots = Array.from({ length: concurrency }, slot);
  return async () => {
    stopping = true;
    await Promise.all(slots);
  };
}

async function pgBoss() {
  const { PgBoss, default: Older } = await import(`pg-boss${version ?? ""}`);
  const early = version < 10;
  const quiet = early ? { noSupervisor: true, noScheduling: true } : { supervise: false, schedule: false };
  const schema = process.env.SCHEMA ?? "pgboss";
  const boss = new (PgBoss ?? Older)({ connectionString: process.env.DATABASE_URL, schema, ...quiet });
  boss.on("error", () => {});
  await boss.start();
  if (early) {
    const options = { newJobCheckInterval: 500, teamSize: concurrency, teamConcurrency: concurrency, includeMetadata: true };
    await boss.work(queue, options, (job) => body(job.data, job.retrycount + 1));
  } else {
    await boss.createQueue(queue, { name: queue, retryLimit: 2, retryDelay: 1 });
    const options = { pollingIntervalSeconds: 0.5, localConcurrency: concurrency, includeMetadata: true };
    // 10 and 11 have no `localConcurrency`: there, a worker more is one that is called once more.
    const workers = version ? concurrency : 1;
    for (let i = 0; i < workers; i++) await boss.work(queue, options, async ([job]) => body(job.data, job.retryCount + 1));
  }
  return () => boss.stop({ graceful: true, timeout: 2000 });
}

async function bullmq() {
  const { Worker } = await import(`bullmq${version ?? ""}`);
  const { Redis } = await import("ioredis");
  const connection = new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null });
  connection.on("error", () => {});
  const keep = process.env.REMOVE ? { removeOnComplete: { count: 0 } } : {};
  const locks = process.env.LOCK_MS ? { lockDuration: Number(process.env.LOCK_MS), stalledInterval: Number(process.env.LOCK_MS) } : {};
  // In 4, `attemptsMade` has the attempt that is under way.
  const before = version < 5 ? 0 : 1;
  const worker = new Worker(queue, (job) => body(job.data, job.attemptsMade + before), { connection, concurrency, ...keep, ...locks });
  worker.on("error", () => {});
  await worker.waitUntilReady();
  return () => worker.close();
}

async function bull() {
  const { default: Queue } = await import(`bull${version ?? ""}`);
  const ms = Number(process.env.LOCK_MS ?? 0);
  const settings = ms ? { lockDuration: ms, lockRenewTime: ms / 2, stalledInterval: ms } : {};
  const worker = new Queue(queue, process.env.REDIS_URL, { settings });
  worker.on("error", () => {});
  worker.process("*", concurrency, (job) => body(job.data, job.attemptsMade + 1));
  await worker.isReady();
  return () => worker.close();
}

const stop = await { table, "pg-boss": pgBoss, bullmq, bull }[system]();
// A worker that is told to stop ends what it is at.
process.on("SIGTERM", () => stop().finally(() => process.exit(0)));
console.log("up");
