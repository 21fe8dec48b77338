import type { SyntaxNode } from "@lezer/common";

const UNCLOSED: readonly (readonly [string, string, string])[] = [
  ["(", ")", "unclosed left parenthesis"],
  ["[", "]", "unclosed left bracket"],
  ["{", "}", "unexpected end of input inside braces"],
];
const STRING = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|`[^`]*`/g;

/** What is wrong where the grammar stumbled, in the manner of Prometheus' parser. */
export function describeSyntaxError(input: string, error: SyntaxNode): string {
  const called = /^\s*\(/.test(input.slice(error.from))
    ? /([a-zA-Z_:][\w:]*)\s*$/.exec(input.slice(0, error.from))
    : null;
  if (called !== null) return `unknown function with name ${JSON.stringify(called[1])}`;
  const bare = input.replace(STRING, '""');
  if (/["'`]/.test(bare.replaceAll('""', ""))) return "unterminated quoted string";
  const unclosed = UNCLOSED.find(([open, close]) => bare.split(open).length > bare.split(close).length);
  const rest = input.slice(error.from).trimStart();
  if (rest === "") return unclosed?.[2] ?? "unexpected end of input";
  return `unexpected ${JSON.stringify(/^(\w+|\W)/.exec(rest)?.[0] ?? rest)}`;
}
