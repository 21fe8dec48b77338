/** From the weights that a person names to the weights of a rule: which sum they are parts of, and what is told about it. Pure. */
import { clean } from "../../data/mesh/clean.ts";
import { fail, ok, type Result } from "../../data/mesh/result.ts";
import { ratioOf } from "../../data/mesh/units.ts";
import { apportion, totalOf } from "./weights.ts";

const HUNDRED = 100;

export interface NamedRule {
  /** Of its destinations, in the object's order. */
  readonly names: readonly string[];
  /** Their weights as they are. */
  readonly now: readonly number[];
}

export interface WishedWeights {
  readonly weights: readonly number[];
  /** A sentence where the numbers mean something else than parts of 100, or are not written as they were given. */
  readonly note: string | null;
}

/**
 * Istio's weights are parts of their sum, whatever it is (istio.md 2.1), and shares are what people mean. Named for some destinations, they are parts of the rule's sum, and the
 * others share the rest as they do now. Named for all: the sum of the rule is kept where it can hold these very shares, a sum of 100 is taken as it is, and anything else is more
 * likely a slip than a wish.
 *
 * @param wanted by name, whole numbers from 0. @param inHundred the rule sums to 100 afterwards, whatever it sums to now.
 */
export function wishedWeights(
  rule: NamedRule,
  wanted: Readonly<Record<string, number>>,
  inHundred: boolean,
): Result<WishedWeights, string> {
  const isWhole = rule.names.every((name) => Object.hasOwn(wanted, name));
  return isWhole ? wholeWish(rule, wanted, inHundred) : partWish(rule, wanted, inHundred);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function wholeWish(
  { names, now }: NamedRule,
  wanted: Readonly<Record<string, number>>,
  inHundred: boolean,
): Result<WishedWeights, string> {
  const given = names.map((name) => wanted[name] ?? 0);
  const [had, has] = [totalOf(now), sum(given)];
  // That nobody would get anything is for the plan to refuse.
  if (has === 0) return ok({ weights: given, note: null });
  const total = inHundred ? HUNDRED : had;
  const kept = apportion(total, given);
  // Weights are int32 and their products are more than a double holds.
  const isSame = given.every(
    (one, at) => BigInt(one) * BigInt(total) === BigInt(kept[at] ?? 0) * BigInt(has),
  );
  if (has === total || (has === HUNDRED && !inHundred))
    return ok({ weights: given, note: sumNote(had, has) });
  if (!inHundred && !isSame) return fail(slip({ names, given, had, has }));
  const rounded = isSame ? "" : ", as nearly as whole numbers can";
  const note = `the weights given sum to ${has}: written in parts of ${total} as ${words(names, kept)}${rounded}`;
  return ok({ weights: kept, note });
}

function sumNote(had: number, has: number): string | null {
  if (had !== has) return `the weights of the rule summed to ${had}, and sum to ${has} from now on`;
  return has === HUNDRED ? null : `the weights of the rule sum to ${has}: each share is its weight of ${has}`;
}

interface Slip {
  readonly names: readonly string[];
  readonly given: readonly number[];
  readonly had: number;
  readonly has: number;
}

function slip({ names, given, had, has }: Slip): string {
  const hundred = words(names, apportion(HUNDRED, given));
  const sums = had === HUNDRED ? "100" : `${had} or to 100`;
  return `${words(names, given)} sums to ${has}, and the weights of the rule to ${had}: give weights that sum to ${sums}, or say --normalise for ${hundred}.`;
}

function partWish(
  { names, now }: NamedRule,
  wanted: Readonly<Record<string, number>>,
  inHundred: boolean,
): Result<WishedWeights, string> {
  const had = totalOf(now);
  const total = inHundred ? HUNDRED : had;
  const given = sum(Object.values(wanted));
  if (given > total) return fail(tooMuch(total, given));
  const others = names.flatMap((name, at) => (Object.hasOwn(wanted, name) ? [] : [at]));
  const shared = apportion(
    total - given,
    others.map((at) => now[at] ?? 0),
  );
  const weights = names.map((name, at) => {
    const other = others.indexOf(at);
    return (other < 0 ? wanted[name] : shared[other]) ?? 0;
  });
  if (total !== had) return ok({ weights, note: sumNote(had, total) });
  const shares = Object.entries(wanted).map(
    ([name, weight]) => `${clean(name)}=${weight} is ${percentWord(weight, total)}`,
  );
  const note =
    total === HUNDRED ? null : `the weights of the rule sum to ${total}: ${shares.join(", ")} of requests`;
  return ok({ weights, note });
}

function tooMuch(total: number, given: number): string {
  const way = total === HUNDRED ? "" : ", or say --normalise to count in parts of 100";
  return `The weights of the rule sum to ${total}, and ${given} is more: name all destinations${way}.`;
}

function percentWord(part: number, whole: number): string {
  const percent = (ratioOf(part, whole) ?? 0) * HUNDRED;
  return `${Number.isInteger(percent) ? percent : percent.toFixed(1)} %`;
}

const words = (names: readonly string[], weights: readonly number[]): string =>
  names.map((name, at) => `${clean(name)}=${weights[at] ?? 0}`).join(" ");
