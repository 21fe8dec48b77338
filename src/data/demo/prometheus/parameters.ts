import { fail, ok, type Result } from "../../mesh/result.ts";
import { parseGoFloat } from "./goFloat.ts";
import { parseDuration } from "./promql/literals.ts";

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** An instant as the API takes it, seconds since the epoch or RFC 3339, in milliseconds since the epoch. */
export function readTime(text: string): Result<number, string> {
  const seconds = parseGoFloat(text);
  if (seconds !== null && Number.isFinite(seconds)) {
    const whole = Math.trunc(seconds);
    return ok(whole * 1000 + Math.round((seconds - whole) * 1000));
  }
  const millis = RFC3339.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(millis)) return ok(millis);
  return fail(`cannot parse ${JSON.stringify(text)} to a valid timestamp`);
}

/** As `readTime`, with a value for an absent parameter and the parameter's name in the reason. */
export function readTimeOr(
  parameters: URLSearchParams,
  name: string,
  absent: number,
): Result<number, string> {
  const text = parameters.get(name) ?? "";
  if (text === "") return ok(absent);
  const time = readTime(text);
  return time.ok ? time : fail(`Invalid time value for '${name}': ${time.error}`);
}

/** A length of time as the API takes it, seconds or `1m30s`, in milliseconds, parts of one cut off. */
export function readDuration(text: string): Result<number, string> {
  const seconds = parseGoFloat(text);
  if (seconds !== null && Number.isFinite(seconds)) return ok(Math.trunc(seconds * 1000));
  const millis = parseDuration(text);
  return millis === null ? fail(`cannot parse ${JSON.stringify(text)} to a valid duration`) : ok(millis);
}
