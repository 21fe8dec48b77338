import type { Expression, Operator } from "./expression.ts";
import { tokensOf, type Token } from "./operatorTokens.ts";
import { readDuration } from "./parseLiteral.ts";
import { parseErrorAt } from "./promqlError.ts";
import type { Source } from "./source.ts";

/** Of Prometheus' promql/parser/generated_parser.y; all to the left but the power. */
const PRECEDENCE: Readonly<Record<Operator, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  "==": 3,
  "!=": 3,
  ">": 3,
  "<": 3,
  ">=": 3,
  "<=": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
  atan2: 5,
  "^": 6,
};
const LOOSEST = 1;

/**
 * Reads operators by their precedence: `offset` and ranges bind to the operand before them, then the power, then signs and `*`.
 * @param readOperand reads what stands between operators.
 */
export function parseOperators(source: Source, readOperand: (source: Source) => Expression): Expression {
  return new Climber(tokensOf(source), source.input, readOperand).read(LOOSEST);
}

class Climber {
  readonly #tokens: readonly Token[];
  readonly #input: string;
  readonly #readOperand: (source: Source) => Expression;
  #next = 0;

  constructor(tokens: readonly Token[], input: string, readOperand: (source: Source) => Expression) {
    this.#tokens = tokens;
    this.#input = input;
    this.#readOperand = readOperand;
  }

  /** Everything from here that binds at least as tightly. */
  read(loosest: number): Expression {
    let left = this.#prefixed();
    for (;;) {
      const token = this.#tokens[this.#next];
      if (token?.is !== "binary" || PRECEDENCE[token.op] < loosest) return left;
      this.#next += 1;
      const right = this.read(PRECEDENCE[token.op] + (token.op === "^" ? 0 : 1));
      const { op, bool, matching, position: opPosition } = token;
      left = { is: "binary", op, bool, matching, left, right, opPosition, position: left.position };
    }
  }

  #prefixed(): Expression {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw parseErrorAt(this.#input, this.#input.length, "unexpected end of input");
    this.#next += 1;
    if (token.is === "operand") return this.#withPostfixes(this.#readOperand(token.source));
    if (token.is !== "sign") throw parseErrorAt(this.#input, token.position, "unexpected operator");
    const { op, position } = token;
    const of = this.read(PRECEDENCE["^"]);
    if (of.is === "number") return { ...of, value: op === "-" ? -of.value : of.value, position };
    return { is: "unary", op, of, position };
  }

  #withPostfixes(operand: Expression): Expression {
    const token = this.#tokens[this.#next];
    if (token?.is !== "range" && token?.is !== "offset") return operand;
    this.#next += 1;
    const length = readDuration(this.#input, token.duration);
    const read =
      token.is === "range" ? this.#ranged(operand, length, token.position) : this.#shifted(operand, length);
    return this.#withPostfixes(read);
  }

  #ranged(of: Expression, range: number, bracket: number): Expression {
    if (of.is !== "selector")
      throw parseErrorAt(this.#input, bracket, "ranges only allowed for vector selectors");
    if (of.offset !== 0) throw parseErrorAt(this.#input, bracket, "no offset modifiers allowed before range");
    return { is: "range", of, range, position: of.position };
  }

  #shifted(of: Expression, offset: number): Expression {
    const selector = of.is === "range" ? of.of : of;
    if (selector.is !== "selector") {
      const message =
        "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery";
      throw parseErrorAt(this.#input, of.position, message);
    }
    if (selector.offset !== 0)
      throw parseErrorAt(this.#input, of.position, "offset may not be set multiple times");
    const shifted = { ...selector, offset };
    return of.is === "range" ? { ...of, of: shifted } : shifted;
  }
}
