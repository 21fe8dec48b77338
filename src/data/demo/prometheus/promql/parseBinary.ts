import type { SyntaxNode } from "@lezer/common";
import type { Binary, Expression, Matching, Operator } from "./expression.ts";
import { labelNames } from "./parseLiteral.ts";
import { parseErrorAt } from "./promqlError.ts";
import { childrenOf, textOf, type Source } from "./source.ts";

const OPERATORS: Readonly<Record<string, Operator>> = {
  Add: "+",
  Sub: "-",
  Mul: "*",
  Div: "/",
  Mod: "%",
  Pow: "^",
  Atan2: "atan2",
  Eql: "==",
  Neq: "!=",
  Gtr: ">",
  Lss: "<",
  Gte: ">=",
  Lte: "<=",
  And: "and",
  Or: "or",
  Unless: "unless",
};
const MODIFIERS: ReadonlySet<string> = new Set(["BoolModifier", "MatchingModifierClause"]);
const ONE_TO_ONE: Matching = { on: false, labels: [], one: null, include: [] };

/** @param read reads the operands. */
export function parseBinary({ node, input }: Source, read: (source: Source) => Expression): Expression {
  const children = childrenOf(node);
  const [left, operator] = children;
  const right = children.at(-1);
  const op = OPERATORS[operator?.name ?? ""];
  const strange = children.slice(2, -1).find((child) => !MODIFIERS.has(child.name));
  if (
    left === undefined ||
    operator === undefined ||
    right === undefined ||
    op === undefined ||
    strange !== undefined
  ) {
    const at = strange ?? operator ?? node;
    throw parseErrorAt(input, at.from, `unexpected ${JSON.stringify(textOf({ node: at, input }))}`);
  }
  const clause = children.find((child) => child.name === "MatchingModifierClause");
  return signOutside(
    {
      is: "binary",
      op,
      opPosition: operator.from,
      bool: children.some((child) => child.name === "BoolModifier"),
      matching: clause === undefined ? ONE_TO_ONE : readMatching(clause, input),
      left: read({ node: left, input }),
      right: read({ node: right, input }),
      position: node.from,
    },
    input,
  );
}

/** The grammar reads `-2^2` as (-2)^2, Prometheus as -(2^2): a sign binds as `*` does, looser than the power. */
function signOutside(binary: Binary, input: string): Expression {
  const { left, op, position } = binary;
  const sign = input[left.position];
  if (op !== "^" || left.is !== "number" || (sign !== "-" && sign !== "+")) return binary;
  const bare = sign === "-" ? { ...left, value: -left.value } : left;
  return { is: "unary", op: sign, of: { ...binary, left: bare }, position };
}

function readMatching(clause: SyntaxNode, input: string): Matching {
  const children = childrenOf(clause);
  const group = children.findIndex((child) => child.name === "GroupLeft" || child.name === "GroupRight");
  const labels = children[1];
  const include = group < 0 ? undefined : children[group + 1];
  return {
    on: children[0]?.name === "On",
    labels: labels === undefined ? [] : labelNames(labels, input),
    // `group_left` says that the left side has many, so the right side is the one.
    one: group < 0 ? null : children[group]?.name === "GroupLeft" ? "right" : "left",
    include: include === undefined ? [] : labelNames(include, input),
  };
}
