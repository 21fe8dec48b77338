/** What the checks already say of the objects that a change would write: a rule that nobody tries, a route that never wins its host. */
import { findingsOf } from "../../data/mesh/checks/findingsOf.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Plan } from "../change.ts";

/** Said by the plan itself, by the weights as they will be. */
const saidByPlans: ReadonlySet<string> = new Set([
  "MT0101",
  "MT0102",
  "MT0103",
  "MT0104",
  "MT0105",
  "MT0112",
]);

/** More than that nobody reads in a question. */
const most = 3;

/** Sentences without a full stop, errors first; what is only worth knowing is left out. */
export function knownFindings(
  mesh: Pick<Mesh, "findings">,
  { patches }: Pick<Plan, "patches">,
): readonly string[] {
  const refs = patches.filter((patch) => patch.do === "edit").map(({ ref }) => ref);
  const found = findingsOf(mesh, refs).filter(
    ({ code, severity }) => severity !== "info" && !saidByPlans.has(code),
  );
  const shown = found
    .slice(0, most)
    .map(
      ({ code, path, message }) => `${code}${path === "" ? "" : ` (${path})`}: ${message.replace(/\.$/, "")}`,
    );
  const rest = found.length - shown.length;
  return rest === 0 ? shown : [...shown, `${rest} more findings about what would be written`];
}
