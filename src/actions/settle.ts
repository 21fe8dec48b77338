/** What became of a patch that the server did not plainly take: found out by reading, never by sending again. */
import { nameOf, type ResourceRef } from "../data/mesh/declared/meta.ts";
import type { Patch } from "./change.ts";
import { changedBy, changedSince, namesOf } from "./changes/authors.ts";
import { describeDeviations, differencesSince, withOthers } from "./changes/differences.ts";
import type { Held } from "./changes/held.ts";
import { rebase, standingOf, unmade, type Deviation } from "./changes/rebase.ts";
import type { Cluster } from "./cluster.ts";
import type { Refusal } from "./proposal.ts";

export type Settled =
  | { readonly is: "applied"; readonly held: Held | null; readonly warnings: readonly string[] }
  | {
      readonly is: "refused" | "conflict" | "unreachable" | "unknown";
      readonly message: string;
      readonly advice: string | null;
      readonly deviations: readonly Deviation[];
      /** It may be applied yet: the request got no answer and could still be on its way. */
      readonly open: boolean;
    };

export interface Sender {
  readonly cluster: Pick<Cluster, "read" | "write">;
  readonly sleep: (ms: number) => Promise<void>;
  /** The object as it was when the patch was planned; `null`: it was not there, or nobody remembers. */
  readonly before: (ref: ResourceRef) => Held | null;
}

/** A request that got no answer may still be on its way: how long it is waited for, reading again, in milliseconds. */
const LOOKS = [0, 1000, 3000] as const;

/** Sends one patch for real, once. */
export async function send(patch: Patch, sender: Sender): Promise<Settled> {
  const answer = await sender.cluster.write(patch, "for real");
  if (answer.ok) {
    const { held, warnings } = answer.value;
    return { is: "applied", held, warnings: [...warnings, ...verified(patch, held)] };
  }
  const refusal = answer.error;
  if (refusal.is === "unknown") return settleUnknown(patch, refusal, sender);
  if (refusal.is === "conflict" || refusal.is === "gone") return explainConflict(patch, refusal, sender);
  return {
    is: refusal.is === "unreachable" ? "unreachable" : "refused",
    message: refusal.message,
    advice: refusal.advice,
    deviations: [],
    open: false,
  };
}

/** The object that the server gives back holds what was sent, unless a webhook did in earnest what it did not in the dry run. */
function verified(patch: Patch, held: Held | null): readonly string[] {
  if (patch.do !== "edit" || held === null) return [];
  const other = unmade(patch, held);
  if (other.length === 0) return [];
  return [
    `the server took it and wrote something else: in ${nameOf(patch.ref)}, ${describeDeviations(other)}`,
  ];
}

async function settleUnknown(patch: Patch, refusal: Refusal, sender: Sender): Promise<Settled> {
  const { cluster, sleep } = sender;
  const told = { taken: false, before: sender.before(patch.ref) };
  const name = nameOf(patch.ref);
  let seen = `${name} can't be read either, so nobody knows whether it was changed.`;
  let is: "unknown" | "unreachable" = "unknown";
  let open = true;
  for (const wait of LOOKS) {
    await sleep(wait);
    const found = await cluster.read(patch.ref);
    if (!found.ok) continue;
    const standing = standingOf(patch, found.value, told);
    if (standing === "applied") return { is: "applied", held: found.value, warnings: [] };
    is = standing === "unknown" ? "unknown" : "unreachable";
    seen = seenAs[standing](name);
    open = !cannotLand(patch, found.value);
    if (!open) break;
  }
  const advice = is === "unknown" ? "Look at the object before you go on." : refusal.advice;
  return { is, message: `${refusal.message} ${seen}`, advice, deviations: [], open };
}

const seenAs: Readonly<Record<"unknown" | "not applied", (name: string) => string>> = {
  unknown: (name) =>
    `${name} was written by somebody else since, so it can't be told whether this was applied first.`,
  "not applied": (name) =>
    `${name} is as it was: the change is not in effect, unless the request arrives yet. The next start looks again.`,
};

/** The version that the patch tests is gone: it can't be applied any more, however late it comes. */
const cannotLand = (patch: Patch, held: Held | null): boolean =>
  patch.do === "edit" && patch.pinned && held?.resourceVersion !== patch.resourceVersion;

/** Says what the other one changed, and who it was: in our fields, and outside of them. */
async function explainConflict(
  patch: Patch,
  refusal: Refusal,
  { cluster, before }: Sender,
): Promise<Settled> {
  const found = await cluster.read(patch.ref);
  const told = { message: refusal.message, advice: null, deviations: [], open: false };
  if (!found.ok) return { is: "conflict", ...told };
  const now = found.value;
  const then = before(patch.ref);
  const fits = rebase(patch, now);
  if (!fits.ok) {
    const deviations = withOthers(fits.error, then, now);
    const message = `${nameOf(patch.ref)} has changed since it was read: ${describeDeviations(deviations)}. Nothing was written over.`;
    return { is: "conflict", ...told, message, deviations };
  }
  const same = patch.do === "edit" && now?.resourceVersion === patch.resourceVersion;
  if (same) return { is: "refused", ...told };
  const deviations = then === null || now === null ? [] : differencesSince(then, now);
  const author = now === null ? null : then === null ? changedBy(now, "") : changedSince(then, now, "");
  const who = author === null ? "" : ` by ${namesOf(author)}`;
  const what = deviations.length === 0 ? "" : `: ${describeDeviations(deviations)}`;
  const message = `${nameOf(patch.ref)} was written${who} since it was read, though not in these fields${what}. Nothing was written over.`;
  return { is: "conflict", ...told, message, advice: "Look again and ask again.", deviations };
}
