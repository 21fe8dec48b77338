/** What of a proxy's log is asked for: `status>=500 flag=UH path~/api`, and any other text as a regular expression. */
import { fail, ok, type Result } from "../result.ts";
import { upstreamNameOf, type AccessEntry } from "./accessEntry.ts";
import type { LogLine } from "./logTail.ts";

export type LogTest = (line: LogLine) => boolean;

type Value = number | string | readonly string[] | null;

interface Field {
  readonly names: readonly string[];
  /** `null`: the line has none, and no term about it holds. */
  readonly of: (entry: AccessEntry, line: LogLine) => Value;
}

const fields: readonly Field[] = [
  { names: ["status", "code"], of: ({ code }) => code },
  { names: ["flag", "flags"], of: ({ flags }) => flags },
  { names: ["duration", "ms"], of: ({ duration }) => duration },
  { names: ["method"], of: ({ method }) => method },
  { names: ["path"], of: ({ path }) => path },
  { names: ["host", "authority"], of: ({ authority }) => authority },
  { names: ["upstream", "cluster"], of: ({ cluster }) => cluster },
  { names: ["subset"], of: ({ cluster }) => upstreamNameOf(cluster ?? "")?.subset ?? null },
  { names: ["details"], of: ({ details }) => details },
  { names: ["protocol"], of: ({ protocol }) => protocol },
  { names: ["agent"], of: ({ userAgent }) => userAgent },
  { names: ["id"], of: ({ requestId }) => requestId },
  { names: ["from"], of: ({ remote }) => remote },
  { names: ["route"], of: ({ route }) => route },
  { names: ["pod"], of: (_entry, { pod }) => pod },
];

/** The first name of each field, for messages and the documentation. */
export const logFields: readonly string[] = fields.map(({ names }) => names[0] ?? "");

type Sign = "=" | "!=" | ">" | "<" | ">=" | "<=" | "~";

const termForm = /^([a-z]+)(>=|<=|!=|==|=|>|<|~)(.+)$/i;

/**
 * Words between blanks, all of which have to hold; `and` between them may stand or not. A word with a sign is about a field of the
 * access log: `status=5xx`, `status=503,504`, `flag!=DC`, `duration>250ms`, `path~^/api`. Any other word is looked for in the whole
 * line, `!word` is not to be in it. "" is everything.
 *
 * Errors: half a sentence that says what is wrong with which word.
 */
export function parseLogFilter(text: string): Result<LogTest | null, string> {
  const words = text.split(/\s+/).filter((word) => word !== "" && word.toLowerCase() !== "and");
  if (words.length === 0) return ok(null);
  const tests: LogTest[] = [];
  for (const word of words) {
    const test = testOf(word);
    if (!test.ok) return test;
    tests.push(test.value);
  }
  return ok((line) => tests.every((test) => test(line)));
}

function testOf(word: string): Result<LogTest, string> {
  const term = termForm.exec(word);
  if (term === null) return ok(textTest(word));
  const [, name = "", sign = "=", wanted = ""] = term;
  const field = fields.find(({ names }) => names.includes(name.toLowerCase()));
  if (field === undefined) return fail(`"${name}" is no field; fields are ${logFields.join(", ")}`);
  const holds = comparisonOf(sign === "==" ? "=" : (sign as Sign), wanted);
  if (!holds.ok) return fail(`${holds.error} in "${word}"`);
  return ok((line) => {
    if (line.entry === null) return false;
    const value = field.of(line.entry, line);
    return value !== null && holds.value(value);
  });
}

function textTest(word: string): LogTest {
  const inverse = word.startsWith("!") && word.length > 1;
  const pattern = patternOf(inverse ? word.slice(1) : word);
  return ({ text }) => pattern.test(text) !== inverse;
}

/** What is no regular expression is looked for as it is written. */
function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, "i");
  } catch {
    return new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "i");
  }
}

type Comparison = (value: Exclude<Value, null>) => boolean;

function comparisonOf(sign: Sign, wanted: string): Result<Comparison, string> {
  if (sign === "~") {
    const pattern = patternOf(wanted);
    return ok((value) => textsIn(value).some((text) => pattern.test(text)));
  }
  if (sign === "=" || sign === "!=") {
    const choices = wanted.toLowerCase().split(",");
    return ok((value) => textsIn(value).some((text) => choices.some(isLike(text))) === (sign === "="));
  }
  const limit = limitOf(wanted);
  if (limit === null) return fail(`after ${sign} stands a number, or a duration such as 250ms or 1.5s,`);
  return ok((value) => typeof value === "number" && inOrder[sign](value, limit));
}

const inOrder: Readonly<Record<">" | "<" | ">=" | "<=", (value: number, limit: number) => boolean>> = {
  ">": (value, limit) => value > limit,
  "<": (value, limit) => value < limit,
  ">=": (value, limit) => value >= limit,
  "<=": (value, limit) => value <= limit,
};

const textsIn = (value: Exclude<Value, null>): readonly string[] =>
  typeof value === "number" || typeof value === "string" ? [String(value)] : value;

/** `5xx` is a class of codes. */
const isLike =
  (text: string) =>
  (choice: string): boolean =>
    /^[1-5]xx$/.test(choice) ? /^\d{3}$/.test(text) && text[0] === choice[0] : text.toLowerCase() === choice;

/** Milliseconds, or a bare number. */
function limitOf(text: string): number | null {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  if (number === "") return null;
  return Number(number) * ({ s: 1000, m: 60_000 }[unit] ?? 1);
}
