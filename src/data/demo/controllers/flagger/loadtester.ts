/** Flagger's loadtester, which its documents use for webhooks of every type (pkg/loadtester/server.go). */
import { parseSpan } from "../../../mesh/duration.ts";
import { perSecond, ratio } from "../../../mesh/units.ts";
import { labelsAt, numberAt } from "../../kube/fields.ts";
import type { KubeObject } from "../../kube/objects.ts";
import type { ObjectStore } from "../../kube/store.ts";
import { request } from "../../scenarios/calls.ts";
import type { Source } from "../../scenarios/scenario.ts";
import type { Loads } from "../../traffic/loads.ts";
import type { CanarySpec, Webhook } from "./canaryObject.ts";
import type { FlaggerCluster } from "./visit.ts";

interface Testers {
  readonly store: ObjectStore;
  readonly loads: Loads;
  /** Part of the requests that a workload (`namespace/name`) answers with 500. */
  readonly errorsOf: (workload: string) => number;
}

interface Asked extends Testers {
  readonly hook: Webhook;
  readonly from: CanarySpec;
  readonly now: number;
  /** `namespace/name` of the Deployment that is asked. */
  readonly tester: string;
}

/** Any Service of the cluster is taken for a loadtester; where none is, or no pod of it, the call itself fails. */
export function askLoadtester(testers: Testers): FlaggerCluster["ask"] {
  return (hook, from, now) => {
    const url = URL.parse(hook.url);
    if (url === null) return `parse "${hook.url}": invalid URI for request`;
    const service = serviceAt(testers.store, url.hostname, from.namespace);
    const failed = (why: string): string => `Post "${hook.url}": dial tcp: ${why}`;
    if (service === null) return failed(`lookup ${url.hostname} on 10.96.0.10:53: no such host`);
    const [tester] = workloadsOf(testers.store, service);
    if (tester === undefined) return failed("connect: connection refused");
    const gate = gates.get(url.pathname);
    return gate === undefined ? run({ ...testers, hook, from, now, tester }) : gate;
  };
}

/** Gates that are always open or always shut, and those that a person opens, which begin shut; `null` is a yes. */
const gates: ReadonlyMap<string, string | null> = new Map([
  ["/gate/approve", null],
  ["/gate/halt", "Forbidden"],
  ["/gate/check", "Forbidden"],
  ["/rollback/check", "Forbidden"],
]);

/** `bash` is waited for; anything else is begun and answered 202. */
function run(asked: Asked): string | null {
  const { cmd, type } = asked.hook.metadata;
  if (cmd === undefined) return "metadata not found in payload";
  const url = URL.parse(/https?:\/\/\S+/.exec(cmd)?.[0] ?? "");
  if (type === "bash") {
    const status = url === null ? 0 : exitOf(asked, url);
    return status === 0 ? null : `command ${cmd} failed: : exit status ${status}`;
  }
  if (url !== null) beginLoad(asked, cmd, url);
  return null;
}

/** What `curl -f` ends with: 6 without such a host, 7 without a pod, 22 where more than half of the answers are errors. */
function exitOf({ store, errorsOf, from }: Asked, url: URL): number {
  const service = serviceAt(store, url.hostname, from.namespace);
  if (service === null) return 6;
  const workloads = workloadsOf(store, service);
  if (workloads.length === 0) return 7;
  return workloads.some((workload) => errorsOf(workload) > 0.5) ? 22 : 0;
}

/** `hey -z 1m -q 10 -c 2 URL`: for a minute, 10 a second by each of 2. */
function beginLoad({ loads, now, tester, from }: Asked, cmd: string, url: URL): void {
  const option = (name: string): string | null => new RegExp(`-${name} (\\S+)`).exec(cmd)?.[1] ?? null;
  const rate = Number(option("q") ?? 1) * Number(option("c") ?? 1);
  const source: Source = {
    at: { is: "workload", workload: tester },
    rate: perSecond(rate),
    swing: ratio(0),
    call: { ...request, host: url.hostname, port: Number(url.port || "80"), path: url.pathname },
  };
  const until = now + (parseSpan(option("z") ?? "") ?? 0);
  loads.begin(`${from.namespace}/${from.name} ${cmd}`, source, { now, until });
}

/** `name`, `name.namespace` and longer. */
function serviceAt(store: ObjectStore, host: string, namespace: string): KubeObject | null {
  const [name = "", written = namespace] = host.split(".");
  return store.get({ group: "", kind: "Service", namespace: written, name });
}

/** Deployments with pods that a Service selects, by `namespace/name`. */
function workloadsOf(store: ObjectStore, service: KubeObject): readonly string[] {
  const { namespace } = service.metadata;
  const selector = Object.entries(labelsAt(service, "spec", "selector"));
  return store
    .list({ group: "apps", kind: "Deployment" })
    .filter((one) => one.metadata.namespace === namespace && (numberAt(one, "spec", "replicas") ?? 1) > 0)
    .filter((one) => {
      const labels = labelsAt(one, "spec", "template", "metadata", "labels");
      return selector.every(([key, value]) => labels[key] === value);
    })
    .map(({ metadata }) => `${metadata.namespace ?? "default"}/${metadata.name}`);
}
