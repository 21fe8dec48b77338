/** Find and hide by expression, as Kiali's toolbar has it: `rate > 10`, `error > 1 and not ns = shop`, `idle or lock = none`. */
import { fail, ok, type Result } from "../../../data/mesh/result.ts";
import { searchPattern } from "../../state/filter.ts";
import { fieldNamed, fieldNames, flagNamed, flagNames, type Element, type Field } from "./fields.ts";
import { exampleOf, quantityOf } from "./quantity.ts";
import { tokensOf, tokenText, type Comparison, type Token } from "./tokens.ts";

/**
 * Whether a box or a call is meant. `null`: nothing can be said, because it has no such thing (a call has no version) or nobody measured it;
 * `not` leaves that as it is, so that `not p95 > 100` does not find what has no p95.
 */
export type Expression = (element: Element) => boolean | null;

/** What a text after `/` looks for: names by a pattern, or what an expression means; "" nothing. The error is a sentence. */
export function searchExpression(text: string): Result<Expression | null, string> {
  if (text.trim() === "") return ok(null);
  if (!isExpression(text)) return ok(nameTest(text));
  const parsed = parseExpression(text);
  return parsed.ok ? parsed : fail(`not an expression: ${parsed.error}`);
}

/** A text is an expression as soon as it has a sign, a flag or a word that joins; else it is searched for in names. */
function isExpression(text: string): boolean {
  const tokens = tokensOf(text);
  return tokens.some(
    (token) =>
      token.is === "comparison" ||
      (token.is === "word" && (isJoint(token.text) || flagNamed(token.text) !== undefined)),
  );
}

/** The error is a sentence that says what is missing, and where. */
export function parseExpression(text: string): Result<Expression, string> {
  const reader = { tokens: tokensOf(text), at: 0 };
  const found = either(reader);
  if (!found.ok) return found;
  const rest = reader.tokens[reader.at];
  if (rest === undefined) return found;
  return fail(
    rest.is === "close"
      ? "there is a ) without its ("
      : `before "${tokenText(rest)}" stands and, or, or nothing`,
  );
}

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
}

type Parsed = Result<Expression, string>;

const isJoint = (word: string): boolean => ["and", "or", "not", "&&", "||"].includes(word.toLowerCase());

function takes(reader: Reader, ...words: readonly string[]): boolean {
  const token = reader.tokens[reader.at];
  const isIt = token?.is === "word" && words.includes(token.text.toLowerCase());
  if (isIt) reader.at += 1;
  return isIt;
}

const either = (reader: Reader): Parsed => joined(reader, { part: both, words: ["or", "||"], ends: true });

const both = (reader: Reader): Parsed =>
  joined(reader, { part: maybeNot, words: ["and", "&&"], ends: false });

interface Joining {
  readonly part: (reader: Reader) => Parsed;
  readonly words: readonly string[];
  /** What one part has to say for the whole to be that: true for `or`. */
  readonly ends: boolean;
}

function joined(reader: Reader, { part, words, ends }: Joining): Parsed {
  const parts: Expression[] = [];
  do {
    const next = part(reader);
    if (!next.ok) return next;
    parts.push(next.value);
  } while (takes(reader, ...words));
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return ok(only);
  return ok((element) => {
    const said = parts.map((one) => one(element));
    if (said.includes(ends)) return ends;
    return said.includes(null) ? null : !ends;
  });
}

function maybeNot(reader: Reader): Parsed {
  if (!takes(reader, "not")) return single(reader);
  const inner = maybeNot(reader);
  if (!inner.ok) return inner;
  return ok((element) => {
    const said = inner.value(element);
    return said === null ? null : !said;
  });
}

function single(reader: Reader): Parsed {
  const token = reader.tokens[reader.at];
  if (token === undefined) return fail(`${afterWhat(reader)} something is missing: ${examples}`);
  reader.at += 1;
  if (token.is === "open") return bracketed(reader);
  if (token.is === "close" || token.is === "comparison")
    return fail(`"${tokenText(token)}" has nothing before it: ${examples}`);
  const sign = reader.tokens[reader.at];
  if (sign?.is === "comparison") {
    if (token.is === "quoted")
      return fail(`${tokenText(token)} is a text; before ${sign.sign} stands a field`);
    reader.at += 1;
    return comparison(reader, token.text, sign.sign);
  }
  const flag = token.is === "word" ? flagNamed(token.text) : undefined;
  if (flag !== undefined) return ok(flag);
  return ok(nameTest(token.text));
}

