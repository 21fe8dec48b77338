/** Parses one object written as YAML, as the kind it says it is. */
import { parse } from "yaml";
import { kinds, type Kind } from "../../../../src/data/kubernetes/parse/kinds.ts";
import { readRaw } from "../../../../src/data/kubernetes/parse/raw.ts";
import type { DeclaredLists } from "../../../../src/data/mesh/declared/declared.ts";
import type { Finding } from "../../../../src/data/mesh/finding.ts";
import type { Result } from "../../../../src/data/mesh/result.ts";

function kindOf(kind: string, group?: string): Kind {
  const found = kinds.find(
    (candidate) => candidate.kind === kind && (group ?? candidate.group) === candidate.group,
  );
  if (found === undefined) throw new Error(`No kind ${kind}.`);
  return found;
}

export function parseObject(kind: Kind, object: unknown): Result<Partial<DeclaredLists>, Finding> {
  const { group, namespaced } = kind;
  return readRaw({ group, version: kind.versions[0] ?? "", kind: kind.kind, namespaced }, object, kind.read);
}

/** The lists that `yaml` adds to; throws what could not be read. */
export function declaredBy(yaml: string): Partial<DeclaredLists> {
  const object = parse(yaml) as { readonly kind: string; readonly apiVersion: string };
  const [group, version] = object.apiVersion.split("/");
  const result = parseObject(kindOf(object.kind, version === undefined ? "" : group), object);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** The finding for an object that can't be read; throws where it can. */
export function findingFor(yaml: string): Finding {
  const object = parse(yaml) as { readonly kind: string };
  const result = parseObject(kindOf(object.kind), object);
  if (result.ok) throw new Error("It could be read.");
  return result.error;
}
