import { ok, type Result } from "../../mesh/result.ts";
import { parseFieldSelector, parseLabelSelector, type Selects } from "./selectors.ts";
import type { Status } from "./status.ts";
import type { ObjectTarget } from "./target.ts";

/** Which objects of a kind a list or a watch is about. */
export interface Selection {
  readonly selects: Selects;
  /** Whether selectors narrow it further than the path does: then nobody counts what remains. */
  readonly narrowed: boolean;
}

/** @errors 400 for a selector that can't be read. */
export function selectionOf(target: ObjectTarget, query: URLSearchParams): Result<Selection, Status> {
  const labels = query.get("labelSelector") ?? "";
  const fields = query.get("fieldSelector") ?? "";
  const byLabel = parseLabelSelector(labels);
  if (!byLabel.ok) return byLabel;
  const byField = parseFieldSelector(fields);
  if (!byField.ok) return byField;
  const { namespace, name } = target;
  return ok({
    narrowed: labels !== "" || fields !== "",
    selects: (object) =>
      (namespace === null || object.metadata.namespace === namespace) &&
      (name === null || object.metadata.name === name) &&
      byLabel.value(object) &&
      byField.value(object),
  });
}
