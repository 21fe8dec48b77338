import type { Mesh } from "../../../data/mesh/model/mesh.ts";
import type { Balancing, Service } from "../../../data/mesh/model/service.ts";
import { sourceWord } from "../../columns/words.ts";
import { span } from "../../paint/line.ts";
import type { Fact } from "./sheet.ts";

const localityWords = {
  "near first": "the caller's own zone first, others when it is ejected",
  distribute: "by fixed shares for each locality",
  "no failover": "no failover: that takes outlierDetection, and there is none",
  off: "off",
} as const satisfies Readonly<Record<NonNullable<Balancing["locality"]>, string>>;

/** How callers choose among the endpoints. */
export function balancingFacts({ balancing }: Service): readonly Fact[] {
  if (balancing === null) return [];
  const { simple, sticky, locality, zones } = balancing;
  const spread = Object.entries(zones).map(([zone, ready]) => `${zone} ${ready}`);
  const how = sticky === null ? (simple ?? "LEAST_REQUEST, Istio's default") : `sticky: ${sticky}`;
  return [
    ["balancing", how],
    ...(locality === null
      ? []
      : [
          [
            "locality",
            [span(localityWords[locality], locality === "no failover" ? "warn" : undefined)],
          ] as const,
        ]),
    ...(spread.length === 0 ? [] : [["zones", spread.join(", ")] as const]),
  ];
}

/** What callers are told about TLS by a DestinationRule; certificates of the mesh only with ISTIO_MUTUAL. */
export function clientTlsFacts({ clientTls }: Service): readonly Fact[] {
  if (clientTls === null) return [];
  const { mode, from } = clientTls;
  const means =
    mode === "ISTIO_MUTUAL"
      ? "the mesh's mTLS"
      : mode === "DISABLE"
        ? "plaintext"
        : "TLS that is not the mesh's";
  return [["callers use", `${mode} (${means}), from ${sourceWord(from)}`]];
}

/** Who listens for the routes of a service that are bound to gateways; a Gateway that is not there listens for nobody. */
export function gatewayFacts({ detail }: Service, { gateways }: Mesh): readonly Fact[] {
  const names = new Set(detail.routes.flatMap(({ scope }) => scope.gateways));
  return [...names].map((name): Fact => {
    const gateway = gateways.find(({ key }) => key === name);
    if (gateway === undefined) return ["gateway", [span(`${name}: no such Gateway, nobody listens`, "bad")]];
    const listeners = gateway.listeners.map(({ port, protocol, hosts, tls, credential }) => {
      const ended = tls === null ? "" : ` ${tls}${credential === null ? "" : ` (${credential})`}`;
      return `${name}: ${port} ${protocol}${ended} for ${hosts.join(", ")}`;
    });
    return ["gateway", listeners];
  });
}

/** The waypoint that it asks for, and what of its traffic goes there. */
export function waypointFacts({ waypoint }: Service): readonly Fact[] {
  if (waypoint === null) return [];
  const { gateway, takes, why, ingress } = waypoint;
  if (takes !== "yes") {
    const word = takes === "no" ? "nothing goes through it" : "unknown whether it takes anything";
    return [
      ["waypoint", [span(`${gateway}: ${word}`, "warn")]],
      ["", why ?? ""],
    ];
  }
  const gateways = ingress ? "gateways too" : "gateways go past it";
  return [["waypoint", [gateway, `for callers in the ambient mesh; ${gateways}, sidecars go past it`]]];
}
