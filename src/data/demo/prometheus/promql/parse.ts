import type { SyntaxNode, Tree } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { fail, ok, type Result } from "../../../mesh/result.ts";
import { checkTypes } from "./check.ts";
import type { Aggregation, AggregationOperator, Call, Expression } from "./expression.ts";
import { labelNames, readNumber, readString } from "./parseLiteral.ts";
import { parseOperators } from "./parseOperators.ts";
import { parseSelector } from "./parseSelector.ts";
import { parseErrorAt, PromqlError } from "./promqlError.ts";
import { childrenOf, textOf, type Source } from "./source.ts";
import { describeSyntaxError } from "./syntaxError.ts";

/**
 * Reads PromQL as Prometheus 2.42 accepts it. What only later versions know (durations as numbers, quoted metric names,
 * `fill`, `anchored`, `smoothed`, arithmetic on durations) is refused, so that a query which works here works on both.
 * @errors bad_data: it does not parse, or its types do not fit. execution: it is PromQL that this engine lacks (`@`, subqueries).
 */
export function parseExpression(input: string): Result<Expression, PromqlError> {
  try {
    if (/^(\s|#.*)*$/.test(input)) throw parseErrorAt(input, 0, "no expression found in input");
    const tree = parser.parse(input);
    refuseErrors(tree, input);
    const [node] = childrenOf(tree.topNode);
    if (node === undefined) throw parseErrorAt(input, 0, "no expression found in input");
    const expression = read({ node, input });
    checkTypes(expression, input);
    return ok(expression);
  } catch (error) {
    if (error instanceof PromqlError) return fail(error);
    throw error;
  }
}

function refuseErrors(tree: Tree, input: string): void {
  tree.iterate({
    enter: ({ type, from, node }) => {
      if (type.isError) throw parseErrorAt(input, from, describeSyntaxError(input, node));
    },
  });
}

const readers: Readonly<Partial<Record<string, (source: Source) => Expression>>> = {
  NumberDurationLiteral: readNumber,
  StringLiteral: readString,
  VectorSelector: parseSelector,
  ParenExpr: readParens,
  FunctionCall: readCall,
  AggregateExpr: readAggregation,
};

const read = (source: Source): Expression => parseOperators(source, readOperand);

function readOperand(source: Source): Expression {
  const reader = readers[source.node.name];
  if (reader !== undefined) return reader(source);
  throw parseErrorAt(source.input, source.node.from, `unexpected ${JSON.stringify(textOf(source))}`);
}

function readParens({ node, input }: Source): Expression {
  const [of] = childrenOf(node);
  if (of === undefined) throw parseErrorAt(input, node.from, "unexpected end of input");
  return { is: "parens", of: read({ node: of, input }), position: node.from };
}

function argumentsOf(body: SyntaxNode | undefined, input: string): readonly Expression[] {
  return body === undefined ? [] : childrenOf(body).map((node) => read({ node, input }));
}

function readCall(source: Source): Call {
  const [name, body] = childrenOf(source.node);
  const { input, node } = source;
  return {
    is: "call",
    name: name === undefined ? "" : textOf({ node: name, input }),
    args: argumentsOf(body, input),
    position: node.from,
  };
}

const WITH_PARAMETER: ReadonlySet<AggregationOperator> = new Set([
  "topk",
  "bottomk",
  "quantile",
  "count_values",
]);
const AGGREGATIONS: ReadonlySet<string> = new Set<AggregationOperator>([
  ...WITH_PARAMETER,
  ...(["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"] as const),
]);

function readAggregation(source: Source): Aggregation {
  const { input, node } = source;
  const children = childrenOf(node);
  const child = (name: string): SyntaxNode | undefined =>
    children.find((candidate) => candidate.name === name);
  const op = textOf({ node: child("AggregateOp") ?? node, input }).toLowerCase();
  if (!isAggregation(op))
    throw parseErrorAt(input, node.from, `unknown function with name ${JSON.stringify(op)}`);
  const args = argumentsOf(child("FunctionCallBody"), input);
  const wanted = WITH_PARAMETER.has(op) ? 2 : 1;
  const of = args.at(-1);
  if (of === undefined)
    throw parseErrorAt(input, node.from, "no arguments for aggregate expression provided");
  if (args.length !== wanted) {
    const counts = `expected ${wanted}, got ${args.length}`;
    throw parseErrorAt(
      input,
      node.from,
      `wrong number of arguments for aggregate expression provided, ${counts}`,
    );
  }
  const parameter = wanted === 2 ? (args[0] ?? null) : null;
  return {
    is: "aggregation",
    op,
    ...groupingOf(child("AggregateModifier"), input),
    parameter,
    of,
    position: node.from,
  };
}

const isAggregation = (op: string): op is AggregationOperator => AGGREGATIONS.has(op);

function groupingOf(
  modifier: SyntaxNode | undefined,
  input: string,
): Pick<Aggregation, "grouping" | "without"> {
  if (modifier === undefined) return { grouping: [], without: false };
  const [keyword, labels] = childrenOf(modifier);
  return {
    grouping: labels === undefined ? [] : labelNames(labels, input),
    without: keyword?.name === "Without",
  };
}
