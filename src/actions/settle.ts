/** What became of a patch that the server did not plainly take: found out by reading, never by sending again. */
import { nameOf } from "../data/mesh/declared/meta.ts";
import type { Patch } from "./change.ts";
import { changedBy, namesOf } from "./changes/authors.ts";
import type { Held } from "./changes/held.ts";
import { rebase, standingOf, type Deviation } from "./changes/rebase.ts";
import type { Cluster } from "./cluster.ts";
import type { Refusal } from "./proposal.ts";

export type Settled =
  | { readonly is: "applied"; readonly held: Held | null; readonly warnings: readonly string[] }
  | {
      readonly is: "refused" | "conflict" | "unreachable" | "unknown";
      readonly message: string;
      readonly advice: string | null;
      readonly deviations: readonly Deviation[];
    };

export interface Sender {
  readonly cluster: Cluster;
  readonly sleep: (ms: number) => Promise<void>;
}

/** A request that got no answer may still be on its way: how long it is waited for, reading again, in milliseconds. */
const LOOKS = [0, 1000, 3000] as const;

/** Sends one patch for real, once. */
export async function send(patch: Patch, { cluster, sleep }: Sender): Promise<Settled> {
  const answer = await cluster.write(patch, "for real");
  if (answer.ok) return { is: "applied", ...answer.value };
  const refusal = answer.error;
  if (refusal.is === "unknown") return settleUnknown(patch, refusal, { cluster, sleep });
  if (refusal.is === "conflict" || refusal.is === "gone") return explainConflict(patch, refusal, cluster);
  return {
    is: refusal.is === "unreachable" ? "unreachable" : "refused",
    message: refusal.message,
    advice: refusal.advice,
    deviations: [],
  };
}

async function settleUnknown(patch: Patch, refusal: Refusal, { cluster, sleep }: Sender): Promise<Settled> {
  const name = nameOf(patch.ref);
  let seen = `${name} can't be read either, so nobody knows whether it was changed.`;
  let is: "unknown" | "unreachable" = "unknown";
  for (const wait of LOOKS) {
    await sleep(wait);
    const found = await cluster.read(patch.ref);
    if (!found.ok) continue;
    const standing = standingOf(patch, found.value);
    if (standing === "applied") return { is: "applied", held: found.value, warnings: [] };
    is = standing === "unknown" ? "unknown" : "unreachable";
    seen =
      standing === "unknown"
        ? `${name} was written by somebody else since, so it can't be told whether this was applied first.`
        : `${name} is as it was: the change is not in effect.`;
    if (cannotLand(patch, found.value)) break;
  }
  const advice = is === "unknown" ? "Look at the object before you go on." : refusal.advice;
  return { is, message: `${refusal.message} ${seen}`, advice, deviations: [] };
}

/** The version that the patch tests is gone: it can't be applied any more, however late it comes. */
const cannotLand = (patch: Patch, held: Held | null): boolean =>
  patch.do === "edit" && patch.pinned && held?.resourceVersion !== patch.resourceVersion;

/** Says what the other one changed, and who it was. */
async function explainConflict(patch: Patch, refusal: Refusal, cluster: Cluster): Promise<Settled> {
  const found = await cluster.read(patch.ref);
  const common = { message: refusal.message, advice: null };
  if (!found.ok) return { is: "conflict", ...common, deviations: [] };
  const fits = rebase(patch, found.value);
  if (!fits.ok) {
    const message = `${nameOf(patch.ref)} has changed since it was read: ${describeDeviations(fits.error)}. Nothing was written over.`;
    return { is: "conflict", message, advice: null, deviations: fits.error };
  }
  const same = patch.do === "edit" && found.value?.resourceVersion === patch.resourceVersion;
  if (same) return { is: "refused", ...common, deviations: [] };
  const author = found.value === null ? null : changedBy(found.value, "");
  const who = author === null ? "" : ` by ${namesOf(author)}`;
  const message = `${nameOf(patch.ref)} was written${who} since it was read, though not in these fields. Nothing was written over.`;
  return { is: "conflict", message, advice: "Look again and ask again.", deviations: [] };
}

/** "/spec/http/0/route/1/weight is 30 and not 10 (kubectl-edit, 2026-01-01T00:00:00Z)" */
export function describeDeviations(deviations: readonly Deviation[]): string {
  return deviations
    .map(({ path, expected, found, by }) => {
      const who = by === null ? "" : ` (${namesOf(by)}${by.at === null ? "" : `, ${by.at}`})`;
      const where = path === "" ? "the object" : path;
      return `${where} is ${shortJson(found)} and not ${shortJson(expected)}${who}`;
    })
    .join("; ");
}

const LONGEST_VALUE = 80;

function shortJson(value: unknown): string {
  if (value === null) return "absent";
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
}
