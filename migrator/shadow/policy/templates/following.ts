/**
 * Follow what is switched off and how far the ramp is, from now on. `read` gives the JSON of the state, null where nothing was ever changed: the key
 * `migrator:routing:NAME` of a Redis (`() => redis.get(…)`), or the row NAME of `migrator_routing` in Postgres (`SELECT state::text …`); without it
 * the state's file is read, relative to the working directory. What cannot be read changes nothing. Gives what ends it.
 */
export function follow(read: () => Promise<string | null> = stateFile): () => void {
  let asking = false;
  let told = "";
  const look = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    try {
      setState(await read());
      told = "";
    } catch (error) {
      // Once for each trouble, not once a second.
      const words = `routing goes on with what it knows: ${text(error)}`;
      if (words !== told) process.emitWarning(words);
      told = words;
    } finally {
      asking = false;
    }
  };
  void look();
  const timer = setInterval(() => void look(), POLL * 1000);
  // No reason for the process to go on.
  timer.unref();
  return () => clearInterval(timer);
}

async function stateFile(): Promise<string | null> {
  try {
    return await readFile(STATE_FILE, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}
