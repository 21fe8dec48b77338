import type { ViewId } from "../state/uiState.ts";

/** Views with a cursor that stands on something of the mesh. */
export const withObject: readonly ViewId[] = [
  "graph",
  "services",
  "traffic",
  "canaries",
  "mtls",
  "breakers",
  "egress",
  "checks",
  "journal",
];
