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
    ...kialiSection(),
    ...described.map(section),
  ].join("\n");
}

/** Kiali's codes that matter to whoever shifts traffic (its models/istio_validation.go). */
const mattering: readonly string[] = [
  ...["0002", "0003", "0004", "0005", "0105"],
  ...["0201", "0202", "0203", "0204", "0205", "0206", "0207", "0208", "0209", "0210", "0211", "0212"],
  ...["0301", "0401", "0501", "0505", "0506", "0601", "0602", "0701", "1004", "1007"],
  ...["1101", "1102", "1104", "1105", "1106", "1107", "1109", "1113", "1114", "1211", "1212", "1401", "1402"],
].map((digits) => `KIA${digits}`);

/** Why some of Kiali's are not among ours. */
const notOurs: readonly (readonly [codes: string, why: string])[] = [
  [
    "KIA0104",
    "an AuthorizationPolicy for a host that nobody declares. The value is compared with the Host header, which need not be a name of the registry.",
  ],
  ["KIA0106, KIA0107, KIA0108", "principals without a ServiceAccount here. ServiceAccounts are not read."],
  ["KIA1108", "a gateway in the old dotted form. It means what it meant."],
  ["KIA1301", "a workload without an AuthorizationPolicy. Kiali ignores it by default, too."],
];

function kialiSection(): readonly string[] {
  const known = new Set(described.flatMap(({ sources }) => sources.kiali?.split(", ") ?? []));
  const found = mattering.filter((code) => known.has(code));
  const others = described.filter(
    ({ sources }) => sources.kiali === undefined && sources.istioctl === undefined,
  );
  return [
    "## Beside Kiali and istioctl",
    "",
    `${known.size} of Kiali's codes are found here, ${found.length} of the ${mattering.length} that matter to whoever shifts traffic, and ${others.length} things that neither Kiali nor istioctl looks for. Not`,
    "found on purpose:",
    "",
    ...notOurs.map(([codes, why]) => `- ${codes}: ${why}`),
    "",
  ];
}

const row = ({ code, severity, title, sources }: CheckText): string =>
  `| [${code}](#${code.toLowerCase()}) | ${severity} | ${title} | ${sources.kiali ?? ""} | ${sources.istioctl ?? ""} |`;

const section = ({ code, title, meaning, advice }: CheckText): string =>
  `## ${code}\n\n**${title}.** ${meaning}\n\n${advice}\n`;
