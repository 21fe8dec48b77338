/** Dialogs about the coolstore of `meshFixture`: catalog's second rule, 90 to version-v1 and 10 to version-v2. */
import type { Plan, ShiftChange, WeightRow } from "../../src/actions/change.ts";
import type { Held } from "../../src/actions/changes/held.ts";
import type { JsonObject } from "../../src/actions/changes/pointer.ts";
import type { Outcome, Proposal, Refusal } from "../../src/actions/proposal.ts";
import { percent, ratio } from "../../src/data/mesh/units.ts";
import type {
  ChoiceMenu,
  MirrorEditor,
  Question,
  QuestionPhase,
  WeightEditor,
} from "../../src/ui/state/steering.ts";
import { refOf } from "./meshFixture.ts";

const shop = "istioinaction";
const catalogRef = refOf("VirtualService", shop, "catalog");

export function shiftOf(weights: readonly number[]): ShiftChange {
  return { kind: "shift", service: `${shop}/catalog`, route: catalogRef, protocol: "http", rule: 1, weights };
}

export function weightEditorOf(more: Partial<WeightEditor> = {}): WeightEditor {
  return {
    is: "weights",
    of: shiftOf([90, 10]),
    names: ["version-v1", "version-v2"],
    written: [90, 10],
    weights: [50, 50],
    basis: [90, 10],
    row: 1,
    typed: "",
    ...more,
  };
}

export function mirrorEditorOf(more: Partial<MirrorEditor> = {}): MirrorEditor {
  return {
    is: "mirror",
    of: shiftOf([]),
    at: null,
    targets: [
      { name: "keep version-v2", to: null },
      { name: "version-v1", to: { host: "catalog", subset: "version-v1", port: null } },
      { name: "forum", to: { host: "forum", subset: null, port: null } },
    ],
    target: 1,
    percent: percent(25),
    typed: "",
    now: "50 % to version-v2, 6.0/s copies",
    ...more,
  };
}

export const outboundMenu: ChoiceMenu = {
  is: "choice",
  title: "Outbound traffic policy: namespace istioinaction",
  notes: [
    "The mesh is ALLOW_ANY by default. 2 hosts are reached from here today that the mesh does not know.",
    "3 workloads have TCP or TLS to hosts that metrics can't name.",
  ],
  choices: [
    {
      label: "REGISTRY_ONLY",
      detail: "Makes a Sidecar default in the namespace: only known hosts are reached, others get 502.",
      change: {
        kind: "outbound",
        target: { is: "sidecar", namespace: shop, labels: null },
        mode: "REGISTRY_ONLY",
      },
      why: null,
    },
    {
      label: "ALLOW_ANY",
      detail: "Any host is reached, known or not.",
      change: {
        kind: "outbound",
        target: { is: "sidecar", namespace: shop, labels: null },
        mode: "ALLOW_ANY",
      },
      why: "it is so already",
    },
  ],
  at: 0,
};

/** The VirtualService of the fixture as a server holds it. */
function catalogObject(weights: readonly number[]): JsonObject {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "catalog", namespace: shop, uid: "u-1", resourceVersion: "41", generation: 3 },
    spec: {
      hosts: ["catalog"],
      http: [
        {
          match: [{ headers: { "x-istio-cohort": { exact: "internal" } } }],
          route: [{ destination: { host: "catalog", subset: "version-v2" } }],
        },
        {
          route: weights.map((weight, at) => ({
            destination: { host: "catalog", subset: `version-v${at + 1}` },
            weight,
          })),
          timeout: "2.5s",
        },
      ],
    },
  };
}

function heldOf(weights: readonly number[]): Held {
  return { ref: catalogRef, uid: "u-1", resourceVersion: "41", json: catalogObject(weights) };
}

const rowOf = (name: string, before: number, after: number): WeightRow => ({
  name,
  before: { weight: before, share: ratio(before / 100) },
  after: { weight: after, share: ratio(after / 100) },
});

/** A shift of catalog to these two weights, as planned. */
export function planOf(after: readonly [number, number], more: Partial<Plan> = {}): Plan {
  const [first, second] = after;
  return {
    change: shiftOf(after),
    summary: `shift istioinaction/catalog, rule 2: version-v1 90 -> ${first}, version-v2 10 -> ${second}`,
    patches: [
      {
        do: "edit",
        ref: catalogRef,
        subresource: null,
        uid: "u-1",
        resourceVersion: "41",
        pinned: true,
        guards: [
          { path: "/spec/http/1/route/0/destination", value: { host: "catalog", subset: "version-v1" } },
          { path: "/spec/http/1/route/1/destination", value: { host: "catalog", subset: "version-v2" } },
        ],
        edits: [
          { op: "set", path: "/spec/http/1/route/0/weight", was: 90, now: first },
          { op: "set", path: "/spec/http/1/route/1/weight", was: 10, now: second },
        ],
      },
    ],
    weights: [rowOf("version-v1", 90, first), rowOf("version-v2", 10, second)],
    warnings: [],
    cuts: [],
    afterwards: null,
    blockers: [],
    grave: first === 0 || second === 0,
    ...more,
  };
}

interface ProposalOptions {
  readonly plan?: Partial<Plan>;
  readonly refusal?: Refusal;
  readonly serverWarnings?: readonly string[];
  readonly reason?: string;
}

export function proposalOf(after: readonly [number, number], options: ProposalOptions = {}): Proposal {
  const plan = planOf(after, options.plan);
  const [patch] = plan.patches;
  const isBlocked = plan.blockers.length > 0;
  const objects = patch === undefined ? [] : [{ patch, before: heldOf([90, 10]), after: heldOf(after) }];
  return {
    plan,
    rehearsal: isBlocked
      ? null
      : {
          refusal: options.refusal ?? null,
          warnings: options.serverWarnings ?? [],
          objects: options.refusal === undefined ? objects : [],
        },
    cause: { reason: options.reason ?? null, of: null },
  };
}

export function outcomeOf(is: Outcome["is"], more: Partial<Outcome> = {}): Outcome {
  return {
    is,
    id: "k3f9",
    message: "Applied: shift istioinaction/catalog, rule 2: version-v1 90 -> 50, version-v2 10 -> 50.",
    advice: null,
    steps: ["applied"],
    deviations: [],
    warnings: [],
    objects: [],
    ...more,
  };
}

export function questionOf(phase: QuestionPhase, top = 0): Question {
  return { is: "question", id: 1, wish: { is: "change", change: shiftOf([50, 50]) }, phase, top };
}
