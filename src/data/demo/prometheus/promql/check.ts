import {
  isComparison,
  isSetOperator,
  unwrap,
  type Aggregation,
  type Binary,
  type Call,
  type Expression,
  type Unary,
  type ValueType,
} from "./expression.ts";
import { cannotEvaluate, parseErrorAt } from "./promqlError.ts";
import { signatures } from "./signatures.ts";

const TYPES: Readonly<Partial<Record<Expression["is"], ValueType>>> = {
  number: "scalar",
  string: "string",
  selector: "instant vector",
  aggregation: "instant vector",
  range: "range vector",
};

/** The type of an expression that `checkTypes` has passed. */
export function typeOf(expression: Expression): ValueType {
  if (expression.is === "parens" || expression.is === "unary") return typeOf(expression.of);
  if (expression.is === "call") return signatures[expression.name]?.returns ?? "instant vector";
  if (expression.is === "binary") {
    const scalars = typeOf(expression.left) === "scalar" && typeOf(expression.right) === "scalar";
    return scalars ? "scalar" : "instant vector";
  }
  return TYPES[expression.is] ?? "instant vector";
}

/** Refuses what parses but cannot mean anything, in the words of `checkAST` in Prometheus' promql/parser/parse.go. */
export function checkTypes(expression: Expression, input: string): void {
  if (expression.is === "parens") checkTypes(expression.of, input);
  else if (expression.is === "unary") checkUnary(expression, input);
  else if (expression.is === "call") checkCall(expression, input);
  else if (expression.is === "aggregation") checkAggregation(expression, input);
  else if (expression.is === "binary") checkBinary(expression, input);
}

function expectType(expression: Expression, wanted: ValueType, context: string, input: string): void {
  checkTypes(expression, input);
  const type = typeOf(expression);
  if (type === wanted) return;
  throw parseErrorAt(input, expression.position, `expected type ${wanted} in ${context}, got ${type}`);
}

function checkUnary(expression: Unary, input: string): void {
  checkTypes(expression.of, input);
  const type = typeOf(expression.of);
  if (type === "scalar" || type === "instant vector") return;
  const message = `unary expression only allowed on expressions of type scalar or instant vector, got ${JSON.stringify(type)}`;
  throw parseErrorAt(input, expression.position, message);
}

function checkCall({ name, args, position }: Call, input: string): void {
  const signature = signatures[name];
  if (signature === undefined) throw cannotEvaluate(`the embedded Prometheus does not evaluate ${name}()`);
  const least = signature.args.length - signature.optional;
  const most = signature.variadic ? Infinity : signature.args.length;
  if (args.length < least || args.length > most) {
    const atLeast = args.length < least;
    const limit = `${atLeast ? "at least " : "at most "}${atLeast ? least : most}`;
    const wanted = signature.optional === 0 && !signature.variadic ? String(least) : limit;
    throw parseErrorAt(
      input,
      position,
      `expected ${wanted} argument(s) in call to "${name}", got ${args.length}`,
    );
  }
  for (const [index, arg] of args.entries()) {
    const wanted = signature.args[Math.min(index, signature.args.length - 1)];
    if (wanted !== undefined) expectType(arg, wanted, `call to function "${name}"`, input);
  }
}

function checkAggregation({ op, of, parameter }: Aggregation, input: string): void {
  expectType(of, "instant vector", "aggregation expression", input);
  if (parameter !== null) {
    expectType(parameter, op === "count_values" ? "string" : "scalar", "aggregation parameter", input);
  }
}

function checkBinary(expression: Binary, input: string): void {
  const { left, right } = expression;
  for (const side of [left, right]) checkTypes(side, input);
  const refusal = refusalOf(expression, typeOf(left), typeOf(right));
  if (refusal !== null) throw parseErrorAt(input, refusal[0], refusal[1]);
}

function refusalOf(expression: Binary, left: ValueType, right: ValueType): readonly [number, string] | null {
  const { op, opPosition, position, bool, matching } = expression;
  if (bool && !isComparison(op))
    return [opPosition, "bool modifier can only be used on comparison operators"];
  const scalars = [left, right].filter((type) => type === "scalar").length;
  if (isComparison(op) && !bool && scalars === 2) {
    return [opPosition, "comparisons between scalars must use BOOL modifier"];
  }
  const twice = matching.on ? matching.labels.find((label) => matching.include.includes(label)) : undefined;
  if (twice !== undefined) {
    return [opPosition, `label ${JSON.stringify(twice)} must not occur in ON and GROUP clause at once`];
  }
  const strange = [expression.left, expression.right].find((side) => !isOperand(side));
  if (strange !== undefined) {
    return [strange.position, "binary expression must contain only scalar and instant vector types"];
  }
  if (scalars > 0) return scalarRefusal(expression);
  if (isSetOperator(op) && matching.one !== null)
    return [position, `no grouping allowed for "${op}" operation`];
  return null;
}

function scalarRefusal({ op, position, matching }: Binary): readonly [number, string] | null {
  if (matching.labels.length > 0) return [position, "vector matching only allowed between instant vectors"];
  return isSetOperator(op)
    ? [position, `set operator "${op}" not allowed in binary scalar expression`]
    : null;
}

function isOperand(expression: Expression): boolean {
  const type = typeOf(unwrap(expression));
  return type === "scalar" || type === "instant vector";
}
