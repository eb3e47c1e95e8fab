/** A job as BullMQ (`attemptsMade`, `opts`) or pg-boss (`retryCount`, `retryLimit`, with `includeMetadata`) hands it to a worker. */
interface Handed {
  id?: string | number | null | undefined;
  name?: string;
  data?: unknown;
  queueName?: string;
  attemptsMade?: number;
  opts?: { attempts?: number } | undefined;
  retryCount?: number;
  retrycount?: number;
  retryLimit?: number;
  retrylimit?: number;
}

export interface Attempting {
  /** The arm that this worker is of; needed only where a job's mark does not say. */
  arm?: Arm;
  /** Where fenced jobs are claimed before their bodies run. */
  claims?: Claims;
}

const HEARTBEAT_MS = 10_000;
/** What BullMQ throws to put a job elsewhere: no failure. */
const MOVED = new Set(["DelayedError", "RateLimitError", "WaitingChildrenError", "WaitingError"]);

/**
 * A handler that tells of every attempt: when it began, that it is still running, how it ended. Jobs that carry no mark are handled as before. What
 * the handler gives or throws is what the worker gets; a job that somebody else has claimed gives undefined, and its body does not run.
 *
 *     new Worker("imports", attempted(async (job) => { … }), { connection });
 *     await boss.work("imports", { includeMetadata: true }, attempted(async ([job]) => { … }));
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever a system hands to its workers
export function attempted<F extends (job: any, ...rest: any[]) => Promise<unknown>>(handler: F, { arm, claims }: Attempting = {}): F {
  return (async (handed: unknown, ...rest: unknown[]): Promise<unknown> => {
    let job = handed;
    const ours = marked(handed);
    const fenced = ours.filter(({ mark }) => mark.holder !== undefined);
    if (fenced.length > 0) {
      if (!claims) throw new Error("this job may be in two systems: give `attempted` the claims that its workers share");
      const lost = new Set<unknown>();
      for (const each of fenced) if (!(await won(claims, each, arm))) lost.add(each.job);
      if (lost.size > 0) {
        if (!Array.isArray(handed)) return undefined;
        const left = (handed as unknown[]).filter((one) => !lost.has(one));
        if (left.length === 0) return undefined;
        job = left;
      }
    }
    // Before the handler has the job: it may take the mark out, or change what else it was given.
    const begun = marked(job);
    const running = begun.map((each) => began(each, arm));
    let result: unknown;
    try {
      result = await handler(job, ...rest);
    } catch (error) {
      for (const ended of running) ended?.(error, true);
      throw error;
    }
    for (const ended of running) ended?.(undefined, false);
    for (const { mark } of begun) if (mark.holder !== undefined) await finished(claims, mark.key, mark.holder);
    return result;
  }) as F;
}

interface MarkedJob {
  job: Handed;
  mark: { key: string; arm?: string; holder?: string };
}

function marked(handed: unknown): MarkedJob[] {
  const found: MarkedJob[] = [];
  for (const job of (Array.isArray(handed) ? handed : [handed]) as (Handed | null | undefined)[]) {
    const data = job?.data;
    const mark = typeof data === "object" && data !== null ? (data as { __shadow?: unknown }).__shadow : undefined;
    if (job && typeof mark === "object" && mark !== null && typeof (mark as { key?: unknown }).key === "string") {
      found.push({ job, mark: mark as MarkedJob["mark"] });
    }
  }
  return found;
}

/** Tell that an attempt begins; gives what tells its end. */
function began({ job, mark }: MarkedJob, given: Arm | undefined): ((error: unknown, failed: boolean) => void) | undefined {
  try {
    const started = process.hrtime.bigint();
    const about = { ...workerLine({ job, mark }, given), attempt: attemptOf(job) };
    recorder.record({ ...about, kind: "started", mono_ns: started });
    const beat = setInterval(() => recorder.record({ ...about, kind: "heartbeat", mono_ns: process.hrtime.bigint() }), HEARTBEAT_MS);
    beat.unref();
    return (error, failed) => {
      clearInterval(beat);
      const mono_ns = process.hrtime.bigint();
      const problem = failed ? { err_type: kindOf(error), err_message: text(error) } : {};
      recorder.record({ ...about, kind: failed ? failure(job, error) : "completed", mono_ns, elapsed_ns: mono_ns - started, ...problem });
    };
  } catch {
    // No attempt fails because it could not be told of.
    return undefined;
  }
}

function workerLine({ job, mark }: MarkedJob, given: Arm | undefined): Omit<Line, "kind"> {
  const holder = mark.holder?.slice(0, mark.holder.lastIndexOf(":"));
  const arm = [holder, mark.arm, given].find((name): name is Arm => name !== undefined && Object.hasOwn(ROLES, name));
  if (arm === undefined) throw new Error("nothing says which arm this worker is of");
  const native = job.name ?? "";
  const known = Object.entries(JOBS).find(([, called]) => called[arm] === native)?.[0] ?? (Object.keys(JOBS).length === 1 ? Object.keys(JOBS)[0]! : native);
  return {
    job_key: mark.key,
    unit_key: "",
    job_name: known,
    arm,
    role: ROLES[arm],
    source: "worker",
    native_id: job.id === null || job.id === undefined ? undefined : String(job.id),
  };
}

function attemptOf(job: Handed): number | undefined {
  const before = job.attemptsMade ?? job.retryCount ?? job.retrycount;
  return before === undefined ? undefined : before + 1;
}

/** Whether a failed attempt is tried again, as far as the job says; the store says it as well. */
function failure(job: Handed, error: unknown): string {
  const name = kindOf(error);
  if (MOVED.has(name)) return "cancelled";
  if (name === "UnrecoverableError") return "discarded";
  const attempt = attemptOf(job);
  const limit = job.retryLimit ?? job.retrylimit;
  const allowed = job.attemptsMade !== undefined ? (job.opts?.attempts ?? 1) : limit === undefined ? undefined : limit + 1;
  return attempt !== undefined && allowed !== undefined && attempt >= allowed ? "discarded" : "attempt_failed";
}

async function won(claims: Claims, each: MarkedJob, given: Arm | undefined): Promise<boolean> {
  const { key, holder } = each.mark;
  const ours = await patiently(() => claims.claim(key, holder!));
  try {
    recorder.record({ ...workerLine(each, given), kind: ours ? "claim_won" : "claim_lost" });
  } catch {
    // As above.
  }
  return ours;
}

async function finished(claims: Claims | undefined, key: string, holder: string): Promise<void> {
  try {
    await patiently(() => claims!.done(key, holder));
  } catch (error) {
    // The work is done, and the job must not fail for it.
    process.emitWarning(`${key} is done, which could not be written down (${text(error)}): handed out again, it would be run again`);
  }
}
