/** What a payload carries so that its job is known in every store. */
export interface Mark {
  __shadow: { ledger: string; key: string; arm: string; holder?: string };
}

/** What can be said of a job. */
export interface How extends About {
  /** What routing hashes; absent: what the experiment file says. */
  unit?: string | number;
  /** The application's own name for the job: a second sending under the same one is no second job. */
  key?: string;
  /** Its sort, for the report. */
  label?: string;
  /** Seconds before which it is not to start. */
  delay?: number;
}

/** One job on its way. `key` is its id in every system that takes one (BullMQ's `jobId`); elsewhere the payload carries `mark`. */
export interface Ticket {
  readonly arm: Arm;
  readonly key: string;
  readonly unit: string;
  readonly mark: Mark;
  readonly routed: Pick<Routed, "bucket" | "rule"> & { reason: Routed["reason"] | "failed" };
}

/**
 * Send a job through the arm that routing says, and record what becomes of that. `send` has one way in for each arm, and is given the payload with
 * the mark in it; what it gives or throws is what the caller gets.
 *
 *     await dispatch("import_article", { article: 7 }, { unit: 7 }, {
 *       "pg-boss": (payload) => boss.send("imports", payload),
 *       bullmq: (payload, ticket) => queue.add("import_article", payload, { jobId: ticket.key }),
 *     });
 */
export async function dispatch<P extends object, S extends Readonly<Record<Arm, (payload: P & Mark, ticket: Ticket) => unknown>>>(
  job: string,
  payload: P,
  how: How,
  send: S,
): Promise<Awaited<ReturnType<S[Arm]>>> {
  const ticket = ticketFor(job, payload, how);
  const about = aboutOf(ticket, job);
  const { reason, rule, bucket: number } = ticket.routed;
  const isOurs = Object.keys(JOBS).length === 0 || Object.hasOwn(JOBS, job);
  const tell = (kind: string, fields: Partial<Line>): void => {
    // A second sending under the same key tells the same again.
    if (isOurs) recorder.record({ ...about, kind, event_id: `${ticket.arm}:${ticket.key}:${kind}`, ...fields });
  };
  const at = now();
  const until = how.delay ? at + BigInt(Math.round(how.delay * 1e9)) : undefined;
  tell("assigned", { ts_ns: at, until_ns: until, bytes: sizeOf(payload), reason: `${reason}: ${rule || `bucket ${number}`}`, label: how.label });
  const began = process.hrtime.bigint();
  const took = (): Partial<Line> => {
    const mono_ns = process.hrtime.bigint();
    return { mono_ns, elapsed_ns: mono_ns - began };
  };
  try {
    const sent = (await send[ticket.arm]({ ...payload, ...ticket.mark }, ticket)) as Awaited<ReturnType<S[Arm]>>;
    tell("enqueue_ok", { ...took(), native_id: nativeId(sent) });
    return sent;
  } catch (error) {
    tell("enqueue_failed", { ...took(), err_type: kindOf(error), err_message: text(error) });
    throw error;
  }
}

/** Where a job goes. Whatever goes wrong here, it goes to the current arm. */
function ticketFor(job: string, payload: object, how: How): Ticket {
  const ticket = (arm: Arm, key: string, unit: string, routed: Ticket["routed"]): Ticket => ({
    arm,
    key,
    unit,
    routed,
    mark: { __shadow: { ledger: EXPERIMENT_ID, key, arm } },
  });
  const key = keyFor(job, how.key);
  try {
    const found = how.unit ?? (UNIT === "job" ? key : (payload as Record<string, unknown>)[UNIT]);
    if (found === undefined || found === null) throw new Error(`its payload has no ${UNIT}, which is the unit of [experiment]`);
    const unit = String(found);
    const about = { payloadBytes: sizeOf(payload) ?? 0, ...how };
    const routed = decide(job, unit, INHERITS ? about : { ...about, inherited: "" });
    if (Object.keys(JOBS).length > 0 && !Object.hasOwn(JOBS, job)) {
      return ticket(CURRENT, key, unit, { reason: "excluded", bucket: routed.bucket, rule: "the experiment is not about it" });
    }
    if (CURRENT_ONLY) return ticket(CURRENT, key, unit, { reason: "failed", bucket: routed.bucket, rule: CURRENT_ONLY });
    return ticket(routed.arm, key, unit, routed);
  } catch (error) {
    return ticket(CURRENT, key, key, { reason: "failed", bucket: 0, rule: text(error).slice(0, 200) });
  }
}

/** A job's identity in every system. A key that some system would not take as part of an id stands there as a hash of itself. */
function keyFor(job: string, own: string | undefined): string {
  if (!own) return `${EXPERIMENT_ID}-${randomBytes(16).toString("hex")}`;
  const plain = `${job}-${own}`;
  const taken = /^(?=.{1,100}$)[A-Za-z0-9_]+-[A-Za-z0-9_-]+$/u.test(plain) && !job.includes("-");
  return `${EXPERIMENT_ID}-${taken ? plain : createHash("sha256").update(`${job}\x1f${own}`, "utf8").digest("hex").slice(0, 32)}`;
}

function aboutOf(ticket: Ticket, job: string): Omit<Line, "kind"> {
  const step = Math.min(state.step ?? 0, DIGESTS.length - 1);
  const off = state.everything ? "!*" : state.arms?.length ? `!${[...state.arms].sort().join(",")}` : "";
  return {
    job_key: ticket.key,
    unit_key: ticket.unit.length > 200 ? `${ticket.unit.slice(0, 167)}…${createHash("sha256").update(ticket.unit, "utf8").digest("hex").slice(0, 32)}` : ticket.unit,
    job_name: job,
    arm: ticket.arm,
    role: ROLES[ticket.arm],
    source: "dispatcher",
    config: `${DIGESTS[step]}${off}`,
  };
}

function sizeOf(payload: object): number | undefined {
  try {
    return Buffer.byteLength(JSON.stringify(payload));
  } catch {
    return undefined;
  }
}

/** The id that an enqueue gave back: itself (pg-boss), or in what it gave (BullMQ). */
function nativeId(sent: unknown): string | undefined {
  const id = typeof sent === "object" && sent !== null ? (sent as { id?: unknown }).id : sent;
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}
