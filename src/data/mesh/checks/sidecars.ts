/** Sidecar objects: which of them counts, and what they let their workloads see (istio.md 6). */
import { nameOf } from "../declared/meta.ts";
import type { Sidecar } from "../declared/routing.ts";
import { hostsOverlap, mostSpecific } from "../resolve/hosts.ts";
import { hasLabels } from "../resolve/labels.ts";
import { workloadsWith } from "../resolve/workloadIndex.ts";
import type { Check, CheckContext, Found } from "./check.ts";
import { routeLists } from "./routeRules.ts";

const namespaceOf = ({ meta }: Sidecar): string => meta.ref.namespace ?? "";

export const secondSidecar: Check = {
  code: "MT0601",
  severity: "error",
  title: "second Sidecar for a whole namespace",
  meaning:
    "Of several without a workloadSelector in one namespace the oldest counts, and the others are ignored.",
  advice: "Make one of them.",
  sources: { kiali: "KIA0002", istioctl: "IST0111" },
  needs: ["sidecars"],
  reads: [],
  find: ({ registry }) =>
    [...registry.sidecars.values()].flatMap((sidecars) => {
      const [oldest, ...younger] = sidecars.filter(({ workloadSelector }) => workloadSelector === null);
      if (oldest === undefined) return [];
      const message = `${nameOf(oldest.meta.ref)} is older and counts; this one is ignored.`;
      return younger.map(({ meta }): Found => ({ object: meta.ref, path: "", message }));
    }),
};

export const secondSidecarForWorkload: Check = {
  code: "MT0602",
  severity: "error",
  title: "second Sidecar for one workload",
  meaning: "Of several whose workloadSelectors match a workload the oldest counts whole.",
  advice: "Narrow a selector, or make one of the two.",
  sources: { kiali: "KIA0003", istioctl: "IST0110" },
  needs: ["sidecars", "workloads"],
  reads: [],
  find: ({ registry }) =>
    [...registry.sidecars.entries()].flatMap(([namespace, sidecars]) => {
      const selecting = sidecars.filter(({ workloadSelector }) => workloadSelector !== null);
      return selecting.flatMap(({ meta, workloadSelector }, index): readonly Found[] => {
        for (const workload of workloadsWith(registry.workloads, namespace, workloadSelector ?? {})) {
          const { labels } = workload.template;
          const oldest = selecting
            .slice(0, index)
            .find((one) => hasLabels(labels, one.workloadSelector ?? {}));
          if (oldest === undefined) continue;
          const message = `For ${nameOf(workload.meta.ref)} ${nameOf(oldest.meta.ref)} is older and counts; this one is ignored there.`;
          return [{ object: meta.ref, path: "spec.workloadSelector", message }];
        }
        return [];
      });
    }),
};

/** Does a host of `egress` name anything that is declared, or that may be and has not been read? */
function namesSomething(context: CheckContext, sidecar: Sidecar, written: string): boolean {
  const slash = written.indexOf("/");
  const [place, host] = slash < 0 ? ["*", written] : [written.slice(0, slash), written.slice(slash + 1)];
  if (host === "*" || place === "~") return true;
  const wanted = place === "." ? namespaceOf(sidecar) : place;
  const { covers, known, registry } = context;
  const read =
    covers("services", wanted === "*" ? null : wanted) === "yes" && covers("serviceEntries", null) === "yes";
  if (!read) return true;
  const inPlace = (namespace: string): boolean => wanted === "*" || wanted === namespace;
  return (
    known.services.some((service) => inPlace(service.namespace) && hostsOverlap(host, service.host)) ||
    mostSpecific(registry.serviceEntries, host) !== null ||
    registry.routes.objects.some(
      ({ namespace, meshHosts }) => inPlace(namespace) && meshHosts.some((one) => hostsOverlap(host, one)),
    )
  );
}

export const egressOfNobody: Check = {
  code: "MT0603",
  severity: "warning",
  title: "Sidecar that imports a host which nobody declares",
  meaning:
    "An egress host is a full name behind its namespace (`./catalog.shop.svc.cluster.local`, `shop/*`); one that names nothing imports nothing, and the workloads do not see what was meant.",
  advice: "Write the full name of the host, and the namespace in which it is declared.",
  sources: { kiali: "KIA1004", istioctl: "IST0101" },
  needs: ["sidecars", "services", "serviceEntries"],
  reads: routeLists,
  find: (context) =>
    context.registry.lists.sidecars.flatMap((sidecar) =>
      (sidecar.egressHosts ?? [])
        .filter((written) => !namesSomething(context, sidecar, written))
        .map((written) => ({
          object: sidecar.meta.ref,
          path: "spec.egress",
          message: `Nothing that is declared has the host ${written}.`,
        })),
    ),
};

export const selectorInRoot: Check = {
  code: "MT0604",
  severity: "warning",
  title: "Sidecar with a workloadSelector in the root namespace",
  meaning:
    "In the root namespace a Sidecar without selector is the default of the mesh; one with a selector is for the workloads of that namespace alone.",
  advice: "Move it to the namespace of the workloads, or remove the selector.",
  sources: { kiali: "KIA1006" },
  needs: ["sidecars"],
  reads: ["workloads"],
  find: ({ registry }) => {
    const root = registry.settings.rootNamespace;
    return registry.lists.sidecars.flatMap((sidecar): readonly Found[] => {
      if (namespaceOf(sidecar) !== root || sidecar.workloadSelector === null) return [];
      // Somebody there has the labels: it does what it says.
      if (workloadsWith(registry.workloads, root, sidecar.workloadSelector).length > 0) return [];
      const message = `${root} is the root namespace: with a workloadSelector this is no default for the mesh.`;
      return [{ object: sidecar.meta.ref, path: "spec.workloadSelector", message }];
    });
  },
};

export const openPolicy: Check = {
  code: "MT0605",
  severity: "info",
  title: "Sidecar whose outbound policy does not say its mode",
  meaning:
    "A block `outboundTrafficPolicy` without `mode` means REGISTRY_ONLY to istiod, and reads as if nothing were set: hosts that are not declared are cut off.",
  advice: "Write the mode, ALLOW_ANY or REGISTRY_ONLY, or remove the block.",
  sources: { kiali: "KIA1007" },
  needs: ["sidecars"],
  reads: [],
  find: ({ registry }) =>
    registry.lists.sidecars
      .filter(
        ({ outboundTrafficPolicy }) => outboundTrafficPolicy !== null && outboundTrafficPolicy.mode === null,
      )
      .map(({ meta }) => ({
        object: meta.ref,
        path: "spec.outboundTrafficPolicy",
        message: "The block has no mode, which istiod reads as REGISTRY_ONLY.",
      })),
};
