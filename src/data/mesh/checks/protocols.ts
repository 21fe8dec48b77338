/** Protocols of ports as istiod reads them (`Parse` in pkg/config/protocol/instance.go, `ConvertProtocol` in pkg/config/kube/conversion.go). */

const known = [
  "tcp",
  "udp",
  "grpc",
  "grpc-web",
  "http",
  "http_proxy",
  "http2",
  "https",
  "tls",
  "mongo",
  "redis",
  "mysql",
  "hbone",
] as const;

/** A protocol in Istio's own word, whatever its case; `null`: none that Istio knows. */
export function parseProtocol(written: string): string | null {
  const lower = written.toLowerCase();
  return known.find((name) => name === lower) ?? null;
}

/** Kubernetes' own names for an application protocol. */
const kubernetesNames: ReadonlyMap<string, string> = new Map([
  ["kubernetes.io/h2c", "http2"],
  ["kubernetes.io/ws", "http"],
  ["kubernetes.io/wss", "https"],
]);

/** Ports where the server speaks first, so that istiod does not sniff: SMTP, DNS, MySQL, MongoDB. */
const wellKnown = new Set([25, 53, 3306, 27017]);

/** The protocol of an `appProtocol`; `null`: it says none, and proxies look at the traffic. */
export const appProtocolOf = (written: string): string | null =>
  kubernetesNames.get(written) ?? protocolOfName(written);

/** The protocol that a port's name begins with: `http`, `http-web`, `grpc-web-x`. */
export function protocolOfName(name: string): string | null {
  if (name.toLowerCase().startsWith("grpc-web")) return "grpc-web";
  return parseProtocol(name.split("-", 1)[0] ?? "");
}

export const isWellKnown = (port: number): boolean => wellKnown.has(port);
