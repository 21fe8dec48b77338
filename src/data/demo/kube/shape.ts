import type { Json } from "../../mesh/json.ts";
import { isJsonObject } from "./objects.ts";
import type { FieldCause } from "./status.ts";

/** What a field may hold: the part of OpenAPI that the kinds of a mesh need. Fields that a shape does not name may hold anything. */
export type Shape =
  | { readonly is: "text"; readonly oneOf: readonly string[] }
  | { readonly is: "integer" | "number"; readonly min: number; readonly max: number }
  | { readonly is: "boolean" | "intOrText" }
  | { readonly is: "list"; readonly of: Shape }
  | { readonly is: "map"; readonly of: Shape }
  | ObjectShape;

interface ObjectShape {
  readonly is: "object";
  readonly fields: Readonly<Record<string, Shape>>;
  readonly required: readonly string[];
  /** Of these fields at most one. */
  readonly exclusive: readonly string[];
}

export const text: Shape = { is: "text", oneOf: [] };
export const boolean: Shape = { is: "boolean" };
export const intOrText: Shape = { is: "intOrText" };
export const oneOf = (...words: readonly string[]): Shape => ({ is: "text", oneOf: words });
export const integer = (min = -(2 ** 31), max = 2 ** 32 - 1): Shape => ({ is: "integer", min, max });
export const number = (min = -Infinity, max = Infinity): Shape => ({ is: "number", min, max });
export const list = (of: Shape): Shape => ({ is: "list", of });
export const map = (of: Shape): Shape => ({ is: "map", of });

/** An object. A name that ends in `!` is required. */
export function object(
  written: Readonly<Record<string, Shape>>,
  exclusive: readonly string[] = [],
): ObjectShape {
  const names = Object.keys(written);
  return {
    is: "object",
    fields: Object.fromEntries(
      Object.entries(written).map(([name, shape]) => [name.replace(/!$/, ""), shape]),
    ),
    required: names.filter((name) => name.endsWith("!")).map((name) => name.slice(0, -1)),
    exclusive,
  };
}

/** The same object with more fields. */
export function extend(base: ObjectShape, written: Readonly<Record<string, Shape>>): ObjectShape {
  const more = object(written);
  return {
    ...base,
    fields: { ...base.fields, ...more.fields },
    required: [...base.required, ...more.required],
  };
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

const typeNames: Readonly<Record<Shape["is"], readonly string[]>> = {
  text: ["string"],
  integer: ["integer"],
  number: ["number", "integer"],
  boolean: ["boolean"],
  intOrText: ["integer", "string"],
  list: ["array"],
  map: ["object"],
  object: ["object"],
};

const invalid = (field: string, message: string): FieldCause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${message}`,
  field,
});

/**
 * What is wrong with a value, in the words of a kube-apiserver's CRD validation. `field` is the path so far. Numbers in paths
 * follow today's servers (`spec.http[0].route`); 1.20 leaves them out.
 */
export function faultsIn(value: Json, shape: Shape, field: string): readonly FieldCause[] {
  const allowed = typeNames[shape.is];
  const type = typeOf(value);
  if (!allowed.includes(type)) {
    return [invalid(field, `"${type}": ${field} in body must be of type ${allowed[0] ?? ""}: "${type}"`)];
  }
  if (Array.isArray(value)) {
    if (shape.is !== "list") return [];
    return (value as readonly Json[]).flatMap((item, index) =>
      faultsIn(item, shape.of, `${field}[${index}]`),
    );
  }
  if (isJsonObject(value)) return faultsInObject(value, shape, field);
  return faultsInScalar(value, shape, field);
}

function faultsInObject(
  value: Readonly<Record<string, Json>>,
  shape: Shape,
  field: string,
): readonly FieldCause[] {
  if (shape.is === "map") {
    return Object.entries(value).flatMap(([key, item]) => faultsIn(item, shape.of, `${field}.${key}`));
  }
  if (shape.is !== "object") return [];
  const missing = shape.required
    .filter((name) => value[name] === undefined)
    .map((name): FieldCause => ({
      reason: "FieldValueRequired",
      message: "Required value",
      field: `${field}.${name}`,
    }));
  const chosen = shape.exclusive.filter((name) => value[name] !== undefined);
  const torn =
    chosen.length > 1
      ? [
          invalid(
            field,
            `"": "${field}" must validate one and only one schema (oneOf). Found 2 valid alternatives`,
          ),
        ]
      : [];
  const inner = Object.entries(value).flatMap(([name, item]) => {
    const known = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    return known === undefined ? [] : faultsIn(item, known, `${field}.${name}`);
  });
  return [...torn, ...inner, ...missing];
}

function faultsInScalar(value: Json, shape: Shape, field: string): readonly FieldCause[] {
  if (typeof value === "string" && shape.is === "text" && shape.oneOf.length > 0) {
    if (shape.oneOf.includes(value)) return [];
    const words = shape.oneOf.map((word) => `"${word}"`).join(", ");
    const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${words}`;
    return [{ reason: "FieldValueNotSupported", message, field }];
  }
  if (typeof value !== "number" || (shape.is !== "integer" && shape.is !== "number")) return [];
  if (value < shape.min) {
    return [invalid(field, `${value}: ${field} in body should be greater than or equal to ${shape.min}`)];
  }
  return value > shape.max
    ? [invalid(field, `${value}: ${field} in body should be less than or equal to ${shape.max}`)]
    : [];
}
