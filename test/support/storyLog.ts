/** The access log of a workload of a story, as the program reads it from the embedded API server. */
import { setTimeout as pause } from "node:timers/promises";
import { startDemo } from "../../src/data/demo/startDemo.ts";
import { connect } from "../../src/data/kubernetes/connect.ts";
import { tailProxies } from "../../src/data/kubernetes/podLog/tailProxies.ts";
import type { Labels } from "../../src/data/mesh/declared/meta.ts";
import type { LogLine } from "../../src/data/mesh/proxyLog/logTail.ts";

interface Asked {
  readonly namespace: string;
  readonly selector: Labels;
}

/** What is written in ten minutes, up to 1,000 lines of each pod. */
export async function logOfStory(
  [scenario, variant]: readonly [string, string | null],
  { namespace, selector }: Asked,
): Promise<readonly LogLine[]> {
  const at = Math.floor(Date.now() / 5_000) * 5_000;
  const started = await startDemo({ scenario, variant, seed: 1, clock: () => at });
  if (!started.ok) throw new Error(started.error.message);
  const connection = await connect({ kubeconfig: { text: started.value.kubeconfig }, context: null });
  if (!connection.ok) throw new Error(connection.error.message);
  const lines: LogLine[] = [];
  try {
    await tailProxies({
      connection: connection.value,
      wish: { namespace, name: "", selectors: [selector], backlog: 1000, follows: false },
      signal: new AbortController().signal,
      sleep: async (ms, signal) => {
        await pause(ms, undefined, { signal }).catch(() => undefined);
      },
      onNews: (news) => void lines.push(...news.lines),
    });
    return lines;
  } finally {
    await started.value.stop();
  }
}
