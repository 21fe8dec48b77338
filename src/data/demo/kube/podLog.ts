/** `GET /api/v1/namespaces/NS/pods/POD/log`: what a kubelet would send through the API server. */
import { listAt, textAt } from "./fields.ts";
import type { Exchange, LoggedLine, PodLogs } from "./exchange.ts";
import { keyOf, type KubeObject } from "./objects.ts";
import { refused, text, type Reply } from "./reply.ts";
import { badRequest, notFound } from "./status.ts";
import type { ObjectTarget } from "./target.ts";

export const noLogs: PodLogs = { read: () => [], follow: () => () => undefined };

const proxy = "istio-proxy";

/** 404 for an unknown pod, 400 for a container that the pod has not, or where it has several and none is named. */
export function answerLog({ query, backend, logs }: Exchange, target: ObjectTarget): Reply {
  const name = target.name ?? "";
  const key = keyOf(target.namespace, name);
  const pod = backend.storage.find(target.kind, key);
  if (pod === null) return refused(notFound(target.kind, name));
  const names = containersOf(pod);
  const container = query.get("container") ?? (names.length === 1 ? names[0] : null);
  if (container === null || container === undefined)
    return refused(
      badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(" ")}]`),
    );
  if (!names.includes(container))
    return refused(badRequest(`container ${container} is not valid for pod ${name}`));
  const path = `${target.namespace ?? "default"}/${name}`;
  const asked = { query, path, logs: container === proxy ? logs : noLogs };
  return query.get("follow") === "true" ? stream(asked) : text(200, written(asked));
}

const containersOf = (pod: KubeObject): readonly string[] =>
  ["initContainers", "containers"].flatMap((list) =>
    listAt(pod, "spec", list).flatMap((container) => textAt(container, "name") ?? []),
  );

interface Asked {
  readonly query: URLSearchParams;
  /** `namespace/pod`. */
  readonly path: string;
  readonly logs: PodLogs;
}

function written({ query, path, logs }: Asked): string {
  const since = Date.parse(query.get("sinceTime") ?? "");
  const lines = logs.read(path).filter(({ at }) => Number.isNaN(since) || at >= since);
  const tail = query.get("tailLines");
  const kept = tail === null ? lines : lines.slice(Math.max(0, lines.length - Number(tail)));
  return kept.map((line) => sentLine(query, line)).join("");
}

const sentLine = (query: URLSearchParams, { at, text: said }: LoggedLine): string =>
  query.get("timestamps") === "true" ? `${stampOf(at)} ${said}\n` : `${said}\n`;

/** As a kubelet prints it: nine digits of a second. */
function stampOf(at: number): string {
  const nanos = String(Math.round((at % 1000) * 1e6)).padStart(9, "0");
  return `${new Date(at).toISOString().slice(0, 19)}.${nanos.slice(0, 9)}Z`;
}

function stream(asked: Asked): Reply {
  const start = (response: Parameters<Extract<Reply, { is: "stream" }>["start"]>[0]): void => {
    response.writeHead(200, { "content-type": "text/plain", "cache-control": "no-cache, private" });
    response.flushHeaders();
    response.write(written(asked));
    const stop = asked.logs.follow(asked.path, (line) => response.write(sentLine(asked.query, line)));
    response.on("close", stop);
  };
  return { is: "stream", start };
}
