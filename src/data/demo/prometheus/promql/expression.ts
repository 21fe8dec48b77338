import type { Matcher } from "../matcher.ts";

/** What an expression evaluates to, in the words that Prometheus' messages use. */
export type ValueType = "scalar" | "instant vector" | "range vector" | "string";

type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "^" | "atan2";
export type ComparisonOperator = "==" | "!=" | ">" | "<" | ">=" | "<=";
export type SetOperator = "and" | "or" | "unless";
export type Operator = ArithmeticOperator | ComparisonOperator | SetOperator;

export type AggregationOperator =
  | "sum"
  | "avg"
  | "min"
  | "max"
  | "count"
  | "group"
  | "stddev"
  | "stdvar"
  | "topk"
  | "bottomk"
  | "quantile"
  | "count_values";

/** Which series of two vectors belong together. `one` is the side with one series a group, `null` where both have one. */
export interface Matching {
  readonly on: boolean;
  readonly labels: readonly string[];
  readonly one: "left" | "right" | null;
  /** Labels copied from the `one` side. */
  readonly include: readonly string[];
}

interface Positioned {
  /** Where it starts in the text, from 0, for messages. */
  readonly position: number;
}

export interface NumberLiteral extends Positioned {
  readonly is: "number";
  readonly value: number;
}
export interface StringLiteral extends Positioned {
  readonly is: "string";
  readonly value: string;
}
export interface Selector extends Positioned {
  readonly is: "selector";
  readonly matchers: readonly Matcher[];
  /** How far back to look, in milliseconds; negative looks ahead. */
  readonly offset: number;
}
export interface RangeSelector extends Positioned {
  readonly is: "range";
  readonly of: Selector;
  /** Milliseconds. */
  readonly range: number;
}
export interface Call extends Positioned {
  readonly is: "call";
  readonly name: string;
  readonly args: readonly Expression[];
}
export interface Aggregation extends Positioned {
  readonly is: "aggregation";
  readonly op: AggregationOperator;
  readonly grouping: readonly string[];
  readonly without: boolean;
  readonly parameter: Expression | null;
  readonly of: Expression;
}
export interface Unary extends Positioned {
  readonly is: "unary";
  readonly op: "+" | "-";
  readonly of: Expression;
}
interface Parens extends Positioned {
  readonly is: "parens";
  readonly of: Expression;
}
export interface Binary extends Positioned {
  readonly is: "binary";
  readonly op: Operator;
  /** Where the operator stands in the text. */
  readonly opPosition: number;
  readonly bool: boolean;
  readonly matching: Matching;
  readonly left: Expression;
  readonly right: Expression;
}

export type Expression =
  NumberLiteral | StringLiteral | Selector | RangeSelector | Call | Aggregation | Unary | Parens | Binary;

const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", ">", "<", ">=", "<="]);
const SET_OPERATORS: ReadonlySet<string> = new Set(["and", "or", "unless"]);

export const isComparison = (op: Operator): op is ComparisonOperator => COMPARISONS.has(op);
export const isSetOperator = (op: Operator): op is SetOperator => SET_OPERATORS.has(op);

/** The expression inside any number of parentheses. */
export function unwrap(expression: Expression): Expression {
  return expression.is === "parens" ? unwrap(expression.of) : expression;
}
