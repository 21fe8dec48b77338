import { findingsByService } from "../../data/mesh/checks/findingsOf.ts";
import type { BreakerVerdict } from "../../data/mesh/model/breaker.ts";
import type { ServiceKey } from "../../data/mesh/model/keys.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import type { Lock } from "../../data/mesh/model/security.ts";
import { onceFor } from "../../data/mesh/resolve/once.ts";
import { findingMark } from "../columns/findingMark.ts";
import type { Badge, BoxKind } from "./boxes.ts";
import { lockWord } from "./numbers.ts";

/** "defined" never reads like "open": a breaker that is closed, or that nobody saw trip, is a muted word. */
const breakerBadges: Readonly<Record<BreakerVerdict, Omit<Badge, "width"> | null>> = {
  none: null,
  tripping: { text: "TRIP", tone: "bad" },
  ejected: { text: "EJECT", tone: "bad" },
  closed: { text: "cb", tone: "muted" },
  unknown: { text: "cb", tone: "muted" },
};
const breakerWidth = 5;

interface Badged {
  readonly kind: BoxKind;
  readonly services: readonly ServiceKey[];
  readonly lock: Lock | null;
  /** Nothing is there to answer. */
  readonly isDead: boolean;
  /** And nobody asks. */
  readonly isSilent: boolean;
}

/** Words on the upper border of a box: findings, breaker, fault, canary, mirror, lock. A single workload has only its lock: the others are its service's. */
export function badgesOf(
  { kind, services: all, lock, isDead, isSilent }: Badged,
  mesh: Mesh,
  services: ReadonlyMap<string, Service>,
): readonly Badge[] {
  const keys = kind === "workload" ? [] : all;
  const own = keys.flatMap((key) => services.get(key) ?? []);
  const rules = own.flatMap((service) => service.detail.routes.flatMap((route) => route.rules));
  const badges: (Badge | null)[] = [
    isDead && !isSilent ? { text: "DEAD", tone: "bad", width: 4 } : null,
    findingOf(keys, mesh),
    breakerOf(keys, own, mesh),
    rules.some((rule) => rule.fault !== null) ? { text: "fault", tone: "warn", width: 5 } : null,
    canaryOf(keys, mesh),
    rules.some((rule) => rule.mirrors.length > 0) ? { text: "mirror", tone: "accent", width: 6 } : null,
    lock === null ? null : { ...lockWord(lock), width: 1 },
  ];
  return badges.flatMap((badge) => badge ?? []);
}

function findingOf(keys: readonly ServiceKey[], mesh: Mesh): Badge | null {
  const mark = findingMark(new Set(keys.flatMap((key) => findingsByService(mesh).get(key) ?? [])));
  return mark === null ? null : { text: mark.text, tone: mark.tone, width: 3 };
}

function breakerOf(keys: readonly ServiceKey[], services: readonly Service[], mesh: Mesh): Badge | null {
  const verdicts = services.map((service) => service.breaker.verdict);
  const worst = (["tripping", "ejected", "unknown", "closed"] as const).find((verdict) =>
    verdicts.includes(verdict),
  );
  const isDefined = keys.some((key) => hasBreakers(mesh, key));
  const badge = breakerBadges[worst ?? (isDefined ? "unknown" : "none")];
  return badge === null ? null : { ...badge, width: breakerWidth };
}

/** Is some limit of this service's declared? */
export const hasBreakers = (mesh: Mesh, service: ServiceKey): boolean =>
  servicesIn(mesh.breakers).has(service);

/** One mesh has as many boxes as breakers. */
const servicesIn = onceFor(
  (breakers: Mesh["breakers"]): ReadonlySet<ServiceKey> => new Set(breakers.map(({ service }) => service)),
);

/** How the canary of one of these services stands; `null`: none has one. */
export function canaryOf(keys: readonly ServiceKey[], { canaries }: Mesh): Badge | null {
  let first: number | null = null;
  for (const key of keys) {
    const place = canaryPlaces(canaries).get(key);
    if (place !== undefined && (first === null || place < first)) first = place;
  }
  const canary = first === null ? undefined : canaries[first];
  if (canary === undefined) return null;
  if (canary.phase === "Failed") return { text: "canary failed", tone: "bad", width: 13 };
  const stands = canary.suspended || canary.waitsAt !== null;
  return {
    text: canary.suspended ? "canary paused" : stands ? "canary waits" : "canary",
    tone: stands ? "warn" : "accent",
    width: 13,
  };
}

/** By service: the first canary that is of it, by its own key, by its apex, or by that apex in its own namespace. */
const canaryPlaces = onceFor((canaries: Mesh["canaries"]): ReadonlyMap<ServiceKey, number> => {
  const places = new Map<ServiceKey, number>();
  canaries.forEach(({ key, apex }, place) => {
    const inOwn = `${key.slice(0, key.indexOf("/"))}/${apex}`;
    for (const service of [key, apex, inOwn]) if (!places.has(service)) places.set(service, place);
  });
  return places;
});
