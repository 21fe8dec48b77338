import type { DataError } from "../mesh/result.ts";
import type { Connection } from "./connect.ts";
import type { Clock } from "./reflectorParts.ts";

/** A network that is gone says nothing: after this much silence the server is asked whether it is there. */
const silenceMs = 15_000;

/**
 * Asks for `/version` whenever the watches were silent for 15 s. Any answer is a sign of life; without one, `onDead` is told why.
 * Never rejects, ends with the signal.
 */
export async function heartbeat(options: {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Epoch ms of the last byte from the server; `null`: none yet. */
  readonly heardAt: () => number | null;
  readonly onAlive: () => void;
  readonly onDead: (error: DataError) => void;
}): Promise<void> {
  const { connection, clock, signal } = options;
  const isOver = (): boolean => signal.aborted;
  let failed = false;
  await clock.sleep(silenceMs, signal);
  while (!isOver()) {
    const silent = clock.now() - (options.heardAt() ?? 0);
    if (silent >= silenceMs || failed) {
      const answer = await connection.request("/version", { signal });
      if (isOver()) return;
      failed = !answer.ok;
      if (answer.ok) {
        await answer.value.body?.cancel().catch(() => undefined);
        options.onAlive();
      } else options.onDead(answer.error);
      await clock.sleep(failed ? silenceMs / 3 : silenceMs, signal);
    } else await clock.sleep(silenceMs - silent, signal);
  }
}
