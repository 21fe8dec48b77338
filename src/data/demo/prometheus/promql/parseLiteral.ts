import type { SyntaxNode } from "@lezer/common";
import type { NumberLiteral, StringLiteral } from "./expression.ts";
import { parseDuration, parseNumber, unquote } from "./literals.ts";
import { parseErrorAt } from "./promqlError.ts";
import { childrenOf, textOf, type Source } from "./source.ts";

/** The literal without the sign that the grammar takes into it. */
export function readNumber({ node, input }: Source): NumberLiteral {
  const text = textOf({ node, input }).replace(/^[+-]\s*/, "");
  const value = parseNumber(text);
  if (value !== null) return { is: "number", value, position: node.from };
  throw parseErrorAt(input, node.from, `bad number or duration syntax: ${JSON.stringify(text)}`);
}

export function readString(source: Source): StringLiteral {
  return { is: "string", value: readQuoted(source), position: source.node.from };
}

/** The text of a string node. */
export function readQuoted(source: Source): string {
  const text = unquote(textOf(source));
  if (text === null) throw parseErrorAt(source.input, source.node.from, "unterminated quoted string");
  return text;
}

/** Milliseconds of a range or an offset, which may have a sign. */
export function readDuration(input: string, node: SyntaxNode): number {
  const text = textOf({ node, input }).replace(/\s+/g, "");
  const duration = parseDuration(text.replace(/^[-+]/, ""));
  if (duration === null) throw parseErrorAt(input, node.from, `bad duration syntax: ${JSON.stringify(text)}`);
  if (duration === 0) throw parseErrorAt(input, node.from, "duration must be greater than 0");
  return text.startsWith("-") ? -duration : duration;
}

/** The names in `(a, b)`. */
export function labelNames(list: SyntaxNode, input: string): readonly string[] {
  return childrenOf(list).map((node) => {
    if (node.name === "LabelName") return textOf({ node, input });
    throw parseErrorAt(input, node.from, "unexpected string in grouping opts, expected label");
  });
}
