/** Where a run of Flagger waits for somebody's yes (pkg/controller/scheduler_hooks.go; istio.md 7.1). */
import type { FlaggerCanary } from "../declared/delivery.ts";
import type { Canary } from "../model/canary.ts";

/** Flagger has a phase for two of its gates; the others are known by its last event alone. */
const gateOfPhase: ReadonlyMap<string, string> = new Map([
  ["Waiting", "confirm-rollout"],
  ["WaitingPromotion", "confirm-promotion"],
]);

const halts: readonly { readonly type: string; readonly says: RegExp }[] = [
  { type: "confirm-rollout", says: /^Halt .* advancement waiting for approval (.+)$/ },
  { type: "confirm-traffic-increase", says: /^Halt .* waiting for traffic increase approval (.+)$/ },
  { type: "confirm-promotion", says: /^Halt .* advancement waiting for promotion approval (.+)$/ },
  { type: "pre-rollout", says: /^Halt .* advancement pre-rollout check (.+?) failed/ },
  { type: "rollout", says: /^Halt .* advancement external check (.+?) failed/ },
];

/** @param last what Flagger said last. */
export function gateOf({ status, analysis }: FlaggerCanary, last: string | null): Canary["waitsAt"] {
  const byPhase = gateOfPhase.get(status.phase);
  if (byPhase === undefined && status.phase !== "Progressing") return null;
  const said = last === null ? null : gateSaid(last);
  if (byPhase === undefined || said?.type === byPhase) return said;
  const [only, ...more] = analysis.webhooks.filter(({ type }) => type === byPhase);
  return { type: byPhase, name: more.length === 0 ? (only?.name ?? "") : "" };
}

function gateSaid(message: string): NonNullable<Canary["waitsAt"]> | null {
  for (const { type, says } of halts) {
    const name = says.exec(message)?.[1];
    if (name !== undefined) return { type, name };
  }
  return null;
}
