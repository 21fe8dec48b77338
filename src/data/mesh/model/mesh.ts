/**
 * What one frame shows. Plain JSON, immutable; `share` keeps the identity of subtrees that did not change.
 * `null` means "looked, none there", never "not loaded": that is `sources`' business. Lists are sorted by key.
 */
import type { KindStatus } from "../declared/declared.ts";
import type { Finding } from "../finding.ts";
import type { DataError } from "../result.ts";
import type { Instant, Millis } from "../units.ts";
import type { Breaker } from "./breaker.ts";
import type { Canary } from "./canary.ts";
import type { ClusterLink } from "./clusters.ts";
import type { ControlPlane } from "./controlPlane.ts";
import type { Egress } from "./egress.ts";
import type { Gateway } from "./gateway.ts";
import type { Graph } from "./graph.ts";
import type { MeshMtls } from "./security.ts";
import type { Service } from "./service.ts";
import type { Workload } from "./workload.ts";

export interface Mesh {
  /** When Prometheus evaluated the telemetry; `null` while there is none. */
  readonly at: Instant | null;
  readonly window: Millis;
  readonly namespaces: readonly NamespaceSummary[];
  readonly services: readonly Service[];
  /** Built when they are asked for first (docs/adr/0014), as the lists of the graph are. */
  readonly workloads: readonly Workload[];
  readonly gateways: readonly Gateway[];
  readonly controlPlanes: readonly ControlPlane[];
  /** Empty where telemetry names one cluster or none. */
  readonly clusters: readonly ClusterLink[];
  readonly graph: Graph;
  readonly canaries: readonly Canary[];
  readonly mtls: MeshMtls;
  readonly breakers: readonly Breaker[];
  readonly egress: Egress;
  readonly findings: readonly Finding[];
  readonly sources: Sources;
}

export interface NamespaceSummary {
  readonly name: string;
  readonly services: number;
  readonly workloads: number;
  /** Label `istio.io/rev` or "default" for `istio-injection=enabled`; `null`: not injected. */
  readonly revision: string | null;
  readonly ambient: boolean;
}

export type SourceState =
  | { readonly is: "waiting" }
  | { readonly is: "live"; readonly at: Instant }
  /** Old data stays on screen; `at` is when it was last fresh, `null` if never. */
  | { readonly is: "stale"; readonly at: Instant | null; readonly error: DataError };

interface Sources {
  readonly kubernetes: SourceState;
  readonly prometheus: SourceState;
  readonly kinds: readonly KindStatus[];
  /** One line for each thing that cannot be seen: a missing label, a forbidden kind, a failed query. */
  readonly notes: readonly string[];
}
