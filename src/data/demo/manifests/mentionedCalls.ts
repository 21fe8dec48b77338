/** Who calls whom, as far as manifests tell: addresses of Services in the environment and the arguments of containers. */
import type { KubeService, KubeWorkload } from "../../mesh/declared/core.ts";
import { serviceHost } from "../../mesh/resolve/hosts.ts";
import type { Json } from "../../mesh/json.ts";
import { listAt, textAt } from "../kube/fields.ts";
import type { Manifest } from "../kube/objects.ts";

export interface Mention {
  /** `namespace/name` of the workload. */
  readonly from: string;
  readonly to: KubeService;
  /** The one that is written, else the first of the Service. */
  readonly port: number;
}

/** Each pair of a workload and a Service once. */
export function mentionedCalls(
  manifests: readonly Manifest[],
  services: readonly KubeService[],
  workloads: readonly KubeWorkload[],
): readonly Mention[] {
  const byHost = new Map(
    services.map((one) => [serviceHost(one.meta.ref.namespace ?? "", one.meta.ref.name), one]),
  );
  return workloads.flatMap(({ kind, meta }): readonly Mention[] => {
    const { namespace, name } = meta.ref;
    const manifest = manifests.findLast(
      (one) => one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace,
    );
    const found = new Map<KubeService, Mention>();
    for (const text of textsOf(manifest)) {
      for (const { host, port } of addressesIn(text, namespace ?? "default")) {
        const to = byHost.get(host);
        const used = to?.ports.find((one) => one.port === port) ?? to?.ports[0];
        if (to === undefined || used === undefined || found.has(to)) continue;
        found.set(to, { from: `${namespace ?? "default"}/${name}`, to, port: used.port });
      }
    }
    return [...found.values()];
  });
}

function textsOf(manifest: Manifest | undefined): readonly string[] {
  const containers = listAt(manifest as unknown as Json, "spec", "template", "spec", "containers");
  return containers.flatMap((container) => [
    ...listAt(container, "env").flatMap((variable) => textAt(variable, "value") ?? []),
    ...["command", "args"].flatMap((field) =>
      listAt(container, field).flatMap((word) => (typeof word === "string" ? [word] : [])),
    ),
  ]);
}

const address =
  /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/\s]*@)?([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::(\d+))?(?:[/?].*)?$/i;

/** A bare name alone is an address only where it is all there is, or stands in a URL or before a port. */
function addressesIn(
  text: string,
  namespace: string,
): readonly { readonly host: string; readonly port: number | null }[] {
  return text.split(/[\s,;"'=]+/).flatMap((word) => {
    const [, name = "", port] = address.exec(word) ?? [];
    if (name === "") return [];
    const [service = "", owner = namespace] = name.split(".");
    return [{ host: serviceHost(owner, service), port: port === undefined ? null : Number(port) }];
  });
}
