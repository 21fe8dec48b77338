import type { IncomingMessage } from "node:http";
import type { Access } from "./access.ts";
import type { Backend } from "./store.ts";

/** Where Services lead: a base URL for one, or `null` where nothing answers behind it. */
export type Upstream = (service: {
  readonly namespace: string;
  readonly name: string;
  /** Number or name, "" where the path names none. */
  readonly port: string;
}) => string | null;

/** One line of a container, with the time of the kubelet, epoch ms. */
export interface LoggedLine {
  readonly at: number;
  readonly text: string;
}

/** Where logs come from: the containers named `istio-proxy`, by `namespace/pod`. Any other container has written nothing. */
export interface PodLogs {
  read(pod: string): readonly LoggedLine[];
  follow(pod: string, listener: (line: LoggedLine) => void): () => void;
}

/** One request on its way to an answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  readonly backend: Backend;
  readonly access: Access;
  readonly upstream: Upstream;
  readonly logs: PodLogs;
}

/** As large as a request may be on a real server (its limit for JSON Patch and for etcd is about this). */
const largestBody = 3 * 1024 * 1024;

/** The whole body as text; `null` where it is too large. */
export async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
