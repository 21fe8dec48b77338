import type { CheckText } from "./check.ts";
import { described } from "./table.ts";

/** docs/checks.md: every check, one row in the overview and one paragraph each. */
export function checksPage(): string {
  return [
    "# Checks",
    "",
    "What `meshtop check` and the view `checks` look for. This page is made by `npm run docs` from `src/data/mesh/checks/`.",
    "",
    "`error`: requests fail, or a policy does not hold; `meshtop check` exits with 1. `warning`: something written has no effect, or not the one that it seems",
    "to have. `info`: worth knowing. What is not known is no finding: a check whose kinds are forbidden or still loading is skipped.",
    "",
    "| code | severity | what | Kiali | istioctl analyze |",
    "| --- | --- | --- | --- | --- |",
    ...described.map(row),
    "",
    ...described.map(section),
  ].join("\n");
}

const row = ({ code, severity, title, sources }: CheckText): string =>
  `| [${code}](#${code.toLowerCase()}) | ${severity} | ${title} | ${sources.kiali ?? ""} | ${sources.istioctl ?? ""} |`;

const section = ({ code, title, meaning, advice }: CheckText): string =>
  `## ${code}\n\n**${title}.** ${meaning}\n\n${advice}\n`;
