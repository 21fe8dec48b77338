/** `meshtop logs`: lines on stdout as the proxies wrote them, everything else on stderr. */
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { parseLogFilter } from "../../data/mesh/proxyLog/logFilter.ts";
import type { LogLine } from "../../data/mesh/proxyLog/logTail.ts";
import type { TailNews, TailWish } from "../../data/mesh/proxyLog/tailWish.ts";
import { explain, type DataError, type Result } from "../../data/mesh/result.ts";
import { tailWishOf } from "../state/tailing.ts";
import type { Outlet } from "./outlet.ts";
import type { LogsCommand } from "./parseCommand.ts";

interface Logged {
  readonly mesh: Mesh;
  readonly namespace: string;
  readonly tail: (wish: TailWish, signal: AbortSignal, onNews: (news: TailNews) => void) => Promise<void>;
  readonly end: () => void;
}

interface World extends Pick<Outlet, "print" | "complain"> {
  /** The first SIGINT or SIGTERM aborts it. */
  readonly untilSignal: () => { readonly signal: AbortSignal; readonly end: () => void };
}

/** 0: read to the end, or followed until a signal; 1: there is no such log, or a pod of it could not be read; 2: no cluster. */
export async function performLogs(
  command: LogsCommand,
  logged: Result<Logged, DataError>,
  world: World,
): Promise<0 | 1 | 2> {
  if (!logged.ok) {
    world.complain(explain(logged.error));
    return 2;
  }
  const { mesh, namespace, tail, end } = logged.value;
  const wish = wishFor(command, mesh, namespace);
  if (wish === null) {
    world.complain(`There is no workload and no service ${command.target} here; a pod is NAMESPACE/POD.`);
    end();
    return 1;
  }
  const teller = tellerOf(command, wish, world);
  const { signal, end: letGo } = world.untilSignal();
  await tail(wish, signal, teller.hear);
  letGo();
  end();
  await teller.printed();
  return teller.wasTroubled() && !(command.follows && signal.aborted) ? 1 : 0;
}

/** `null`: nobody of this name, and not the form of a pod's. */
function wishFor({ target, follows, backlog }: LogsCommand, mesh: Mesh, namespace: string): TailWish | null {
  const key = target.includes("/") ? target : `${namespace}/${target}`;
  const has = ({ key: own }: { readonly key: string }): boolean => own === key;
  const is = mesh.workloads.some(has) ? "workload" : mesh.services.some(has) ? "service" : "object";
  if (is === "object" && !target.includes("/")) return null;
  const wish = tailWishOf({ is, key, ref: null }, mesh);
  return wish === null ? null : { ...wish, follows, backlog };
}

interface Teller {
  readonly hear: (news: TailNews) => void;
  /** Resolves when the system has taken all of it. */
  readonly printed: () => Promise<void>;
  /** Something of what was asked for could not be read. */
  readonly wasTroubled: () => boolean;
}

function tellerOf({ filter, format }: LogsCommand, wish: TailWish, { print, complain }: World): Teller {
  const parsed = parseLogFilter(filter);
  const passes = (parsed.ok ? parsed.value : null) ?? ((): boolean => true);
  const write = format === "json" ? inJson : wish.selectors === null ? inText : withPod;
  const said = new Set<string>();
  let printing = Promise.resolve();
  let isTroubled = false;
  const say = (sentence: string): void => {
    if (said.has(sentence)) return;
    said.add(sentence);
    complain(sentence);
  };
  return {
    hear({ lines, lost, pods, others, problem }) {
      const wanted = lines.filter(passes).map(write);
      if (wanted.length > 0) printing = printing.then(() => print(wanted.join("\n")));
      const why = [problem, ...pods.map((pod) => pod.why)].flatMap((sentence) => sentence ?? []);
      isTroubled ||= why.length > 0 || lost > 0;
      for (const sentence of why) say(sentence);
      if (lost > 0) complain(`${lost} lines came faster than they could be read, and were let go.`);
      if (others > 0)
        say(`The newest pods are read, and ${others} are not; NAMESPACE/POD takes one of them.`);
    },
    printed: () => printing,
    wasTroubled: () => isTroubled,
  };
}

const inText = ({ text }: LogLine): string => text;
/** Several proxies write into one stream: each line says whose it is. */
const withPod = ({ pod, text }: LogLine): string => `${pod} ${text}`;
const inJson = ({ pod, text, entry }: LogLine): string => JSON.stringify({ pod, text, entry });
