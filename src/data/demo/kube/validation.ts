import type { Json } from "../../mesh/json.ts";
import type { Kind } from "./kinds.ts";
import { isJsonObject, type JsonObject, type KubeObject } from "./objects.ts";
import { faultsIn, map, object, text } from "./shape.ts";
import { shapeOf } from "./shapes.ts";
import type { FieldCause } from "./status.ts";

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const longestName = 253;

/** The words of k8s.io/apimachinery pkg/util/validation, IsDNS1123Subdomain. */
const notASubdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const metadataShape = object({ labels: map(text), annotations: map(text) });

/** What is wrong with an object about to be stored; empty where nothing is. */
export function faultsOf(kind: Kind, candidate: KubeObject): readonly FieldCause[] {
  return [...nameFaults(candidate.metadata.name), ...contentFaults(kind, candidate)];
}

function nameFaults(name: string): readonly FieldCause[] {
  const field = "metadata.name";
  if (name === "") {
    const message = "Required value: name or generateName is required";
    return [{ reason: "FieldValueRequired", message, field }];
  }
  if (name.length > longestName) {
    const message = `Invalid value: "${name}": must be no more than ${longestName} characters`;
    return [{ reason: "FieldValueInvalid", message, field }];
  }
  if (subdomain.test(name)) return [];
  return [{ reason: "FieldValueInvalid", message: `Invalid value: "${name}": ${notASubdomain}`, field }];
}

function contentFaults(kind: Kind, candidate: KubeObject): readonly FieldCause[] {
  const shape = shapeOf(kind.group, kind.kind);
  const own = ["apiVersion", "kind", "metadata"];
  const content = Object.fromEntries(Object.entries(candidate).filter(([field]) => !own.includes(field)));
  const inMetadata = faultsIn(candidate.metadata, metadataShape, "metadata");
  if (shape === null) return inMetadata;
  // A field at the root has no path before it.
  const inContent = faultsIn(content, shape, "");
  return [...inMetadata, ...inContent.map(withoutDot)];
}

function withoutDot(cause: FieldCause): FieldCause {
  return {
    ...cause,
    field: cause.field.replace(/^\./, ""),
    message: cause.message.replace(/: \.(?=\w)/, ": "),
  };
}

/**
 * The first field whose type a built-in kind cannot hold, as a sentence, or `null`. A built-in object is decoded into a typed
 * value before it is validated, so that this is "400 cannot be handled" rather than "422 invalid".
 */
export function undecodable(kind: Kind, sent: JsonObject): string | null {
  if (kind.custom) return null;
  const metadata: Json = isJsonObject(sent["metadata"]) ? sent["metadata"] : {};
  const candidate = { ...sent, metadata } as KubeObject;
  const [first] = contentFaults(kind, candidate).filter((cause) => cause.message.includes("must be of type"));
  if (first === undefined) return null;
  return `${kind.kind} in version "${kind.versions[0] ?? ""}" cannot be handled as a ${kind.kind}: ${first.field}: ${first.message}`;
}
