/**
 * A distrustful cursor over unknown JSON. Every reader checks the type it promises and leaves by `Unreadable` otherwise, which
 * only `readRaw` (raw.ts) catches: no parser has to thread failures through by hand, and none of them ever throws at its caller.
 */
import { cleanOnce } from "../../cleanOnce.ts";
import { clean } from "../../mesh/clean.ts";
import type { Labels } from "../../mesh/declared/meta.ts";
import { instant, type Instant, type Millis } from "../../mesh/units.ts";
import { parseDuration } from "../../mesh/duration.ts";

/** A field that does not hold what it must. */
export class Unreadable extends Error {
  /** `spec.http[0].route`. */
  readonly path: string;
  /** `is a string, not a list`. */
  readonly problem: string;

  constructor(path: string, problem: string) {
    super(`${path} ${problem}`);
    this.path = path;
    this.problem = problem;
  }
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** One value inside an object, with its path. JSON's `null` counts as absent, as it does for Kubernetes. */
export class Field {
  readonly value: unknown;
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.value = value ?? undefined;
    this.path = path;
  }

  get absent(): boolean {
    return this.value === undefined;
  }

  /** A member; absent where this is absent. */
  at(key: string): Field {
    const path = this.path === "" ? key : `${this.path}.${key}`;
    return new Field(this.members()?.[key], path);
  }

  /** Members of an object by cleaned name; none where absent. */
  entries(): readonly (readonly [string, Field])[] {
    return Object.entries(this.members() ?? {}).map(([key, value]) => {
      const name = clean(key);
      const step = identifier.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
      return [name, new Field(value, this.path + step)];
    });
  }

  /** Elements of a list; none where absent. */
  items(): readonly Field[] {
    if (this.value === undefined) return [];
    if (!Array.isArray(this.value)) throw this.wrong("a list");
    return this.value.map((item, index) => new Field(item, `${this.path}[${index}]`));
  }

  text(): string {
    if (typeof this.value !== "string") throw this.wrong("a string");
    return clean(this.value);
  }

  textOrNull(): string | null {
    return this.absent ? null : this.text();
  }

  /** A text that says something: "" counts as absent, as in Istio's protobuf messages. */
  nameOrNull(): string | null {
    const text = this.textOrNull();
    return text === "" ? null : text;
  }

  /** A name that many objects hold: one string for all of them. */
  knownNameOrNull(): string | null {
    const name = this.nameOrNull();
    return name === null ? null : cleanOnce(name);
  }

  texts(): readonly string[] {
    return this.items().map((item) => item.text());
  }

  /** `null` where absent or empty: protobuf can't tell the two apart. */
  textsOrNull(): readonly string[] | null {
    const texts = this.texts();
    return texts.length === 0 ? null : texts;
  }

  number(): number {
    if (typeof this.value !== "number" || !Number.isFinite(this.value)) throw this.wrong("a number");
    return this.value;
  }

  numberOrNull(): number | null {
    return this.absent ? null : this.number();
  }

  numberOr(fallback: number): number {
    return this.absent ? fallback : this.number();
  }

  /** False where absent. */
  flag(): boolean {
    return this.flagOr(false);
  }

  flagOr(fallback: boolean): boolean {
    if (this.absent) return fallback;
    if (typeof this.value !== "boolean") throw this.wrong("true or false");
    return this.value;
  }

  oneOf<T extends string>(options: readonly T[]): T {
    const text = this.text();
    const found = options.find((option) => option === text);
    if (found === undefined)
      throw new Unreadable(this.path, `is "${text}", not one of ${options.join(", ")}`);
    return found;
  }

  oneOfOr<T extends string>(options: readonly T[], fallback: T): T {
    return this.absent ? fallback : this.oneOf(options);
  }

  /** A map of strings; empty where absent. */
  labels(): Labels {
    return Object.fromEntries(this.entries().map(([key, value]) => [key, cleanOnce(value.text())]));
  }

  /** `null` where absent or empty: a selector without labels selects nothing in particular. */
  labelsOrNull(): Labels | null {
    const labels = this.labels();
    return Object.keys(labels).length === 0 ? null : labels;
  }

  /** Go's and protobuf's way to write a duration. */
  duration(): Millis {
    const text = this.text();
    const duration = parseDuration(text);
    if (duration === null) throw new Unreadable(this.path, `is "${text}", not a duration such as 10s`);
    return duration;
  }

  durationOrNull(): Millis | null {
    return this.absent ? null : this.duration();
  }

  /** RFC 3339. */
  timeOrNull(): Instant | null {
    if (this.absent) return null;
    const time = Date.parse(this.text());
    if (Number.isNaN(time)) throw this.wrong("a time");
    return instant(time);
  }

  wrong(wanted: string): Unreadable {
    return new Unreadable(this.path, `is ${describe(this.value)}, not ${wanted}`);
  }

  private members(): Readonly<Record<string, unknown>> | undefined {
    if (this.value === undefined) return undefined;
    if (!isObject(this.value)) throw this.wrong("an object");
    return this.value;
  }
}

/** A JSON object, not a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === undefined) return "absent";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
