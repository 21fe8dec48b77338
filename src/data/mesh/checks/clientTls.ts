/** What a DestinationRule makes clients send, against what the servers behind it take: the table of istio.md 5. */
import { sidecarIn, type KnownService } from "../build/knownServices.ts";
import type { KnownWorkload } from "../build/knownWorkloads.ts";
import type { ServicePort } from "../declared/core.ts";
import type { Labels } from "../declared/meta.ts";
import type { ClientTlsMode, DestinationRule, TrafficPolicy } from "../declared/routing.ts";
import { destinationRuleFor } from "../resolve/destinationRules.ts";
import { matchesHost } from "../resolve/hosts.ts";
import { hasLabels } from "../resolve/labels.ts";
import { predictLock } from "../resolve/lock.ts";
import { effectiveMtls, modeOnPort } from "../resolve/mtls.ts";
import type { Check, CheckContext, Found, ListName } from "./check.ts";
import { hostOf, namespaceOf } from "./destinationRuleHosts.ts";

/** One place where a DestinationRule says how to encrypt. */
interface TlsBlock {
  readonly path: string;
  readonly mode: ClientTlsMode;
  /** Of the subset; `{}`: every pod. */
  readonly labels: Labels;
  /** `null`: every port. */
  readonly port: number | null;
}

function tlsBlocks({ trafficPolicy, subsets }: DestinationRule): readonly TlsBlock[] {
  return [
    ...blocksIn(trafficPolicy, "spec.trafficPolicy", {}),
    ...subsets.flatMap((subset, index) =>
      blocksIn(subset.trafficPolicy, `spec.subsets[${index}].trafficPolicy`, subset.labels),
    ),
  ];
}

function blocksIn(policy: TrafficPolicy | null, path: string, labels: Labels): readonly TlsBlock[] {
  if (policy === null) return [];
  const own = policy.tls === null ? [] : [{ path: `${path}.tls`, mode: policy.tls.mode, labels, port: null }];
  const ports = policy.portLevelSettings.flatMap(({ tls, port }, index) =>
    tls === null ? [] : [{ path: `${path}.portLevelSettings[${index}].tls`, mode: tls.mode, labels, port }],
  );
  return [...own, ...ports];
}

/** A connection that such a block breaks. */
interface Broken {
  readonly service: KnownService;
  readonly workload: KnownWorkload;
}

/** Services that clients in the rule's namespace reach by it. */
function servicesOf({ known, registry }: CheckContext, rule: DestinationRule): readonly KnownService[] {
  const host = hostOf(rule);
  const candidates = host.startsWith("*")
    ? known.services.filter((service) => matchesHost(host, service.host))
    : [known.serviceByHost.get(host)];
  return candidates.flatMap((service) => {
    if (service === undefined || "hosts" in service.declaredBy) return [];
    const seen = destinationRuleFor(registry, service.host, sidecarIn(namespaceOf(rule)));
    return seen?.refs.includes(rule.meta.ref) === true ? [service] : [];
  });
}

function brokenBy(context: CheckContext, rule: DestinationRule, block: TlsBlock): readonly Broken[] {
  const { known, registry } = context;
  return servicesOf(context, rule).flatMap((service) =>
    service.workloads.flatMap((key): readonly Broken[] => {
      const workload = known.workloads.get(key);
      if (workload === undefined || !hasLabels(workload.labels, block.labels)) return [];
      const ports = service.ports.filter(({ port }) => block.port === null || block.port === port);
      const fails = ports.some((port) => {
        const mode = modeOnPort(workload.mtls, containerPort(port, workload));
        const namespaceMode = effectiveMtls(registry, workload.namespace, null).mode;
        // Whether the program itself takes TLS is not known; under STRICT it does not matter.
        const server = {
          is: "workload" as const,
          proxy: workload.proxy,
          mode,
          namespaceMode,
          speaksTls: true,
        };
        const client = { proxy: "sidecar" as const, tls: block.mode };
        return predictLock({ client, server, autoMtls: registry.settings.autoMtls }) === "broken";
      });
      return fails ? [{ service, workload }] : [];
    }),
  );
}

function containerPort({ port, targetPort }: ServicePort, { kube }: KnownWorkload): number {
  if (typeof targetPort !== "string") return targetPort ?? port;
  return kube.containerPorts.find(({ name }) => name === targetPort)?.port ?? port;
}

/** One finding for each block that breaks anybody whom `concerns` takes. */
function findBroken(
  context: CheckContext,
  concerns: (block: TlsBlock, workload: KnownWorkload) => boolean,
  says: (mode: ClientTlsMode, whom: string) => string,
): readonly Found[] {
  return context.registry.lists.destinationRules.flatMap((rule) =>
    tlsBlocks(rule).flatMap((block): readonly Found[] => {
      const broken = brokenBy(context, rule, block).filter(({ workload }) => concerns(block, workload));
      const [first] = broken;
      if (first === undefined) return [];
      const more = broken.length > 1 ? ` and ${broken.length - 1} more` : "";
      const whom = `${first.workload.key} behind ${first.service.host}${more}`;
      return [{ object: rule.meta.ref, path: block.path, message: says(block.mode, whom) }];
    }),
  );
}

const needs: readonly ListName[] = ["destinationRules", "peerAuthentications", "services", "workloads"];
const reads: readonly ListName[] = ["pods", "namespaces", "endpointSlices", "gateways", "gatewayApiGateways"];
const hasProxy = ({ proxy }: KnownWorkload): boolean => proxy !== "none";

