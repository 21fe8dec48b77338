/** `meshtop check`: findings on stdout, a summary on stderr, and an exit code for scripts. */
import type { Finding } from "../../data/mesh/finding.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { explain, type DataError, type Result } from "../../data/mesh/result.ts";
import { checkTable } from "../columns/checks.ts";
import { printView } from "../print/printView.ts";
import type { Outlet } from "./outlet.ts";
import type { CheckCommand } from "./parseCommand.ts";

/** What there is to check. */
export interface Checked {
  readonly mesh: Mesh;
  /** Sentences about what could not be read. */
  readonly missing: readonly string[];
  /** Some of the configuration is not known, so that a check may have been skipped. */
  readonly isPartial: boolean;
  /** `null`: every namespace. */
  readonly namespace: string | null;
}

/** 0: no error was found; 1: one was, or not all could be read; 2: there is nothing to check. */
export async function performCheck(
  { options }: CheckCommand,
  checked: Result<Checked, DataError>,
  { print, complain }: Pick<Outlet, "print" | "complain">,
): Promise<0 | 1 | 2> {
  if (!checked.ok) {
    complain(explain(checked.error));
    return 2;
  }
  const { mesh, missing, isPartial, namespace } = checked.value;
  for (const sentence of missing) complain(sentence);
  const findings = checkTable.rows(mesh, { namespace });
  await print(printView(mesh, { view: "checks", format: options.output, namespace }));
  complain(summary(findings));
  return isPartial || findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

function summary(findings: readonly Finding[]): string {
  if (findings.length === 0) return "No finding in what was read.";
  const counts = (["error", "warning", "info"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    const word = severity === "info" || count === 1 ? severity : `${severity}s`;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return `${counts.join(", ")}; docs/checks.md says what each code means.`;
}
