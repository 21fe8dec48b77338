/** JSON of programs whose schema is theirs and whose version nobody knows: what is not there, or is something else, reads as nothing. */
import { clean } from "../clean.ts";

type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Cleaned; "" where it is no string. */
export function text(value: unknown): string {
  return typeof value === "string" ? clean(value) : "";
}

/** A finite number; proto3 JSON writes 64-bit ones as strings. `null`: it is none. */
export function number(value: unknown): number | null {
  const read = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof read === "number" && Number.isFinite(read) ? read : null;
}
