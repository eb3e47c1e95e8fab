/** Who runs a job that may be in two systems: the first to claim it. Ready-made: `redisClaims`, `postgresClaims`. */
export interface Claims {
  /** Claim a job for a copy of it; gives whether that copy's body may run. */
  claim(jobKey: string, holder: string): Promise<boolean>;
  /** The copy's body has come to its end. */
  done(jobKey: string, holder: string): Promise<void>;
}

/** Claims in Redis, as workers in Python keep them. */
export function redisClaims(redis: RedisCommand): Claims {
  const keyOf = (jobKey: string): string => `migrator:claim:${jobKey}`;
  return {
    async claim(jobKey, holder) {
      for (;;) {
        const set = await redis("SET", keyOf(jobKey), holder, "NX", "EX", String(Math.ceil(CLAIMS_KEEP)));
        if (set !== null && set !== undefined) return true;
        const found = await redis("GET", keyOf(jobKey));
        // It may have run out between the two questions.
        if (found !== null && found !== undefined) return String(found) === holder;
      }
    },
    async done(jobKey, holder) {
      await redis("SET", keyOf(jobKey), `${holder} done`, "XX", "KEEPTTL");
    },
  };
}

/** Claims in Postgres, as workers in Python keep them. */
export function postgresClaims(query: PostgresQuery): Claims {
  const ask = async (statement: string, values: string[]): Promise<Record<string, unknown>[]> => {
    try {
      return (await query(statement, values)).rows;
    } catch (error) {
      if (codeOf(error) !== NO_TABLE) throw error;
      await query(CLAIM_TABLE);
      return (await query(statement, values)).rows;
    }
  };
  return {
    async claim(jobKey, holder) {
      for (;;) {
        if ((await ask(CLAIM, [jobKey, holder])).length > 0) return true;
        const [found] = await ask(CLAIM_LOOK, [jobKey]);
        if (found) return found["holder"] === holder && found["done"] !== true;
      }
    },
    async done(jobKey, holder) {
      await ask(CLAIM_DONE, [jobKey, holder]);
    },
  };
}

/** Ask a store of claims for as long as a worker may wait for it. */
async function patiently<T>(question: () => Promise<T>): Promise<T> {
  const until = Date.now() + CLAIM_PATIENCE * 1000;
  for (;;) {
    try {
      return await within(question(), Math.max(100, until - Date.now()));
    } catch (error) {
      if (Date.now() >= until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 200));
    }
  }
}
