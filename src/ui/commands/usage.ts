import { optionRows } from "./options.ts";

const commands: readonly (readonly [string, string])[] = [
  ["meshtop", "the dashboard on the current kubeconfig context"],
  ["meshtop demo [SCENARIO]", "the dashboard on a simulated mesh, no cluster needed"],
  ["meshtop get VIEW", "one view as text: graph, services, routes, canaries, mtls, breakers, egress"],
];

interface HelpRow {
  readonly short?: string;
  readonly value?: string;
  readonly help: string;
}

function optionLine([name, row]: readonly [string, HelpRow]): readonly [string, string] {
  const short = row.short === undefined ? "    " : `-${row.short}, `;
  const value = row.value === undefined ? "" : ` ${row.value}`;
  return [`${short}--${name}${value}`, row.help];
}

function column(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
}

/** The text of `--help`. */
export function usage(): string {
  return [
    "meshtop: an Istio mesh in the terminal",
    "",
    ...column(commands),
    "",
    "Options",
    ...column(Object.entries(optionRows as Readonly<Record<string, HelpRow>>).map(optionLine)),
    "",
    "Exit codes: 0 done; 1 something could not be read or written, stderr says what; 2 wrong usage, no connection, no terminal.",
  ].join("\n");
}
