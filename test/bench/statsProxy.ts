import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { queryLedger, type PrometheusCounts } from "../support/queryLedger.ts";

export interface StatsProxy {
  readonly url: string;
  readonly count: () => PrometheusCounts;
  readonly delay: (ms: number) => void;
  /** From now on another one answers. */
  readonly pointTo: (target: string) => void;
}

const NOTE = ',"stats":';

interface Noted {
  readonly text: string;
  readonly samples: number;
  readonly computedMs: number;
}

/** An answer without what `stats=all` adds to it, and what that says. */
function withoutStats(answer: string): Noted {
  const at = answer.lastIndexOf(NOTE);
  if (at < 0) return { text: answer, samples: 0, computedMs: 0 };
  const end = answer.lastIndexOf("}}");
  const { samples, timings } = JSON.parse(answer.slice(at + NOTE.length, end)) as {
    readonly samples: { readonly totalQueryableSamples: number };
    readonly timings: { readonly evalTotalTime: number };
  };
  const text = `${answer.slice(0, at)}${answer.slice(end)}`;
  return { text, samples: samples.totalQueryableSamples, computedMs: timings.evalTotalTime * 1000 };
}

/** Stands before a real Prometheus, asks it what each query costs, and passes the answer on without that. */
export async function startStatsProxy(first: string): Promise<StatsProxy> {
  const { ask, count } = queryLedger();
  let [target, delayMs] = [first, 0];
  const pass = async (path: string, parameters: URLSearchParams): Promise<[number, string]> => {
    const promql = parameters.get("query") ?? "";
    const answered = ask(promql, parameters.get("time"));
    parameters.set("stats", "all");
    let cost = { bytes: 0, samples: 0, computedMs: 0 };
    try {
      const answer = await fetch(`${target}${path}?${parameters.toString()}`);
      const { text, ...noted } = withoutStats(await answer.text());
      cost = { bytes: text.length, ...noted };
      await new Promise((done) => setTimeout(done, delayMs));
      return [answer.status, text];
    } finally {
      answered(cost);
    }
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://localhost");
      const parameters = request.method === "POST" ? new URLSearchParams(body) : url.searchParams;
      const send = ([status, text]: readonly [number, string]): void => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(text);
      };
      void pass(url.pathname, parameters).then(send, (error: unknown) => send([502, String(error)]));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    count,
    delay: (ms) => void (delayMs = ms),
    pointTo: (next) => void (target = next),
  };
}
