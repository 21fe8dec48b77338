/** `namespace/name`. */
export type ServiceKey = string;

/** `namespace/name`: what metrics call `workload`. */
export type WorkloadKey = string;

/** Unique in one graph: `workload:ns/name`, `service:ns/name`, `external:host`, `unknown`, `passthrough:host`, `blackhole:host`. */
export type NodeId = string;
