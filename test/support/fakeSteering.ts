/** A write path that writes nowhere and remembers what it was asked, and a dashboard in front of it. */
import type { Plan, WantedChange } from "../../src/actions/change.ts";
import type { Outcome, Proposal } from "../../src/actions/proposal.ts";
import type { Arrival } from "../../src/data/mesh/arrival.ts";
import { ok, type Result } from "../../src/data/mesh/result.ts";
import type { AppProps } from "../../src/ui/appProps.ts";
import { waitingFor } from "../../src/ui/answerKeys.ts";
import type { Question } from "../../src/ui/state/steering.ts";
import { dashboardOf, type Dashboard, type WorldOptions } from "./dashboard.ts";

type Steering = NonNullable<AppProps["steering"]>;

export interface FakeSteering {
  readonly steering: Steering;
  /** `propose shift 95,5`, `undo -`, `apply shift ...`: in order. */
  readonly asked: string[];
  readonly applied: Proposal[];
  /** Of each shift that is followed: what tells the dashboard of its arrival. */
  readonly progress: ((arrival: Arrival) => void)[];
}

export interface FakeAnswers {
  /** What stands against the plan. */
  readonly plan?: Partial<Plan>;
  readonly rehearsal?: Proposal["rehearsal"];
  /** Instead of a proposal. */
  readonly proposal?: () => Promise<Result<Proposal, string>>;
  readonly outcome?: Partial<Outcome>;
  readonly journal?: Awaited<ReturnType<Steering["journal"]>>;
  readonly whyNot?: (deed: string, kind: string) => string | null;
  readonly explained?: readonly string[];
  /** Resolves when the write may end; at once by default. */
  readonly writing?: Promise<void>;
}

const wordsOf = (change: Plan["change"]): string =>
  change.kind === "shift" ? `shift ${change.weights.join(",")}` : change.kind;

function proposalOf(change: Plan["change"], answers: FakeAnswers = {}): Proposal {
  const plan: Plan = {
    change,
    summary: `${wordsOf(change)} of catalog`,
    patches: [],
    weights: [],
    warnings: [],
    cuts: [],
    afterwards: null,
    blockers: [],
    grave: false,
    ...answers.plan,
  };
  const rehearsal = answers.rehearsal ?? { refusal: null, warnings: [], objects: [] };
  const blocked = plan.blockers.length > 0;
  return { plan, rehearsal: blocked ? null : rehearsal, cause: { reason: null, of: null } };
}

function outcomeOf(more: Partial<Outcome> = {}): Outcome {
  const message = "Applied: shift of catalog.";
  const empty = { advice: null, steps: [], deviations: [], warnings: [], objects: [] };
  return { is: "applied", id: "e1", message, ...empty, ...more };
}

export function fakeSteering(answers: FakeAnswers = {}): FakeSteering {
  const asked: string[] = [];
  const applied: Proposal[] = [];
  const progress: FakeSteering["progress"] = [];
  const proposed = (change: Plan["change"]): Promise<Result<Proposal, string>> =>
    answers.proposal?.() ?? Promise.resolve(ok(proposalOf(change, answers)));
  return {
    asked,
    applied,
    progress,
    steering: {
      propose: (change: WantedChange) => {
        asked.push(`propose ${wordsOf(change)}`);
        return proposed(change);
      },
      proposeUndo: (which, entry) => {
        asked.push(`${which} ${entry ?? "-"}`);
        return proposed({ kind: "undo", redo: which === "redo", entry: entry ?? "e1" });
      },
      apply: async (proposal) => {
        asked.push(`apply ${wordsOf(proposal.plan.change)}`);
        applied.push(proposal);
        await answers.writing;
        return outcomeOf(answers.outcome);
      },
      journal: () => {
        asked.push("journal");
        return Promise.resolve(answers.journal ?? ok({ entries: [], damaged: 0 }));
      },
      whyNot: (deed, ref) => Promise.resolve(answers.whyNot?.(deed, ref.kind) ?? null),
      leave: () => Promise.resolve(null),
      explain: () => Promise.resolve(answers.explained ?? []),
      follow: (wish, _at, onProgress) => {
        asked.push(`follow ${wish.destinations.map(({ share }) => share).join(",")}`);
        progress.push(onProgress);
        return () => asked.push("unfollow");
      },
    },
  };
}

export interface SteeredDashboard extends Dashboard, FakeSteering {
  /** Keys in one piece. */
  readonly chunk: (...names: readonly string[]) => void;
  /** Lets answers of the world arrive. */
  readonly settle: () => Promise<void>;
  /** The frame with the question that waits leaves for the terminal. */
  readonly paint: () => void;
  /** Answers arrive, the frame leaves, and it is quiet for a second. */
  readonly ask: () => Promise<void>;
  readonly question: () => Question | null;
  readonly phase: () => Question["phase"]["is"] | null;
  readonly flash: () => string;
}

/** The traffic page of catalog, with the cursor on version-v2 of rule 2, in an open context. */
export function steeredDashboard(answers: FakeAnswers = {}, options: WorldOptions = {}): SteeredDashboard {
  const fake = fakeSteering(answers);
  const session = { level: "open", context: "demo", ...options.session } as const;
  const app = dashboardOf({ columns: 120, rows: 40 }, { ...options, session, steering: fake.steering });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  const paint = (): void => app.program.question.seen(waitingFor(app.program.state()) ?? "");
  const question = (): Question | null => {
    const { dialog } = app.program.state();
    return dialog?.is === "question" ? dialog : null;
  };
  app.press(":traffic catalog", "enter", "j", "j", "j", "j");
  return {
    ...app,
    ...fake,
    chunk: (...names) => app.program.press(...names),
    settle,
    paint,
    ask: async () => {
      await settle();
      paint();
      app.pass(1000);
    },
    question,
    phase: () => question()?.phase.is ?? null,
    flash: () => app.program.state().flash?.text ?? "",
  };
}
