/** From a wish to something that can be asked about: read, plan, rights, dry run. */
import type { Mesh } from "../data/mesh/model/mesh.ts";
import type { ResourceRef } from "../data/mesh/declared/meta.ts";
import { fail, ok, type DataError, type Result } from "../data/mesh/result.ts";
import { needsOf, planChange } from "./catalog.ts";
import { inverseOf, type Plan, type WantedChange } from "./change.ts";
import { sameRef, type Held, type KindIn, type Needs, type Seen } from "./changes/held.ts";
import { knownFindings } from "./changes/knownFindings.ts";
import type { Cluster } from "./cluster.ts";
import type { Cause, Proposal } from "./proposal.ts";
import { rehearse } from "./run.ts";

/** Errors: an object could not be read, so nothing can be planned. */
export async function propose(
  change: WantedChange,
  mesh: Mesh,
  cluster: Cluster,
  reason: string | null = null,
): Promise<Result<Proposal, DataError>> {
  const seen = await gather(needsOf(mesh, change), cluster);
  if (!seen.ok) return seen;
  const plan = planChange(mesh, change, seen.value);
  const warnings = [...plan.warnings, ...knownFindings(mesh, plan)];
  return ok(await judged({ ...plan, warnings }, seen.value, cluster, { reason, of: null }));
}

/** A plan with the user's rights and the server's word on it. */
export async function judged(plan: Plan, seen: Seen, cluster: Cluster, cause: Cause): Promise<Proposal> {
  const denied = await Promise.all(plan.patches.map((patch) => cluster.forbidden(patch)));
  const blockers = [...plan.blockers, ...denied.flatMap((why) => why ?? [])];
  const whole = { ...plan, blockers: [...new Set(blockers)] };
  if (blockers.length > 0) return { plan: whole, rehearsal: null, cause };
  const [rehearsal, stuck] = await Promise.all([rehearse(whole, cluster, seen), lasting(plan, cluster)]);
  const patches = rehearsal.refusal === null ? rehearsal.objects.map(({ patch }) => patch) : whole.patches;
  const warnings = [...whole.warnings, ...stuck];
  return { plan: { ...whole, patches, warnings }, rehearsal, cause };
}

/** What is made takes another right to be taken away again. */
async function lasting({ patches }: Plan, cluster: Cluster): Promise<readonly string[]> {
  const made = patches.filter((patch) => patch.do === "create");
  const denied = await Promise.all(made.map((patch) => cluster.forbidden(inverseOf(patch))));
  return denied.flatMap((why) => (why === null ? [] : [`${why}: undo can't take this back`]));
}

/** Reads what a plan needs, at once. */
export async function gather({ objects, lists }: Needs, cluster: Cluster): Promise<Result<Seen, DataError>> {
  const [read, listed] = await Promise.all([
    Promise.all(objects.map(async (ref) => ({ ref, found: await cluster.read(ref) }))),
    Promise.all(lists.map(async (kind) => ({ kind, found: await cluster.list(kind) }))),
  ]);
  for (const { found } of [...read, ...listed]) if (!found.ok) return fail(found.error);
  return ok({
    object: (ref: ResourceRef): Held | null => {
      const one = read.find((entry) => sameRef(entry.ref, ref));
      return one?.found.ok === true ? one.found.value : null;
    },
    list: (kind: KindIn): readonly Held[] => {
      const one = listed.find(
        (entry) => entry.kind.kind === kind.kind && entry.kind.namespace === kind.namespace,
      );
      return one?.found.ok === true ? one.found.value : [];
    },
  });
}