const examples = "such as rate > 10, name ~ cat, idle";

function afterWhat({ tokens, at }: Reader): string {
  const before = tokens[at - 1];
  return before === undefined ? "here" : `after "${tokenText(before)}"`;
}

function bracketed(reader: Reader): Parsed {
  const inner = either(reader);
  if (!inner.ok) return inner;
  if (reader.tokens[reader.at]?.is !== "close") return fail("a ( is not closed");
  reader.at += 1;
  return inner;
}

function comparison(reader: Reader, name: string, sign: Comparison): Parsed {
  const field = fieldNamed(name);
  if (field === undefined) return fail(unknownField(name));
  const value = valueAt(reader);
  if (value === null) return fail(`after "${name} ${sign}" a value is missing`);
  return field.of === "text"
    ? textTest(field, { name, sign, value })
    : numberTest(field, { name, sign, value });
}

function unknownField(name: string): string {
  if (flagNamed(name) !== undefined) return `${name} stands alone: it is so or not`;
  const near = fieldNames.find((one) => one.startsWith(name.slice(0, 2).toLowerCase()));
  return near === undefined
    ? `${name} is no field; there are ${fieldNames.join(", ")}, and alone ${flagNames.join(", ")}`
    : `${name} is no field; ${near} is one`;
}

/** A word or a quoted text; a unit may stand apart, as in `5 %`. */
function valueAt(reader: Reader): string | null {
  const token = reader.tokens[reader.at];
  if (token?.is !== "word" && token?.is !== "quoted") return null;
  const { text } = token;
  reader.at += 1;
  const unit = reader.tokens[reader.at];
  if (
    !/^\d+(\.\d+)?$/.test(text) ||
    unit?.is !== "word" ||
    !/^(%|ms|s|min|\/s|[kmg]?b(\/s)?)$/i.test(unit.text)
  )
    return text;
  reader.at += 1;
  return text + unit.text;
}

interface Compared {
  readonly name: string;
  readonly sign: Comparison;
  readonly value: string;
}

const orders: Readonly<Partial<Record<Comparison, (a: number, b: number) => boolean>>> = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
};

function numberTest(field: Exclude<Field, { of: "text" }>, { name, sign, value }: Compared): Parsed {
  const compare = orders[sign];
  if (compare === undefined)
    return fail(`${name} is a number: ${name} > ${exampleOf(field.of)}, not ${sign}`);
  const wanted = quantityOf(value, field.of);
  if (wanted === null) return fail(`${name} takes a number such as ${exampleOf(field.of)}, not "${value}"`);
  return ok((element) => {
    const found = readIn(field, element);
    return found === null ? null : compare(found, wanted);
  });
}

function textTest(field: Extract<Field, { of: "text" }>, { name, sign, value }: Compared): Parsed {
  const isInverse = sign.startsWith("!");
  const matches = textMatch(sign, value);
  if (matches === null) return fail(`${name} is a text: ${name} = or ${name} ~, not ${sign}`);
  return ok((element) => {
    const found = readIn(field, element);
    return found === null ? null : found.some(matches) !== isInverse;
  });
}

/** A figure is not known where only the structure is asked for. */
function readIn<T>(
  { isFigure, read }: { readonly isFigure: boolean; readonly read: (element: Element) => T | null },
  element: Element,
): T | null {
  return isFigure && element.asks === "structure" ? null : read(element);
}

function textMatch(sign: Comparison, value: string): ((text: string) => boolean) | null {
  const lower = value.toLowerCase();
  if (sign === "=" || sign === "!=") return (text) => text.toLowerCase() === lower;
  if (sign !== "~" && sign !== "!~") return null;
  const pattern = searchPattern(value);
  return pattern === null ? () => true : (text) => pattern.test(text);
}

/** A bare word looks for a name. */
function nameTest(text: string): Expression {
  const pattern = searchPattern(text);
  return (element) => {
    if (element.is === "call") return null;
    return pattern?.test(element.box.title) ?? true;
  };
}
