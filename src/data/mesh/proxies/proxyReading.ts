import type { DataError, Result } from "../result.ts";
import type { Instant } from "../units.ts";
import type { IstiodPod } from "./istiodPods.ts";
import { worstOf, type ProxySync, type XdsState } from "./syncStatus.ts";

/** One look at all istiods. */
export interface ProxyReading {
  readonly at: Instant;
  readonly istiods: readonly IstiodAnswer[];
}

interface IstiodAnswer {
  readonly istiod: IstiodPod;
  readonly result: Result<readonly ProxySync[], DataError>;
}

const ranks: Readonly<Record<XdsState, number>> = { rejected: 0, stale: 1, "not sent": 2, synced: 2 };

/** Every proxy of the answers, those that have not what was sent first. */
export function proxiesIn({ istiods }: ProxyReading): readonly ProxySync[] {
  return istiods
    .flatMap(({ result }) => (result.ok ? result.value : []))
    .toSorted(
      (a, b) => ranks[worstOf(a)] - ranks[worstOf(b)] || (a.key === b.key ? 0 : a.key < b.key ? -1 : 1),
    );
}

/** Istiods that did not answer, the same reason once. */
export function silentIn({ istiods }: ProxyReading): readonly DataError[] {
  const errors = istiods.flatMap(({ result }) => (result.ok ? [] : [result.error]));
  return errors.filter(
    (error, index) => errors.findIndex((other) => reasonOf(other) === reasonOf(error)) === index,
  );
}

/** Who may not reach one istiod may not reach the next one either: one line for all of them. */
const reasonOf = (error: DataError): string => (error.kind === "forbidden" ? "forbidden" : error.message);
