import { optionNames, optionRows } from "./optionRows.ts";

const commands: readonly (readonly [string, string])[] = [
  ["meshtop", "the dashboard on the current kubeconfig context"],
  ["meshtop demo [SCENARIO] [--variant NAME]", "the dashboard on a simulated mesh, no cluster needed"],
  [
    "meshtop demo [SCENARIO] -f FILE...",
    "the dashboard on a simulation of these manifests, or of a scenario with them",
  ],
  [
    "meshtop get VIEW",
    "one view as text: graph, services, routes, canaries, mtls, policies, breakers, proxies, egress, checks",
  ],
  [
    "meshtop check [-f FILE...]",
    "what the configuration cannot mean, in the mesh or in manifests; 1 if an error is found",
  ],
  [
    "meshtop preview-strict NAMESPACE [-w 1h]",
    "who came in plaintext, and would be cut off by STRICT; 1 if somebody would",
  ],
  [
    "meshtop logs NS/WORKLOAD [FILTER...] [--follow]",
    "the access log of its proxies, of a service's, or of NS/POD: status>=500 flag=UH path~^/api duration>250ms, text, !text",
  ],
  ["meshtop shift NS/SERVICE v1=80 v2=20", "weights of one rule; destinations left out share the rest"],
  ["meshtop set-mirror NS/SERVICE SUBSET", "a copy of a rule's requests to a subset, or --off"],
  [
    "meshtop set-outbound ALLOW_ANY|REGISTRY_ONLY",
    "which hosts outside may be reached: --mesh, -n NAME or --workload",
  ],
  ["meshtop declare-host HOST -n NAME", "make a host outside known to a namespace"],
  ["meshtop canary VERB NS/NAME", "pause, resume, next, promote, abort (rollback), retry"],
  ["meshtop undo [ENTRY], redo [ENTRY]", "take the last change back, and make it again"],
  ["meshtop journal", "what was changed here, newest first"],
];

const options = optionNames.map((name) => {
  const row = optionRows[name];
  const short = row.short === undefined ? "    " : `-${row.short}, `;
  const written = row.optional === true ? `[=${row.value ?? ""}]` : ` ${row.value ?? ""}`;
  return [`${short}--${name}${row.value === undefined ? "" : written}`, row.help] as const;
});

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
    ...column(options),
    "",
    "A command that writes shows what it would do on stderr and asks; without a terminal it takes --yes. What it did is in the journal.",
    "",
    "Exit codes: 0 done, or so already; 1 check found an error, something (a log too) could not be read, or a write was refused, stderr says what; 2 wrong usage, no connection, no terminal for",
    "the dashboard; 3 somebody else changed the object first, nothing was written over; 4 it is not known whether the write was made; 5 with --wait: it was",
    "made, and traffic was not seen to follow in time.",
  ].join("\n");
}
