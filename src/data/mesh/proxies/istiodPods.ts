/** Which pods to ask for the state of proxies: each istiod knows those that are connected to it, and no others. */
import type { Declared } from "../declared/declared.ts";

export interface IstiodPod {
  readonly namespace: string;
  readonly name: string;
  /** `istio.io/rev`; `default` where nothing is written. */
  readonly revision: string;
}

const REVISION = "istio.io/rev";
const APP = "app";

/** Ready pods behind the Services of istiod; where endpoints can't be read, pods with its label. By namespace and name, each once. */
export function istiodPods(
  declared: Pick<Declared, "services" | "endpointSlices" | "pods">,
): readonly IstiodPod[] {
  const { services, endpointSlices, pods } = declared;
  const revisions = new Map(
    pods
      .filter(({ meta }) => meta.labels[APP] === "istiod")
      .map(({ meta: { ref, labels } }) => [
        `${ref.namespace ?? ""}/${ref.name}`,
        labels[REVISION] ?? "default",
      ]),
  );
  const own = new Map(
    services
      .filter(({ meta, selector }) => meta.labels[APP] === "istiod" || selector?.[APP] === "istiod")
      .map(({ meta: { ref, labels } }) => [
        `${ref.namespace ?? ""}/${ref.name}`,
        labels[REVISION] ?? "default",
      ]),
  );
  const found = new Map<string, string>();
  for (const { meta, service, endpoints } of endpointSlices) {
    const namespace = meta.ref.namespace ?? "";
    const revision = own.get(`${namespace}/${service}`);
    if (revision === undefined) continue;
    for (const { pod, ready } of endpoints) {
      const key = `${namespace}/${pod ?? ""}`;
      if (pod !== null && ready) found.set(key, revisions.get(key) ?? revision);
    }
  }
  return [...(found.size > 0 ? found : revisions)]
    .map(([key, revision]) => {
      const slash = key.indexOf("/");
      return { namespace: key.slice(0, slash), name: key.slice(slash + 1), revision };
    })
    .toSorted((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}
