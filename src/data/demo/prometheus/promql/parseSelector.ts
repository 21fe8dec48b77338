import type { SyntaxNode } from "@lezer/common";
import { METRIC_NAME } from "../labels.ts";
import type { Matcher } from "../matcher.ts";
import type { Selector } from "./expression.ts";
import { readQuoted } from "./parseLiteral.ts";
import { parseErrorAt } from "./promqlError.ts";
import { anchored } from "./regex.ts";
import { childrenOf, textOf, type Source } from "./source.ts";

/** A vector selector. It has to match something that is not the empty string, lest a slip selects every series. */
export function parseSelector({ node, input }: Source): Selector {
  const children = childrenOf(node);
  const identifier = children.find((child) => child.name === "Identifier");
  const list = children.find((child) => child.name === "LabelMatchers");
  const matchers =
    list === undefined ? [] : childrenOf(list).map((child) => readMatcher({ node: child, input }));
  const position = node.from;
  if (identifier !== undefined) {
    const name = textOf({ node: identifier, input });
    const again = matchers.find((matcher) => matcher.name === METRIC_NAME);
    if (again !== undefined) {
      const names = `${JSON.stringify(name)} or ${JSON.stringify(again.value)}`;
      throw parseErrorAt(input, position, `metric name must not be set twice: ${names}`);
    }
    return {
      is: "selector",
      matchers: [matcherOf(METRIC_NAME, "=", name), ...matchers],
      offset: 0,
      position,
    };
  }
  if (matchers.every((matcher) => matcher.matches(""))) {
    throw parseErrorAt(input, position, "vector selector must contain at least one non-empty matcher");
  }
  return { is: "selector", matchers, offset: 0, position };
}

function readMatcher({ node, input }: Source): Matcher {
  const [name, operator, value] = childrenOf(node);
  if (
    node.name !== "UnquotedLabelMatcher" ||
    name === undefined ||
    operator === undefined ||
    value === undefined
  ) {
    throw parseErrorAt(input, node.from, `unexpected string in label matching, expected identifier or "}"`);
  }
  const text = readQuoted({ node: value, input });
  return matcherAt(input, name, operatorOf(textOf({ node: operator, input })), text);
}

function matcherAt(input: string, name: SyntaxNode, op: Matcher["op"], value: string): Matcher {
  const label = textOf({ node: name, input });
  if (op === "=" || op === "!=") return matcherOf(label, op, value);
  const expression = anchored(value);
  if (typeof expression === "string") throw parseErrorAt(input, name.from, expression);
  const wanted = op === "=~";
  return { name: label, op, value, matches: memoised((text) => expression.test(text) === wanted) };
}

const matcherOf = (name: string, op: "=" | "!=", value: string): Matcher => ({
  name,
  op,
  value,
  matches: op === "=" ? (text) => text === value : (text) => text !== value,
});

function operatorOf(text: string): Matcher["op"] {
  return text === "=" || text === "!=" || text === "=~" ? text : "!~";
}

/** Label values repeat over thousands of series; an expression is run once for each different one. */
function memoised(matches: (value: string) => boolean): (value: string) => boolean {
  const known = new Map<string, boolean>();
  return (value) => {
    let answer = known.get(value);
    if (answer === undefined) known.set(value, (answer = matches(value)));
    return answer;
  };
}
