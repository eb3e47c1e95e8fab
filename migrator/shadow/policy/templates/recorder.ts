/** One thing that happened to one job: a line of a segment, as the ledger reads it. What is not given is left out. */
interface Line {
  kind: string;
  job_key: string;
  arm: string;
  role: string;
  job_name: string;
  unit_key: string;
  source: "dispatcher" | "worker";
  event_id?: string | undefined;
  ts_ns?: bigint | undefined;
  mono_ns?: bigint | undefined;
  elapsed_ns?: bigint | undefined;
  until_ns?: bigint | undefined;
  attempt?: number | undefined;
  native_id?: string | undefined;
  err_type?: string | undefined;
  err_message?: string | undefined;
  bytes?: number | undefined;
  reason?: string | undefined;
  label?: string | undefined;
  config?: string | undefined;
}

/** A command of Redis: `(...words) => redis.call(...words)` with ioredis, `(...words) => redis.sendCommand(words)` with node-redis. */
export type RedisCommand = (...words: string[]) => Promise<unknown>;

/** `(text, values) => pool.query(text, values)` of the package pg. */
export type PostgresQuery = (text: string, values?: string[]) => Promise<{ rows: Record<string, unknown>[] }>;

export interface Recording {
  /** The spool folder. */
  folder?: string;
  /** Send events to the stream of this Redis, or to the table of this Postgres; the folder is where they wait while it does not answer. */
  redis?: RedisCommand;
  postgres?: PostgresQuery;
  /** Told what went wrong, once a minute at most for each trouble; absent: `process.emitWarning`. */
  alarm?: (words: string) => void;
}

const FLUSH_MS = 250;
const BATCH = 1_000;
const SEGMENT_BYTES = 4 * 1024 * 1024;
/** Milliseconds after which a segment without news is closed, so that whoever reads it may delete it. */
const IDLE_MS = 60_000;
/** Milliseconds that a server may take to answer, and until one that did not is asked again. */
const ANSWER_MS = 2_000;
const AGAIN_MS = 5_000;
const DONE_NAME = /^[0-9a-f]{32}-\d{6,}\.done\.jsonl$/u;

/** Nanoseconds since the epoch: the steps of the monotonic clock on the system's time, so that nothing happens before what led to it. */
const now = (() => {
  let base = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
  return (): bigint => {
    const at = base + process.hrtime.bigint();
    const off = BigInt(Date.now()) * 1_000_000n - at;
    if (off < 50_000_000n && off > -50_000_000n) return at;
    base += off;
    return at + off;
  };
})();

/** Where events go, if not to the folder alone. */
interface Outlet {
  waiting(): Promise<number>;
  put(lines: string): Promise<unknown>;
}

function redisOutlet(redis: RedisCommand): Outlet {
  const key = `migrator:${EXPERIMENT}:events`;
  return { waiting: async () => Number(await redis("XLEN", key)), put: (lines) => redis("XADD", key, "*", "lines", lines) };
}

function postgresOutlet(query: PostgresQuery): Outlet {
  const count = async (): Promise<number> =>
    Number((await query(`SELECT count(*) FROM (SELECT FROM migrator_events WHERE experiment = $1 LIMIT ${ENTRIES}) AS waiting`, [EXPERIMENT])).rows[0]?.["count"]);
  return {
    async waiting() {
      try {
        return await count();
      } catch (error) {
        if (codeOf(error) !== NO_TABLE) throw error;
        await query(EVENTS_TABLE);
        return count();
      }
    },
    put: (lines) => query("INSERT INTO migrator_events (experiment, lines) VALUES ($1, convert_to($2, 'UTF8'))", [EXPERIMENT, lines]),
  };
}

/** Puts events aside and returns; hands them over in the background. Never throws, never waits; what there is no room for is counted. */
class Recorder {
  readonly bootId = randomBytes(16).toString("hex");
  numbered = 0;
  lost = 0;
  #buffer: string[] = [];
  #flushing: Promise<void> | null = null;
  #open: { path: string; file: FileHandle } | null = null;
  #segment = 0;
  #room = 0;
  #written = 0;
  #askAgain = 0;
  #timer: NodeJS.Timeout | null = null;
  #told = new Map<string, number>();
  readonly #settings: Recording;
  readonly #outlet: Outlet | undefined;

  constructor(settings: Recording) {
    this.#settings = settings;
    this.#outlet = settings.redis ? redisOutlet(settings.redis) : settings.postgres ? postgresOutlet(settings.postgres) : undefined;
  }

  record(line: Line): void {
    try {
      const number = ++this.numbered;
      if (this.#buffer.length >= EVENTS) {
        this.lost++;
        this.#tell(`events are lost: ${EVENTS} wait already, and they cannot be handed over`);
        return;
      }
      this.#buffer.push(written({ ...line, event_id: line.event_id ?? `${this.bootId}-${number}` }, this.bootId, number));
      this.#begin();
    } catch (error) {
      this.lost++;
      this.#tell(`an event could not be recorded: ${text(error)}`);
    }
  }

