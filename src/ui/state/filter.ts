/** The filter grammar of k9s (terminal-tools.md 1.1): text, `!` text, `-l` labels, `-f` fuzzy. */
import type { Labels } from "../../data/mesh/declared/meta.ts";

export type Filter =
  | { readonly is: "all" }
  | { readonly is: "text"; readonly pattern: RegExp; readonly inverse: boolean }
  | { readonly is: "fuzzy"; readonly letters: string }
  | { readonly is: "labels"; readonly requirements: readonly Requirement[] }
  /** Not a filter yet: shows everything, and `why` says what is missing. */
  | { readonly is: "broken"; readonly why: string };

type Requirement =
  | { readonly key: string; readonly in: readonly string[]; readonly inverse: boolean }
  | { readonly key: string; readonly exists: boolean };

/**
 * - `web.*` a case-insensitive regular expression; where it is none (`a[`), the text itself.
 * - `!web` everything else. - `-f wbp` the letters in this order.
 * - `-l app=web,version!=v2,tier in (a, b),!canary` a label selector; a bare `app=web` is one too.
 */
export function parseFilter(text: string): Filter {
  const trimmed = text.trim();
  if (trimmed === "") return { is: "all" };
  if (trimmed === "-f" || trimmed.startsWith("-f "))
    return { is: "fuzzy", letters: trimmed.slice(2).trim().toLowerCase() };
  if (trimmed === "-l" || trimmed.startsWith("-l ")) return labelFilter(trimmed.slice(2).trim());
  if (/^[\w./-]+!?==?[\w.-]+$/.test(trimmed)) return labelFilter(trimmed);
  const inverse = trimmed.startsWith("!");
  const wanted = inverse ? trimmed.slice(1).trim() : trimmed;
  return wanted === "" ? { is: "all" } : { is: "text", pattern: patternOf(wanted), inverse };
}

/** Why a filter or a search is taken as it is written; `null`: it is a regular expression, or something else on purpose. */
export function whyLiteral(text: string): string | null {
  const filter = parseFilter(text);
  if (filter.is !== "text") return null;
  const wanted = filter.inverse ? text.trim().slice(1).trim() : text.trim();
  return isPattern(wanted) ? null : "no regular expression: searched for as it is written";
}

/** Whether a row passes: `text` is all it says, `labels` what it is selected by. */
export function passes(filter: Filter, text: string, labels: Labels): boolean {
  switch (filter.is) {
    case "all":
    case "broken":
      return true;
    case "text":
      return filter.pattern.test(text) !== filter.inverse;
    case "fuzzy":
      return isSubsequence(filter.letters, text.toLowerCase());
    case "labels":
      return filter.requirements.every((requirement) => meets(requirement, labels));
  }
}

/** What a search in a text looks for; `null`: nothing. */
export function searchPattern(text: string): RegExp | null {
  return text.trim() === "" ? null : patternOf(text.trim());
}

function patternOf(text: string): RegExp {
  return new RegExp(isPattern(text) ? text : text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "i");
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, "i");
    return true;
  } catch {
    return false;
  }
}

function labelFilter(selector: string): Filter {
  if (selector === "") return { is: "broken", why: "-l needs a selector, such as app=web" };
  const requirements: Requirement[] = [];
  for (const part of selector.split(/,(?![^(]*\))/)) {
    const requirement = requirementOf(part.trim());
    if (requirement === null) return { is: "broken", why: `"${part.trim()}" is no label selector` };
    requirements.push(requirement);
  }
  return { is: "labels", requirements };
}

function requirementOf(text: string): Requirement | null {
  const set = /^([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text);
  if (set?.[1] !== undefined && set[3] !== undefined) {
    const values = set[3].split(",").map((value) => value.trim());
    return { key: set[1], in: values, inverse: set[2] === "notin" };
  }
  const equal = /^([\w./-]+)\s*(!?)==?\s*([\w.-]*)$/.exec(text);
  if (equal?.[1] !== undefined && equal[3] !== undefined)
    return { key: equal[1], in: [equal[3]], inverse: equal[2] === "!" };
  const exists = /^(!?)\s*([\w./-]+)$/.exec(text);
  if (exists?.[2] === undefined) return null;
  return { key: exists[2], exists: exists[1] !== "!" };
}

/** As Kubernetes has it: `!=` and `notin` are met where the label is absent. */
function meets(requirement: Requirement, labels: Labels): boolean {
  const value = labels[requirement.key];
  if ("exists" in requirement) return (value !== undefined) === requirement.exists;
  return (value !== undefined && requirement.in.includes(value)) !== requirement.inverse;
}

function isSubsequence(letters: string, text: string): boolean {
  let from = 0;
  for (const letter of letters) {
    const at = text.indexOf(letter, from);
    if (at < 0) return false;
    from = at + letter.length;
  }
  return true;
}
