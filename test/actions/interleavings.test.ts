import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { undoOf, type ShiftChange } from "../../src/actions/change.ts";
import { withEdits } from "../../src/actions/changes/rebase.ts";
import type { Outcome } from "../../src/actions/proposal.ts";
import { apply, type Ports } from "../../src/actions/run.ts";
import { propose } from "../../src/actions/propose.ts";
import { undoable, type Entry } from "../../src/actions/journalEntry.ts";
import { proposeUndo } from "../../src/actions/undo.ts";
import type { KubeObject } from "../../src/data/demo/kube/objects.ts";
import { startKubeServer, type KubeServer } from "../../src/data/demo/kube/server.ts";
import type { Json } from "../../src/data/mesh/json.ts";
import { fail } from "../../src/data/mesh/result.ts";
import { canary, payments, shopMesh } from "../support/shopObjects.ts";
import { cut, entriesIn, inFolder, portsOn, requestTo } from "../support/writePath.ts";

const mesh = shopMesh();
const backend = (name: string, weight: number) => ({ destination: { host: `payments-${name}` }, weight });
const virtualService = (metadata: object, http: readonly object[]) =>
  ({
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "payments", namespace: "shop", ...metadata },
    spec: { hosts: ["payments"], http },
  }) as unknown as KubeObject;
const canaryObject = (spec: object, status: object = { phase: "Progressing" }) =>
  ({
    apiVersion: "flagger.app/v1beta1",
    kind: "Canary",
    metadata: { name: "payments", namespace: "shop" },
    spec: {
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "payments" },
      service: { port: 80 },
      analysis: {},
      ...spec,
    },
    status,
  }) as unknown as KubeObject;

/** What somebody else does to the two objects between two of our requests. */
const others: Readonly<Record<string, (server: KubeServer) => void>> = {
  nothing: () => undefined,
  shifts: ({ store }) =>
    store.apply(virtualService({}, [{ route: [backend("primary", 75), backend("canary", 25)] }]), "other"),
  "shifts back": ({ store }) =>
    store.apply(virtualService({}, [{ route: [backend("primary", 85), backend("canary", 15)] }]), "other"),
  swaps: ({ store }) =>
    store.apply(virtualService({}, [{ route: [backend("canary", 85), backend("primary", 15)] }]), "other"),
  labels: ({ store }) => {
    const now = store.get(payments);
    if (now !== null)
      store.apply(
        { ...now, metadata: { ...now.metadata, labels: { at: String(now.metadata.resourceVersion) } } },
        "other",
      );
  },
  deletes: ({ store }) => store.delete(payments),
  "makes anew": ({ store }) => {
    store.delete(payments);
    store.apply(virtualService({}, [{ route: [backend("primary", 85), backend("canary", 15)] }]), "other");
  },
  ticks: ({ store }) => {
    const now = store.get(canary);
    const status = { phase: "Progressing", iterations: Number(now?.metadata.resourceVersion ?? 0) };
    const ticked = now === null ? null : { ...now, status };
    if (ticked !== null) store.apply(ticked, "flagger");
  },
  resumes: ({ store }) => store.apply(canaryObject({ suspend: false }), "other"),
};

const schedule = fc.array(
  fc.record({
    other: fc.constantFrom(...Object.keys(others), "nothing", "nothing", "nothing", "nothing"),
    fate: fc.constantFrom("arrives", "arrives", "arrives", "arrives", "lost before", "lost after"),
  }),
  { minLength: 24, maxLength: 24 },
);

let server: KubeServer;
beforeAll(async () => {
  server = await startKubeServer({ clock: () => Date.now() });
});
afterAll(() => server.stop());