export const notMtlsUnderStrict: Check = {
  code: "MT0205",
  severity: "error",
  title: "DestinationRule without the mesh's mTLS to servers that demand it",
  meaning:
    "The tls block takes the place of automatic mTLS. DISABLE sends plaintext, SIMPLE and MUTUAL send other certificates than the mesh's: a server under STRICT resets each of these connections (503, flag UF or UC).",
  advice: "Remove the tls block (automatic mTLS does the rest), or set ISTIO_MUTUAL.",
  sources: { kiali: "KIA0207, KIA0208", istioctl: "IST0113" },
  needs,
  reads,
  find: (context) =>
    findBroken(
      context,
      ({ mode }, workload) => mode !== "ISTIO_MUTUAL" && hasProxy(workload),
      (mode, whom) =>
        `With ${mode} clients do not bring the mesh's certificate, and ${whom} demands it (STRICT).`,
    ),
};

export const mtlsToDisabled: Check = {
  code: "MT0206",
  severity: "error",
  title: "DestinationRule with mTLS to servers that refuse it",
  meaning:
    "ISTIO_MUTUAL takes the place of automatic mTLS, and the PeerAuthentication of the servers says DISABLE: their proxies do not understand what arrives, and connections fail.",
  advice: "Remove the tls block, or let the servers take mTLS (PERMISSIVE, STRICT).",
  sources: { kiali: "KIA0505, KIA0506", istioctl: "IST0113" },
  needs,
  reads,
  find: (context) =>
    findBroken(
      context,
      ({ mode }, workload) => mode === "ISTIO_MUTUAL" && hasProxy(workload),
      (_, whom) => `Clients send mTLS, and ${whom} refuses it (DISABLE).`,
    ),
};

export const mtlsToNoProxy: Check = {
  code: "MT0209",
  severity: "error",
  title: "DestinationRule with mTLS to pods without a proxy",
  meaning:
    "ISTIO_MUTUAL takes the place of automatic mTLS, which would have sent plaintext where there is no proxy: the program gets TLS that it cannot read.",
  advice: "Remove the tls block, or inject a proxy into the pods.",
  sources: {},
  needs,
  reads,
  find: (context) =>
    findBroken(
      context,
      ({ mode }, workload) => mode === "ISTIO_MUTUAL" && !hasProxy(workload),
      (_, whom) => `Clients send mTLS, and ${whom} has no proxy to take it.`,
    ),
};

export const demandedByNobody: Check = {
  code: "MT0213",
  severity: "info",
  title: "mTLS that clients are told to send and no server demands",
  meaning:
    "Automatic mTLS is switched off in this mesh, a DestinationRule for many hosts says ISTIO_MUTUAL, and no PeerAuthentication speaks for the servers: they are PERMISSIVE. Whoever sees the rule is encrypted; whoever does not sends plaintext and is let in. Nothing fails. (Kiali calls it an error.)",
  advice:
    "Write a PeerAuthentication: STRICT once nobody comes in plaintext (meshtop preview-strict), PERMISSIVE to say that it is meant.",
  sources: { kiali: "KIA0205, KIA0206" },
  needs: [...needs, "meshConfigs"],
  reads,
  find: (context) => {
    if (context.registry.settings.autoMtls) return [];
    return context.registry.lists.destinationRules.flatMap((rule): readonly Found[] => {
      const host = hostOf(rule);
      if (!host.startsWith("*") || rule.trafficPolicy?.tls?.mode !== "ISTIO_MUTUAL") return [];
      const open = servicesOf(context, rule).filter((service) => isOpen(context, service));
      const [first] = open;
      if (first === undefined) return [];
      const more = open.length > 1 ? ` and ${open.length - 1} more` : "";
      const message = `${host}: ${first.host}${more} would take plaintext from whoever does not see this rule.`;
      return [{ object: rule.meta.ref, path: "spec.trafficPolicy.tls", message }];
    });
  },
};

/** Some server behind it has a proxy, and no policy. */
const isOpen = ({ known }: CheckContext, { workloads }: KnownService): boolean =>
  workloads.some((key) => {
    const workload = known.workloads.get(key);
    return workload !== undefined && hasProxy(workload) && workload.mtls.from === "default";
  });

export const losesMtls: Check = {
  code: "MT0306",
  severity: "warning",
  title: "DestinationRule that drops the mTLS of a wider one",
  meaning:
    "The most specific DestinationRule counts whole, so the tls block of a wider one is lost; automatic mTLS is switched off in this mesh, and clients send plaintext. (Where it is on, nothing is lost, and there is no finding.)",
  advice: "Write tls.mode ISTIO_MUTUAL here too, or switch enableAutoMtls on.",
  sources: { kiali: "KIA0204" },
  needs: ["destinationRules", "meshConfigs"],
  reads: [],
  find: ({ registry }) => {
    if (registry.settings.autoMtls) return [];
    const all = registry.lists.destinationRules;
    return all.flatMap((rule): readonly Found[] => {
      if (tlsBlocks(rule).length > 0) return [];
      const host = hostOf(rule);
      const wider = all.find(
        (other) =>
          namespaceOf(other) === namespaceOf(rule) &&
          hostOf(other) !== host &&
          matchesHost(hostOf(other), host) &&
          other.trafficPolicy?.tls?.mode === "ISTIO_MUTUAL",
      );
      if (wider === undefined) return [];
      const message = `DestinationRule ${namespaceOf(wider)}/${wider.meta.ref.name} says ISTIO_MUTUAL for ${hostOf(wider)}; for ${host} this one counts instead, and says nothing.`;
      return [{ object: rule.meta.ref, path: "spec.trafficPolicy", message }];
    });
  },
};
