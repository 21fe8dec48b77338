/** `namespace/name`; for a host outside that only telemetry knows `/host`, in no namespace. */
export type ServiceKey = string;

/** `namespace/name`: what metrics call `workload`. */
export type WorkloadKey = string;

/**
 * Unique in one graph: `workload:ns/name`, `service:ns/name`, `external:host`, `unknown` (callers without a proxy), `unknown:no route` (where requests
 * end that no route takes: another node, or the picture would run in a circle), `passthrough:host`, `blackhole:host`.
 */
export type NodeId = string;
