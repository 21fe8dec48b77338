import { dropName, labelsFrom, METRIC_NAME, NO_LABELS, withLabel, type Labels } from "../labels.ts";
import { unwrap, type Expression } from "./expression.ts";
import { largest, smallest } from "./goMath.ts";
import { cannotEvaluate } from "./promqlError.ts";
import { histogramQuantile } from "./quantile.ts";
import { anchored } from "./regex.ts";
import { distinct, type Vector } from "./value.ts";

/** A function's evaluated arguments by type, each in its order, with the expressions they came from. */
export interface Arguments {
  readonly vectors: readonly Vector[];
  readonly scalars: readonly number[];
  readonly strings: readonly string[];
  readonly expressions: readonly Expression[];
}

const perElement =
  (f: (value: number, ...scalars: readonly number[]) => number) =>
  ({ vectors: [vector = []], scalars }: Arguments): Vector =>
    distinct(vector.map(({ labels, value }) => ({ labels: dropName(labels), value: f(value, ...scalars) })));

const sorted =
  (direction: 1 | -1) =>
  ({ vectors: [vector = []] }: Arguments): Vector =>
    [...vector].sort((a, b) => {
      const last = Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
      return last !== 0 ? last : direction * (a.value - b.value);
    });

function round(value: number, toNearest = 1): number {
  // Prometheus multiplies by the inverse, and the last digit shows it.
  const inverse = 1 / toNearest;
  return Math.floor(value * inverse + 0.5) / inverse;
}

/** The functions from vectors to a vector, by name; those of ranges and of the evaluation's time are elsewhere. */
export const vectorFunctions: Readonly<Partial<Record<string, (args: Arguments) => Vector>>> = {
  abs: perElement(Math.abs),
  ceil: perElement(Math.ceil),
  floor: perElement(Math.floor),
  exp: perElement(Math.exp),
  sqrt: perElement(Math.sqrt),
  ln: perElement(Math.log),
  log2: perElement(Math.log2),
  log10: perElement(Math.log10),
  sgn: perElement((value) => (value < 0 ? -1 : value > 0 ? 1 : value)),
  round: perElement(round),
  clamp: (args) => {
    const [min = NaN, max = NaN] = args.scalars;
    return max < min ? [] : perElement((value) => largest(min, smallest(max, value)))(args);
  },
  clamp_min: perElement((value, min = NaN) => largest(min, value)),
  clamp_max: perElement((value, max = NaN) => smallest(max, value)),
  sort: sorted(1),
  sort_desc: sorted(-1),
  absent: ({ vectors: [vector = []], expressions: [of] }) =>
    vector.length > 0 ? [] : [{ labels: of === undefined ? NO_LABELS : labelsOfAbsent(of), value: 1 }],
  histogram_quantile: ({ vectors: [vector = []], scalars: [q = NaN] }) =>
    distinct(histogramQuantile(q, vector)),
  label_replace: labelReplace,
  label_join: labelJoin,
  vector: ({ scalars: [value = NaN] }) => [{ labels: NO_LABELS, value }],
};

/** What a selector says for certain about the series that are missing: each label that it pins once, with `=`. */
function labelsOfAbsent(expression: Expression): Labels {
  const selector = unwrap(expression);
  if (selector.is !== "selector") return NO_LABELS;
  const pinned = new Map<string, string>();
  const seen = new Set<string>();
  for (const { name, op, value } of selector.matchers) {
    if (name === METRIC_NAME) continue;
    if (op === "=" && !seen.has(name)) pinned.set(name, value);
    else pinned.delete(name);
    if (op === "=") seen.add(name);
  }
  return labelsFrom(pinned);
}

const LABEL_NAME = /^[a-zA-Z_]\w*$/;

function labelReplace({ vectors: [vector = []], strings }: Arguments): Vector {
  const [target = "", replacement = "", source = "", regex = ""] = strings;
  const expression = anchored(regex);
  if (typeof expression === "string")
    throw cannotEvaluate(`invalid regular expression in label_replace(): ${regex}`);
  if (!LABEL_NAME.test(target))
    throw cannotEvaluate(`invalid destination label name in label_replace(): ${target}`);
  return distinct(
    vector.map((sample) => {
      const match = expression.exec(sample.labels.get(source) ?? "");
      return match === null
        ? sample
        : { ...sample, labels: withLabel(sample.labels, target, expand(replacement, match)) };
    }),
  );
}

/** Go's `Regexp.Expand`: `$1`, `${1}`, `$name`, `${name}`, `$$`; a group that is not there is empty. */
function expand(template: string, match: RegExpExecArray): string {
  return template.replace(
    /\$(?:(\$)|(\w+)|\{(\w+)\})/g,
    (_whole, dollar?: string, bare?: string, braced?: string) => {
      if (dollar !== undefined) return "$";
      const name = bare ?? braced ?? "";
      return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? "";
    },
  );
}

function labelJoin({ vectors: [vector = []], strings }: Arguments): Vector {
  const [target = "", separator = "", ...sources] = strings;
  const broken = sources.find((name) => !LABEL_NAME.test(name));
  if (broken !== undefined) throw cannotEvaluate(`invalid source label name in label_join(): ${broken}`);
  if (!LABEL_NAME.test(target))
    throw cannotEvaluate(`invalid destination label name in label_join(): ${target}`);
  return distinct(
    vector.map(({ labels, value }) => ({
      labels: withLabel(labels, target, sources.map((name) => labels.get(name) ?? "").join(separator)),
      value,
    })),
  );
}
