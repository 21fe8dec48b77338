import type { SyntaxNode } from "@lezer/common";
import type { Matching, Operator } from "./expression.ts";
import { labelNames } from "./parseLiteral.ts";
import { parseErrorAt, PromqlError } from "./promqlError.ts";
import { childrenOf, textOf, type Source } from "./source.ts";

interface BinaryToken {
  readonly is: "binary";
  readonly op: Operator;
  readonly bool: boolean;
  readonly matching: Matching;
  readonly position: number;
}

/** What an expression is made of, in the order of the text. */
export type Token =
  | { readonly is: "operand"; readonly source: Source; readonly position: number }
  | { readonly is: "sign"; readonly op: "+" | "-"; readonly position: number }
  | BinaryToken
  /** Binds to the operand before it. */
  | { readonly is: "range" | "offset"; readonly duration: SyntaxNode; readonly position: number };

const OPERATORS: Readonly<Partial<Record<string, Operator>>> = {
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

const beyondUs: Readonly<Partial<Record<string, string>>> = {
  StepInvariantExpr: "the @ modifier",
  SubqueryExpr: "subqueries",
};

const compound: Readonly<Partial<Record<string, (source: Source) => readonly Token[]>>> = {
  BinaryExpr: binaryTokens,
  UnaryExpr: ({ node, input }) => {
    const [sign, operand] = childrenOf(node);
    return [...signToken(sign, input), ...inner(operand, input)];
  },
  OffsetExpr: ({ node, input }) => {
    const [operand, keyword, duration] = childrenOf(node);
    return [...inner(operand, input), ...postfix("offset", duration, keyword?.from)];
  },
  MatrixSelector: ({ node, input }) => {
    const [operand, duration] = childrenOf(node);
    const bracket = input.lastIndexOf("[", duration?.from);
    return [...inner(operand, input), ...postfix("range", duration, bracket)];
  },
  NumberDurationLiteral: numberTokens,
};

/**
 * An expression as operands, operators and what follows an operand. The grammar nests them without regard to how tight
 * `offset`, `[range]` and signs bind (`a + b offset 1m * c` comes out as `((a + b) offset 1m) * c`), so its nesting outside of
 * brackets is not used.
 */
export function tokensOf(source: Source): readonly Token[] {
  const { name, from } = source.node;
  const missing = beyondUs[name];
  if (missing !== undefined) {
    throw new PromqlError("execution", `the embedded Prometheus does not evaluate ${missing}`);
  }
  return compound[name]?.(source) ?? [{ is: "operand", source, position: from }];
}

function inner(node: SyntaxNode | undefined, input: string): readonly Token[] {
  return node === undefined ? [] : tokensOf({ node, input });
}

function signToken(node: SyntaxNode | undefined, input: string): readonly Token[] {
  if (node === undefined) return [];
  return [{ is: "sign", op: textOf({ node, input }) === "-" ? "-" : "+", position: node.from }];
}

function postfix(is: "range" | "offset", duration: SyntaxNode | undefined, position = 0): readonly Token[] {
  return duration === undefined ? [] : [{ is, duration, position }];
}

/** The grammar takes a sign into the literal; `-2^2` is -(2^2) all the same. */
function numberTokens(source: Source): readonly Token[] {
  const { node, input } = source;
  const operand: Token = { is: "operand", source, position: node.from };
  const sign = input[node.from];
  return sign === "-" || sign === "+" ? [{ is: "sign", op: sign, position: node.from }, operand] : [operand];
}

function binaryTokens({ node, input }: Source): readonly Token[] {
  const children = childrenOf(node);
  const [left, operator] = children;
  const op = OPERATORS[operator?.name ?? ""];
  const strange = children.slice(2, -1).find((child) => !MODIFIERS.has(child.name));
  if (operator === undefined || op === undefined || strange !== undefined) {
    const at = strange ?? operator ?? node;
    throw parseErrorAt(input, at.from, `unexpected ${JSON.stringify(textOf({ node: at, input }))}`);
  }
  const clause = children.find((child) => child.name === "MatchingModifierClause");
  const token: BinaryToken = {
    is: "binary",
    op,
    bool: children.some((child) => child.name === "BoolModifier"),
    matching: clause === undefined ? ONE_TO_ONE : readMatching(clause, input),
    position: operator.from,
  };
  return [...inner(left, input), token, ...inner(children.at(-1), input)];
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
