import type { ViewId } from "../state/uiState.ts";

/** Views with a cursor that stands on something of the mesh. */
export const withObject: readonly ViewId[] = [
  "graph",
  "services",
  "traffic",
  "canaries",
  "mtls",
  "strict",
  "policies",
  "breakers",
  "breaker",
  "proxies",
  "egress",
  "checks",
  "journal",
];

/** Tables whose rows can have a proxy. */
export const tablesWithLogs: readonly ViewId[] = [
  "services",
  "traffic",
  "canaries",
  "mtls",
  "policies",
  "breakers",
  "breaker",
];
