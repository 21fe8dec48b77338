/** What this user may do, as the API server answers it (SelfSubjectAccessReview), kept for a while. */
import type { ResourceRef } from "../data/mesh/declared/meta.ts";
import type { Instant } from "../data/mesh/units.ts";
import { readAnswer, type Request } from "./answers.ts";
import { valueAt } from "./changes/pointer.ts";
import { denialOf, rightsFor, type Ask, type Deed } from "./changes/rights.ts";

const READ_TIMEOUT = 10_000;
/** As long as k9s keeps its answers. */
const RIGHTS_KEPT = 5 * 60_000;
/** Who is denied asks somebody for the right, and wants to go on when it is there. */
const DENIALS_KEPT = 30_000;

/** Why the user may not; `null`: may, or the server does not tell, and then the write itself will. Never rejects. */
export type May = (ask: Ask) => Promise<string | null>;

type Review = "allowed" | "denied" | "not told";

/**
 * Asks first for all objects of the kind in the namespace, so that a cursor on its way down a table asks once; only where that is denied for the one object, because RBAC can
 * allow single names.
 *
 * @param now for how long answers are kept: a yes five minutes, a no half a minute, and not at all where the server did not tell.
 */
export function mayOf(request: Request, now: () => Instant): May {
  const kept = new Map<string, { readonly until: number; readonly review: Promise<Review> }>();
  const reviewed = (ask: Ask): Promise<Review> => {
    const key = JSON.stringify(attributesOf(ask));
    const known = kept.get(key);
    if (known !== undefined && now() < known.until) return known.review;
    const asked = now();
    const review = askServer(request, ask).then((answer) => {
      if (answer === "not told") kept.delete(key);
      else if (answer === "denied") kept.set(key, { until: asked + DENIALS_KEPT, review });
      return answer;
    });
    kept.set(key, { until: asked + RIGHTS_KEPT, review });
    return review;
  };
  return async (ask) => {
    const all = await reviewed({ ...ask, name: null });
    const word = all === "denied" && ask.name !== null ? await reviewed(ask) : all;
    return word === "denied" ? denialOf(ask) : null;
  };
}

/**
 * Why a key can do nothing to this object, so that it can be dimmed with the reason; `null`: nothing is known against it. Nothing is read or planned
 * for it. For `ref` see `rightsFor`.
 */
export async function whyNot(
  deed: Deed,
  ref: ResourceRef,
  { may }: { readonly may: May },
): Promise<string | null> {
  for (const group of rightsFor(deed, ref)) {
    const denials = await Promise.all(group.map(may));
    const [first = null] = denials;
    if (denials.every((denial) => denial !== null)) return first;
  }
  return null;
}

function attributesOf({
  verb,
  group,
  resource,
  subresource,
  namespace,
  name,
}: Ask): Readonly<Record<string, string>> {
  return {
    verb,
    group,
    resource,
    ...(subresource === null ? {} : { subresource }),
    ...(namespace === null ? {} : { namespace }),
    ...(name === null ? {} : { name }),
  };
}

async function askServer(request: Request, ask: Ask): Promise<Review> {
  const review = {
    kind: "SelfSubjectAccessReview",
    apiVersion: "authorization.k8s.io/v1",
    spec: { resourceAttributes: attributesOf(ask) },
  };
  const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const answer = await readAnswer(request, path, READ_TIMEOUT, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(review),
  });
  const allowed = answer.ok ? valueAt(answer.value.json, "/status/allowed") : undefined;
  if (allowed === true) return "allowed";
  // An authorizer that failed has not said no.
  const failed = answer.ok && (valueAt(answer.value.json, "/status/evaluationError") ?? "") !== "";
  return allowed === false && !failed ? "denied" : "not told";
}
