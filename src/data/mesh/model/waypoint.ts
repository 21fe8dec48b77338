/** The waypoint that a Service asks for by label `istio.io/use-waypoint`, its own or its namespace's. */
export interface Waypoint {
  /** `namespace/name` of the Gateway; nothing says here that it exists. */
  readonly gateway: string;
  /**
   * Does what is sent to the Service's address go through it? `no`: ztunnels send to the pods themselves. `unknown`: nobody may read what decides.
   * Sidecars and callers without a mesh pass it by in any case.
   */
  readonly takes: "yes" | "no" | "unknown";
  /** Why not, or why nobody can tell, as the end of "…, for"; `null` where `takes` is `yes`. */
  readonly why: string | null;
  /** Ingress gateways send through it too (label `istio.io/ingress-use-waypoint`); without it they go past. */
  readonly ingress: boolean;
}
