// How an application uses the module, with the real packages: the compiler has nothing to say of it.
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { PgBoss } from "pg-boss";
import { attempted, configure, dispatch, flush, follow, postgresClaims, recorded, redisClaims, setState, type Ticket } from "./shadow";

const redis = new Redis();
const pool = new pg.Pool();
const boss = new PgBoss({});
const queue = new Queue<{ article: number }>("imports", { connection: redis });

configure({ folder: "spool", redis: (...words) => redis.call(words[0]!, ...words.slice(1)), alarm: (words) => console.warn(words) });

export async function send(article: number): Promise<string | null> {
  const how = { unit: article, tenant: "acme", delay: 2, key: `a-${article}`, label: "x" };
  return dispatch("import_article", { article }, how, {
    "pg-boss": (payload) => boss.send("imports", payload),
    bullmq: async (payload, ticket: Ticket) => (await queue.add("import_article", payload, { jobId: ticket.key })).id ?? null,
  });
}

/** What queues give back may be of different types. */
export async function sendAsItIs(article: number): Promise<string> {
  const sent = await dispatch("import_article", { article }, { unit: article }, {
    "pg-boss": (payload) => boss.send("imports", payload),
    bullmq: (payload, job) => queue.add("import_article", payload, { jobId: job.key }),
  });
  return (typeof sent === "string" ? sent : sent?.id) ?? "";
}

export const worker = new Worker<{ article: number }, number>(
  "imports",
  attempted(async (job, token) => job.data.article + (token?.length ?? 0), {
    claims: redisClaims((...words) => redis.call(words[0]!, ...words.slice(1))),
  }),
  { connection: redis },
);

export async function work(): Promise<void> {
  const claims = postgresClaims((text, values) => pool.query(text, values));
  const options = { includeMetadata: true } as const;
  await boss.work<{ article: number }>(
    "imports",
    options,
    attempted(
      async ([job]) => {
        const article: number = job!.data.article;
        await pool.query("SELECT $1", [article]);
      },
      { arm: "pg-boss", claims },
    ),
  );
  setState(null);
  const stop = follow(() => redis.get("migrator:routing:imports"));
  stop();
  await flush();
  console.log(recorded().lost);
}
