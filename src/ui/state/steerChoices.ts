/** Menus: outbound policies with the hosts that can be declared, and what can be done to a canary. */
import type { CanaryVerb, WantedChange } from "../../actions/change.ts";
import { hostOf, outboundOf } from "../../actions/outboundWishes.ts";
import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import type { OutboundMode } from "../../data/mesh/declared/routing.ts";
import type { Canary } from "../../data/mesh/model/canary.ts";
import type { EgressHost, OutboundPolicy } from "../../data/mesh/model/egress.ts";
import type { Result } from "../../data/mesh/result.ts";
import type { Situation } from "./situation.ts";
import type { Choice, ChoiceMenu, Wish } from "./steering.ts";
import { serviceUnderCursor } from "./trafficRow.ts";
import { currentPage, type UiState } from "./uiState.ts";

/** What a choice asks for; a sentence where it can't be chosen now. */
export function choiceWish({ choices, at }: ChoiceMenu): Wish | string {
  const choice = choices[at];
  if (choice === undefined) return "There is nothing to choose.";
  const { why, change } = choice;
  return why === null ? { is: "change", change } : `${why.slice(0, 1).toUpperCase()}${why.slice(1)}.`;
}

export function toChoice(menu: ChoiceMenu, by: number): ChoiceMenu {
  return { ...menu, at: Math.max(0, Math.min(menu.at + by, menu.choices.length - 1)) };
}

const menuOf = (title: string, notes: readonly string[], choices: readonly Choice[]): ChoiceMenu => ({
  is: "choice",
  title,
  notes,
  choices,
  at: Math.max(
    0,
    choices.findIndex(({ why }) => why === null),
  ),
});

const modeDetails: Readonly<Record<OutboundMode, string>> = {
  ALLOW_ANY: "hosts that the mesh does not know are reached directly",
  REGISTRY_ONLY: "hosts that the mesh does not know are cut off: 502 for HTTP, a closed connection else",
  ALLOW_ANY_DYNAMIC_DNS: "as ALLOW_ANY, with names resolved by the proxy",
};

interface Whose {
  readonly label: string;
  readonly namespace: string | null;
  readonly workload: string | null;
  readonly policy: OutboundPolicy | null;
  readonly modes: readonly OutboundMode[];
}

/** Modes for the mesh, and for the namespace and the workload under the cursor; first the host under it, where it can be declared. */
export function outboundMenu(state: UiState, situation: Situation): ChoiceMenu {
  const { mesh } = situation;
  const host = hostUnderCursor(situation);
  const declared = host === null ? [] : chosen(hostOf(mesh, callOf(host)), declareWords(host));
  const modes = whose(state, situation, host).flatMap((one) =>
    one.modes.flatMap((mode) =>
      chosen(outboundOf(mesh, { ...one, mode, configMap: null }), modeWords(one, mode)),
    ),
  );
  const now = mesh.egress.mesh.written ?? mesh.egress.mesh.mode ?? "unknown";
  return menuOf("Outbound traffic policy", [`The mesh has ${clean(now)} now.`], [...declared, ...modes]);
}

type Words = Pick<Choice, "label" | "detail" | "why">;

/** What can't be asked for has no change to hold, and is no choice. */
function chosen(change: Result<WantedChange, string>, words: Words): readonly Choice[] {
  return change.ok ? [{ ...words, change: change.value }] : [];
}

const namespaceOf = (key: string): string => key.slice(0, Math.max(0, key.indexOf("/")));

const callOf = ({ host, from }: EgressHost): { readonly host: string; readonly namespace: string } => ({
  host,
  namespace: namespaceOf(from),
});

function declareWords({ host, from, kind }: EgressHost): Words {
  const why =
    host === "unknown"
      ? "metrics don't know the host's name"
      : kind === "external"
        ? "it is declared already"
        : null;
  return {
    label: clean(`declare ${host}`),
    detail: clean(`a ServiceEntry for callers in ${namespaceOf(from)}, so that REGISTRY_ONLY lets it pass`),
    why,
  };
}

function modeWords({ label, policy }: Whose, mode: OutboundMode): Words {
  return {
    label: clean(`${label}: ${mode}`),
    detail: modeDetails[mode],
    why: policy?.mode === mode && policy.from !== "default" ? "it is so already" : null,
  };
}

const sidecarModes: readonly OutboundMode[] = ["ALLOW_ANY", "REGISTRY_ONLY"];

