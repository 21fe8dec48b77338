import { fail, ok, type Result } from "../../mesh/result.ts";
import { badParameter, refusal, success, type Answer } from "./answer.ts";
import { readTimeOr } from "./parameters.ts";
import { parseExpression } from "./promql/parse.ts";
import { labelsJson, type Source } from "./queryApi.ts";
import type { Series } from "./series.ts";
import type { Matcher } from "./matcher.ts";

/** `/api/v1/labels`: the names of all labels, of the series that any `match[]` selects. */
export function labelNames(source: Source, parameters: URLSearchParams): Answer {
  const series = matchingSeries(source, parameters);
  if (!series.ok) return series.error;
  return success(sortedSet(series.value.flatMap(({ labels }) => [...labels.keys()])));
}

/** `/api/v1/label/<name>/values`. */
export function labelValues(source: Source, parameters: URLSearchParams, name: string): Answer {
  if (!/^[a-zA-Z_]\w*$/.test(name)) return refusal("bad_data", `invalid label name: ${JSON.stringify(name)}`);
  const series = matchingSeries(source, parameters);
  if (!series.ok) return series.error;
  return success(sortedSet(series.value.flatMap(({ labels }) => labels.get(name) ?? [])));
}

/** `/api/v1/series`: the label sets that any `match[]` selects; at least one is needed. */
export function seriesSets(source: Source, parameters: URLSearchParams): Answer {
  if (parameters.getAll("match[]").length === 0) return refusal("bad_data", "no match[] parameter provided");
  const series = matchingSeries(source, parameters);
  return series.ok ? success(series.value.map(({ labels }) => labelsJson(labels))) : series.error;
}

const sortedSet = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

/** The series with a sample between `start` and `end` that at least one `match[]` selects, all without any. */
function matchingSeries({ tsdb }: Source, parameters: URLSearchParams): Result<readonly Series[], Answer> {
  const start = readTimeOr(parameters, "start", -Infinity);
  if (!start.ok) return fail(badParameter("start", start.error));
  const end = readTimeOr(parameters, "end", Infinity);
  if (!end.ok) return fail(badParameter("end", end.error));
  const sets: (readonly Matcher[])[] = [];
  for (const text of parameters.getAll("match[]")) {
    const expression = parseExpression(text);
    if (!expression.ok) return fail(refusal("bad_data", expression.error.message));
    if (expression.value.is !== "selector")
      return fail(refusal("bad_data", `1:1: parse error: no selector: ${text}`));
    sets.push(expression.value.matchers);
  }
  const selected = sets.length === 0 ? tsdb.select([]) : sets.flatMap((matchers) => tsdb.select(matchers));
  return ok([...new Set(selected)].filter((series) => series.between(start.value, end.value).length > 0));
}
