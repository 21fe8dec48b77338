import type { Finding } from "../finding.ts";
import type { Flow } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import { nameOf } from "../declared/meta.ts";
import type { Destination, Rule } from "../model/route.ts";
import type { Service } from "../model/service.ts";
import type { KnownMesh } from "./knownMesh.ts";

/**
 * What is found while building, beside objects that could not be read (MT0001, by their parsers): evident from one object and its traffic.
 */
export const findingCodes = {
  missingSubset: {
    code: "MT0101",
    severity: "error",
    doc: "A route names a subset that no DestinationRule defines for its proxies: 503, flag NC (Kiali KIA1107).",
  },
  noEndpoints: {
    code: "MT0102",
    severity: "error",
    doc: "A route gives a share to a destination without a ready endpoint: 503, flag UH.",
  },
  zeroSum: {
    code: "MT0103",
    severity: "error",
    doc: "The weights of a rule with several destinations sum to 0: none gets anything.",
  },
  ignoredWeight: {
    code: "MT0104",
    severity: "warning",
    doc: "The weight of a rule's only destination says less than everything, and is ignored (Kiali KIA1104).",
  },
  unknownHost: {
    code: "MT0105",
    severity: "error",
    doc: "A route names a host that no Service and no ServiceEntry declares: 503, flag NC (Kiali KIA1101).",
  },
  plaintextUnderStrict: {
    code: "MT0201",
    severity: "warning",
    doc: "A workload demands mTLS (STRICT) and plaintext was seen arriving within the window.",
  },
} as const satisfies Readonly<Record<string, Pick<Finding, "code" | "severity"> & { readonly doc: string }>>;

type Kind = keyof typeof findingCodes;

/** Unreadable objects first, then what the mesh shows, each thing once however many services show it. */
export function buildFindings(
  known: KnownMesh,
  flows: FlowIndex,
  services: readonly Service[],
): readonly Finding[] {
  const found = new Map<string, Finding>();
  const add = (finding: Finding): void => {
    const key = `${finding.code} ${nameOf(finding.object)} ${finding.path}`;
    if (!found.has(key)) found.set(key, finding);
  };
  for (const { routes } of services) {
    for (const rule of routes.flatMap((route) => route.rules))
      for (const finding of ruleFindings(rule)) add(finding);
  }
  for (const finding of plaintextFindings(known, flows)) add(finding);
  return [...known.declared.unreadable, ...found.values()];
}

function findingOf(kind: Kind, at: Omit<Finding, "code" | "severity">): Finding {
  const { code, severity } = findingCodes[kind];
  return { code, severity, ...at };
}

/** A rule that proxies never try hurts nobody. */
function ruleFindings(rule: Rule): readonly Finding[] {
  if (rule.unreachable) return [];
  const { destinations, ref } = rule;
  const found: Finding[] = [];
  const single = destinations[0];
  if (destinations.length > 1 && single?.share === null) {
    const message = `The weights of rule ${rule.index + 1} sum to 0, so no destination gets anything; give one of them a weight.`;
    found.push(findingOf("zeroSum", { object: ref, path: pathOf(rule), message }));
  }
  if (destinations.length === 1 && single !== undefined && isIgnored(rule, single)) {
    const message = `Weight ${single.weight ?? 0} is ignored: the only destination of a rule gets 100 %. Add the other destination, or remove the weight.`;
    found.push(findingOf("ignoredWeight", { object: ref, path: `${pathOf(rule, single)}.weight`, message }));
  }
  for (const destination of destinations) found.push(...destinationFindings(rule, destination));
  return found;
}

/** Gateway API's weights are made to be written on one backend too. */
const isIgnored = ({ ref }: Rule, { weight }: Destination): boolean =>
  ref.kind === "VirtualService" && weight !== null && weight !== 100;

function destinationFindings(rule: Rule, destination: Destination): readonly Finding[] {
  const at = { object: rule.ref, path: pathOf(rule, destination) };
  const { host, subset, problem, share } = destination;
  if (problem === "missing subset") {
    const message = `Subset ${subset ?? ""} of ${host} is not defined by any DestinationRule that these proxies see; requests sent to it fail (503 NC). Define it, or name another.`;
    return [findingOf("missingSubset", { ...at, message })];
  }
  if (problem === "unknown host") {
    const message = `No Service and no ServiceEntry has the host ${host}; requests sent to it fail. A name with a dot is taken as it is: write the full name.`;
    return [findingOf("unknownHost", { ...at, message })];
  }
  if (problem === "no endpoints" && (share ?? 0) > 0) {
    const name = subset === null ? host : `subset ${subset} of ${host}`;
    const message = `No ready endpoint behind ${name}, which gets ${Math.round((share ?? 0) * 100)} % of rule ${rule.index + 1}; these requests fail (503 UH).`;
    return [findingOf("noEndpoints", { ...at, message })];
  }
  return [];
}

/** As the object has it: `spec.http[0].route[1]`, `spec.rules[0].backendRefs[1]`. */
function pathOf(rule: Rule, destination?: Destination): string {
  const gatewayApi = rule.ref.group === "gateway.networking.k8s.io";
  const list = gatewayApi ? "rules" : rule.protocol === "grpc" ? "http" : rule.protocol;
  const one =
    destination === undefined ? "" : `.${gatewayApi ? "backendRefs" : "route"}[${destination.index}]`;
  return `spec.${list}[${rule.index}]${one}`;
}

/** One finding for each workload, with those who came in plaintext. */
function plaintextFindings(known: KnownMesh, { flows }: FlowIndex): readonly Finding[] {
  const callers = new Map<string, Set<string>>();
  for (const flow of flows) {
    const { destination, source } = flow;
    if (destination === null || !isPlain(flow)) continue;
    const workload = known.workloads.get(destination.key);
    if (workload?.mtls.mode !== "STRICT" || Object.keys(workload.mtls.ports).length > 0) continue;
    const names = callers.get(destination.key) ?? new Set();
    callers.set(destination.key, names.add(source?.key ?? "callers without a proxy"));
  }
  return [...callers].sort().flatMap(([key, names]) => {
    const workload = known.workloads.get(key);
    if (workload === undefined) return [];
    const by = workload.mtls.from === "default" ? "" : ` (${nameOf(workload.mtls.from)})`;
    const message = `STRICT${by}, and plaintext arrived from ${[...names].sort().join(", ")}; give them a proxy, or exempt the port.`;
    return [findingOf("plaintextUnderStrict", { object: workload.ref, path: "", message })];
  });
}

const isPlain = ({ seen }: Flow): boolean => seen.http.plain + seen.grpc.plain + seen.tcp.plain > 0;