function whose(state: UiState, situation: Situation, host: EgressHost | null): readonly Whose[] {
  const { mesh } = situation;
  const workload = workloadUnderCursor(situation, host);
  const namespace = namespaceUnderCursor(state, situation, workload);
  const policyOf = (name: string): OutboundPolicy | null =>
    mesh.egress.namespaces.find((one) => one.namespace === name)?.policy ?? null;
  const all = { label: "mesh", namespace: null, workload: null, policy: mesh.egress.mesh } as const;
  return [
    ...(workload === null
      ? []
      : [{ label: `workload ${workload}`, namespace: null, workload, policy: null, modes: sidecarModes }]),
    ...(namespace === null
      ? []
      : [
          {
            label: `namespace ${namespace}`,
            namespace,
            workload: null,
            policy: ownPolicy(policyOf(namespace)),
            modes: sidecarModes,
          },
        ]),
    { ...all, modes: [...sidecarModes, "ALLOW_ANY_DYNAMIC_DNS"] },
  ];
}

/** That of the mesh is none of the namespace's own. */
const ownPolicy = (policy: OutboundPolicy | null): OutboundPolicy | null =>
  policy !== null && policy.from !== "default" && policy.from.kind === "Sidecar" ? policy : null;

function hostUnderCursor({ selected, mesh }: Situation): EgressHost | null {
  if (selected?.is !== "host") return null;
  return mesh.egress.hosts.find(({ from, host }) => `${from}>${host}` === selected.key) ?? null;
}

function workloadUnderCursor({ selected, mesh }: Situation, host: EgressHost | null): string | null {
  const key = host?.from ?? (selected?.is === "workload" ? selected.key : null);
  return key !== null && mesh.workloads.some((one) => one.key === key) ? key : null;
}

function namespaceUnderCursor(state: UiState, situation: Situation, workload: string | null): string | null {
  const { selected, mesh } = situation;
  const page = currentPage(state).subject;
  const from = [workload, selected?.key, page?.key].map((key) => namespaceOf(key ?? ""));
  const named = selected?.is === "namespace" ? [selected.key] : [];
  return (
    [...named, ...from, state.namespace].find((one) => mesh.namespaces.some(({ name }) => name === one)) ??
    null
  );
}

/** The canary that is meant: under the cursor, or that of the service there. */
export function canaryUnderCursor(state: UiState, situation: Situation): Canary | null {
  const { selected, mesh } = situation;
  if (selected?.is === "canary")
    return (
      mesh.canaries.find(
        ({ key, ref }) => key === selected.key && ref.kind === (selected.ref?.kind ?? ref.kind),
      ) ?? null
    );
  const service = serviceUnderCursor(state, situation);
  return mesh.canaries.find(({ key }) => key === service?.canary) ?? null;
}

/** What each verb does, by who does it (istio.md 7, terminal-tools.md 6.4). A verb that a controller does not know is absent. */
const verbDetails: Readonly<Record<Canary["controller"], Partial<Readonly<Record<CanaryVerb, string>>>>> = {
  Flagger: {
    pause: "suspend: weights stay where they are, and nobody repairs its routes",
    resume: "take the suspension away; a weight between two steps goes back to the lower one first",
    promote: "skip the analysis: everything to primary, then the new version is copied there",
    abort: "suspend, and all weight to primary: Flagger has no abort of its own",
  },
  "Argo Rollouts": {
    pause: "spec.paused: it stays at this step",
    resume: "go on with the step that waits",
    next: "skip what is left of this step",
    promote: "skip every step, pause and analysis that is left",
    abort: "all traffic back to the stable version",
    retry: "start an aborted update again",
  },
};

export function canaryMenu(canary: Canary): ChoiceMenu {
  const { controller, ref, suspended, phase, weight } = canary;
  const details = Object.entries(verbDetails[controller]) as readonly (readonly [CanaryVerb, string])[];
  const choices = details.map(([verb, detail]): Choice => ({
    label: verb,
    detail,
    change: { kind: "canary", canary: ref, verb },
    why: whyNotVerb(canary, verb),
  }));
  const share = weight === null ? "" : `, weight ${weight.canary} of ${weight.total}`;
  const paused = suspended ? ", paused" : "";
  return menuOf(`${controller}: ${clean(nameOf(ref))}`, [clean(`${phase}${paused}${share}`)], choices);
}

function whyNotVerb({ suspended, controller }: Canary, verb: CanaryVerb): string | null {
  if (verb === "pause" && suspended) return "it is paused already";
  if (verb === "resume" && !suspended && controller === "Flagger") return "it is not paused";
  return null;
}
