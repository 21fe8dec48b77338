import type { ResourceRef } from "../declared/meta.ts";
import type { WorkloadKey } from "./keys.ts";

/** One Gateway, Istio's or the Gateway API's, with all that it listens for. */
export interface Gateway {
  /** `namespace/name`, as scopes of routes have it. */
  readonly key: string;
  readonly ref: ResourceRef;
  /** Whose proxies listen; empty: nobody's. */
  readonly workloads: readonly WorkloadKey[];
  readonly listeners: readonly Listener[];
}

interface Listener {
  readonly port: number;
  /** As written: `HTTP`, `HTTPS`, `TCP`. */
  readonly protocol: string;
  readonly hosts: readonly string[];
  /** `SIMPLE`, `MUTUAL`, `PASSTHROUGH`; `null`: nothing is said of TLS. */
  readonly tls: string | null;
  /** Name of the Secret with the certificate; `null`: none is named. */
  readonly credential: string | null;
}
