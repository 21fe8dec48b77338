/** What the proxies take the traffic on a port for. */

/** `tls`: encrypted by the programs themselves; a proxy sees the server name and no more. */
export type Spoken = "http" | "grpc" | "tcp" | "tls";

/** `request_protocol`: what is inside of TLS is bytes like any other. */
export type Reported = Exclude<Spoken, "tls">;

/** `http`: whatever Envoy's HTTP filters read; gRPC is told by its content type, request by request. */
type Declared = "http" | "tcp" | "tls";

const declared: Readonly<Record<string, Declared>> = {
  http: "http",
  http2: "http",
  "kubernetes.io/h2c": "http",
  grpc: "http",
  "grpc-web": "http",
  tcp: "tcp",
  tls: "tls",
  https: "tls",
  mongo: "tcp",
  mysql: "tcp",
  redis: "tcp",
};

interface PortWords {
  readonly name: string;
  readonly appProtocol?: string | null;
  /** Of a ServiceEntry or of a gateway, where it is a word of Istio's; a Service's is left out. */
  readonly protocol?: string;
}

/** The port's appProtocol, else its name up to the first dash; `null`: it is sniffed (Istio docs, "Protocol selection"). */
export function declaredOn(port: PortWords): Declared | null {
  const written = (port.appProtocol ?? port.protocol ?? port.name.split("-")[0] ?? "").toLowerCase();
  return declared[written] ?? null;
}

/** What becomes of a program that speaks so to this port. TLS on a sniffed port is bytes: only declared ports have tls rules. */
export function protocolOn(port: PortWords, speaks: Spoken): Spoken {
  const said = declaredOn(port) ?? (speaks === "http" || speaks === "grpc" ? "http" : "tcp");
  if (said !== "http") return said;
  return speaks === "grpc" ? "grpc" : "http";
}

export function reportedAs(protocol: Spoken): Reported {
  return protocol === "tls" ? "tcp" : protocol;
}

/** Layer 7, or connections. */
export function isHttp(protocol: Spoken): protocol is "http" | "grpc" {
  return protocol === "http" || protocol === "grpc";
}