const isOne = (object: KubeObject, before: KubeObject | null, entries: readonly Entry[]): boolean => {
  const content = ({ metadata, ...rest }: KubeObject): Json => ({
    ...rest,
    metadata: Object.fromEntries(
      Object.entries(metadata).filter(
        ([key]) => !["resourceVersion", "generation", "managedFields"].includes(key),
      ),
    ),
  });
  return entries
    .flatMap(({ intent }) => intent.patches.map(({ patch }) => patch))
    .some((patch) => {
      if (patch.do !== "edit" || before === null || patch.ref.kind !== object.kind) return false;
      const forward = withEdits(content(before), patch.edits);
      const back = withEdits(content(before), patch.edits.map(undoOf).reverse());
      return [forward, back].some(
        (next) => next !== null && JSON.stringify(sorted(next)) === JSON.stringify(sorted(content(object))),
      );
    });
};
const sorted = (value: Json): Json =>
  typeof value !== "object" || value === null
    ? value
    : Array.isArray(value)
      ? (value as readonly Json[]).map(sorted)
      : Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, item]) => [key, sorted(item)]),
        );

test("whoever writes between any two of our requests, and whatever gets lost, nothing is ever written over, and what is told is true", async () => {
  const met = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(schedule, fc.integer({ min: 0, max: 100 }), async (steps, share) => {
      server.store.apply(
        virtualService({}, [{ route: [backend("primary", 85), backend("canary", 15)] }]),
        "setup",
      );
      server.store.apply(canaryObject({}), "setup");
      await inFolder((directory) => oneRun(directory, steps, share, met));
    }),
    { numRuns: Number(process.env["MESHTOP_INTERLEAVINGS"] ?? 300) },
  );
  // The schedules reach every end.
  expect([...met.keys()].sort()).toEqual(
    expect.arrayContaining(["applied", "conflict", "unknown", "unreachable"]),
  );
}, 600_000);

type Steps = readonly { readonly other: string; readonly fate: string }[];

async function oneRun(
  directory: string,
  steps: Steps,
  share: number,
  met: Map<string, number>,
): Promise<void> {
  let at = -1;
  let ours = false;
  const written: { readonly object: KubeObject; readonly previous: KubeObject | null }[] = [];
  const stop = server.store.subscribe(({ object, previous }) => {
    if (ours) written.push({ object, previous });
  });
  const request = await requestTo(server.kubeconfig, async (path, method, send) => {
    const { other = "nothing", fate = "arrives" } = steps[at] ?? {};
    // Before the question there is nothing to lose.
    if (at < 0) return sendAs(send, false);
    at += 1;
    others[other]?.(server);
    if (path.includes("selfsubject") || fate === "arrives") return sendAs(send, method === "PATCH");
    if (fate === "lost before") return fail(cut);
    await sendAs(send, method === "PATCH");
    return fail(cut);
  });
  const sendAs = async <T>(send: () => Promise<T>, writes: boolean): Promise<T> => {
    ours = writes;
    try {
      return await send();
    } finally {
      ours = false;
    }
  };
  const ports = portsOn(request, directory);
  const change: ShiftChange = {
    kind: "shift",
    service: "shop/payments",
    route: payments,
    protocol: "http",
    rule: 0,
    weights: [100 - share, share],
  };
  const count = (outcome: Outcome): void => {
    met.set(outcome.is, (met.get(outcome.is) ?? 0) + 1);
  };
  const proposal = await propose(change, mesh, ports.cluster);
  at = 0;
  if (proposal.ok && proposal.value.rehearsal?.refusal === null) {
    const outcome = await apply(proposal.value, ports);
    count(outcome);
    // Every step that is told to stand was written, and once.
    const standing = outcome.steps.filter((step) => step === "applied" || step === "stayed").length;
    const back = outcome.steps.filter((step) => step === "taken back").length;
    // A write whose answer was lost, and that somebody took back at once, is told as "not in effect".
    const silent = outcome.is === "unreachable" ? [0, 1] : [0];
    const told = silent.map((more) => standing + 2 * back + more);
    if (!outcome.steps.includes("unknown")) expect(told).toContain(written.length);
    await undoLast(ports, count);
  }
  stop();
  const entries = await entriesIn(ports);
  for (const { object, previous } of written) expect(isOne(object, previous, entries)).toBe(true);
}

async function undoLast(ports: Ports, count: (outcome: Outcome) => void): Promise<void> {
  const entry = undoable(await entriesIn(ports));
  if (entry === null) return;
  const undo = await proposeUndo(entry, ports);
  if (undo.ok && undo.value.rehearsal?.refusal === null) count(await apply(undo.value, ports));
}