  /** Hand over what there is. Resolves when that was done, or could not be. */
  flush(): Promise<void> {
    this.#flushing ??= this.#handOver()
      .catch((error: unknown) => this.#tell(`events could not be handed over: ${text(error)}`))
      .finally(() => {
        this.#flushing = null;
      });
    return this.#flushing;
  }

  /** As the process ends, when nothing can be awaited any more: to a segment of its own, beside one that may be half written. */
  end(): void {
    try {
      if (this.#buffer.length === 0) return;
      mkdirSync(this.#folder, { recursive: true });
      const path = this.#path(++this.#segment);
      writeFileSync(path, this.#buffer.splice(0).join(""), { flag: "wx" });
      renameSync(path, done(path));
    } catch (error) {
      this.#tell(`events are lost: ${text(error)}`);
    }
  }

  get #folder(): string {
    return this.#settings.folder ?? FOLDER;
  }

  #begin(): void {
    if (this.#timer) return;
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
    // No reason for the process to go on.
    this.#timer.unref();
    process.once("exit", () => this.end());
  }

  async #handOver(): Promise<void> {
    const outlet = this.#outlet;
    let reached = outlet !== undefined && Date.now() >= this.#askAgain && (await this.#resend(outlet));
    while (this.#buffer.length > 0) {
      const batch = this.#buffer.slice(0, BATCH);
      // What could not be sent waits on disk, and is sent from there.
      reached &&= await this.#send(outlet!, batch);
      if (!reached) await this.#spill(batch);
      this.#buffer.splice(0, batch.length);
    }
    if (this.#open && (outlet || Date.now() - this.#written > IDLE_MS)) await this.#rotate();
  }

  async #send(outlet: Outlet, lines: readonly string[]): Promise<boolean> {
    try {
      if ((await within(outlet.waiting(), ANSWER_MS)) >= ENTRIES) throw new Error(`${ENTRIES} entries wait to be collected, and nobody takes them`);
      for (let at = 0; at < lines.length; at += LINES) await within(outlet.put(lines.slice(at, at + LINES).join("")), ANSWER_MS);
      return true;
    } catch (error) {
      this.#askAgain = Date.now() + AGAIN_MS;
      this.#tell(`events wait on disk: ${text(error)}`);
      return false;
    }
  }

  /** Segments that wait here, this process's or those of one that is no more. Sent twice, an event still counts once. */
  async #resend(outlet: Outlet): Promise<boolean> {
    for (const name of (await names(this.#folder)).filter((found) => DONE_NAME.test(found))) {
      const path = join(this.#folder, name);
      const lines = (await readFile(path, "utf8")).split("\n").slice(0, -1);
      if (!(await this.#send(outlet, lines.map((line) => `${line}\n`)))) return false;
      await rm(path, { force: true });
    }
    return true;
  }

  async #spill(lines: readonly string[]): Promise<void> {
    if (this.#open === null || this.#room <= 0) {
      await this.#rotate();
      await mkdir(this.#folder, { recursive: true });
      const used = await bytesIn(this.#folder);
      if (used >= DISK_BYTES) throw new Error(`${DISK_BYTES} bytes of events wait to be collected, and no more may be kept`);
      const path = this.#path(++this.#segment);
      this.#open = { path, file: await open(path, "ax") };
      this.#room = Math.min(SEGMENT_BYTES, DISK_BYTES - used);
    }
    const data = lines.join("");
    try {
      await this.#open.file.appendFile(data);
    } catch (error) {
      // What got in of the last line is nothing, and nothing may come after it.
      await this.#rotate();
      throw error;
    }
    this.#room -= Buffer.byteLength(data);
    this.#written = Date.now();
  }

  async #rotate(): Promise<void> {
    const segment = this.#open;
    this.#open = null;
    if (segment === null) return;
    await segment.file.close();
    await rename(segment.path, done(segment.path));
  }

  #path(segment: number): string {
    return join(this.#folder, `${this.bootId}-${String(segment).padStart(6, "0")}.jsonl`);
  }

  #tell(words: string): void {
    const at = Date.now();
    if (at - (this.#told.get(words) ?? 0) < 60_000) return;
    if (this.#told.size > 50) this.#told.clear();
    this.#told.set(words, at);
    try {
      (this.#settings.alarm ?? ((said: string) => process.emitWarning(said)))(`recording goes on: ${words}`);
    } catch {
      // An alarm that fails is no reason for anything else to.
    }
  }
}

let recorder = new Recorder({});

/** Where events go, said once before the first job; without it they go to the spool folder. */
export function configure(settings: Recording): void {
  recorder.end();
  recorder = new Recorder(settings);
}

/** Hand over what was recorded, before a process ends that cannot wait for its `exit`. Never rejects. */
export function flush(): Promise<void> {
  return recorder.flush();
}

/** What was recorded by this process, and for how much of it there was no room. */
export function recorded(): { numbered: number; lost: number } {
  return { numbered: recorder.numbered, lost: recorder.lost };
}

function written(line: Line, bootId: string, number: number): string {
  const whole = {
    ...line,
    experiment: EXPERIMENT,
    ts_ns: line.ts_ns ?? now(),
    err_message: line.err_message?.slice(0, TEXT),
    boot_id: bootId,
    seq: number,
    host: hostname(),
    pid: process.pid,
  };
  const fields = Object.entries(whole)
    .filter(([, value]) => value !== undefined)
    // A whole number of nanoseconds is larger than what JSON.stringify can write; half a character is none.
    .map(([name, value]) => {
      const json = typeof value === "bigint" ? String(value) : JSON.stringify(typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value);
      return `"${name}":${json}`;
    });
  return `{${fields.join(",")}}\n`;
}

function text(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return typeof error;
  }
}

/** What Postgres says of a table that is not there. */
const NO_TABLE = "42P01";

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function done(path: string): string {
  return path.replace(/\.jsonl$/u, ".done.jsonl");
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".jsonl"));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  // One that is collected meanwhile takes no room.
  for (const name of await names(folder)) bytes += await stat(join(folder, name)).then(({ size }) => size, () => 0);
  return bytes;
}

function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
