import type { Kind } from "./kinds.ts";
import type { KubeObject } from "./objects.ts";
import type { FieldCause } from "./status.ts";

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What is wrong with an object about to be stored; empty where nothing is. */
export function faultsOf(_kind: Kind, object: KubeObject): readonly FieldCause[] {
  if (!subdomain.test(object.metadata.name)) {
    return [{ reason: "FieldValueInvalid", message: "Invalid value", field: "metadata.name" }];
  }
  return [];
}
