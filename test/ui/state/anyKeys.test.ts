/** Keys, pastes, resizes, frames, silence, answers of the world and a connection that goes, in any order: nothing is written that was not asked for. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { fail, ok } from "../../../src/data/mesh/result.ts";
import { ratio } from "../../../src/data/mesh/units.ts";
import { bindings } from "../../../src/ui/keys.ts";
import { entryOf } from "../../support/journalFixture.ts";
import { steeredDashboard, type SteeredDashboard } from "../../support/fakeSteering.ts";
import { coolstore } from "../../support/meshFixture.ts";

type Step =
  | { readonly is: "keys"; readonly keys: readonly string[] }
  | { readonly is: "paste"; readonly text: string }
  | { readonly is: "resize"; readonly columns: number; readonly rows: number }
  | { readonly is: "frame" }
  | { readonly is: "answers" }
  | { readonly is: "silence"; readonly ms: number }
  | { readonly is: "mesh"; readonly empty: boolean }
  | { readonly is: "connection"; readonly there: boolean };

const anyKey = fc.constantFrom(
  ...bindings.flatMap(({ keys }) => keys).filter((key) => !["q", "ctrl-c", "ctrl-z"].includes(key)),
);
const steering = fc.constantFrom(
  "w",
  "=",
  "0",
  "enter",
  "y",
  "Y",
  "z",
  "Z",
  "m",
  "o",
  "p",
  "r",
  "n",
  "j",
  "esc",
);
const keys = fc.array(fc.oneof({ weight: 3, arbitrary: steering }, anyKey), { minLength: 1, maxLength: 3 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: keys.map((all): Step => ({ is: "keys", keys: all })) },
  { weight: 4, arbitrary: fc.constantFrom<Step>({ is: "frame" }, { is: "answers" }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(0, 30, 120, 249, 250, 400, 7000).map((ms): Step => ({ is: "silence", ms })),
  },
  fc.constantFrom("y", "yyyy", "w=\ry\r", ":journal\r").map((text): Step => ({ is: "paste", text })),
  fc
    .tuple(fc.integer({ min: 1, max: 160 }), fc.integer({ min: 1, max: 50 }))
    .map(([columns, rows]): Step => ({ is: "resize", columns, rows })),
  fc.boolean().map((empty): Step => ({ is: "mesh", empty })),
  fc.boolean().map((there): Step => ({ is: "connection", there })),
);

/** The way of somebody who means it; whatever comes in between takes it apart. */
const meant: readonly Step[] = [
  { is: "connection", there: true },
  { is: "mesh", empty: false },
  { is: "keys", keys: ["esc", "esc"] },
  { is: "keys", keys: [":", ...Array.from("traffic catalog"), "enter", "j", "j", "j", "j", "w"] },
  { is: "keys", keys: ["="] },
  { is: "keys", keys: ["enter"] },
  { is: "answers" },
  { is: "frame" },
  { is: "silence", ms: 400 },
  { is: "keys", keys: ["y"] },
  { is: "silence", ms: 400 },
];

const story = fc
  .tuple(
    fc.array(step, { maxLength: 12 }),
    fc.boolean(),
    fc.array(fc.tuple(fc.nat(11), step), { maxLength: 2 }),
  )
  .map(([before, isMeant, between]) => {
    const way = [...(isMeant ? meant : [])];
    for (const [at, one] of between) way.splice(at, 0, one);
    return [...before, ...way];
  });

/** What a bystander with a watch saw: when keys came, when frames left, and what stood on the screen then. */
interface Seen {
  now: number;
  /** Of the newest thing that came from the terminal. */
  lastInput: number;
  lastKeys: readonly string[];
  /** Silence before it. */
  gapBefore: number;
  /** When a frame with this question left first; by its id. */
  readonly framed: Map<number, number>;
  /** The newest input came when this question had been framed for so long. */
  framedBefore: number;
  isConnected: boolean;
}

const question = (app: SteeredDashboard): number | null => {
  const { dialog } = app.program.state();
  return dialog?.is === "question" && dialog.phase.is === "asked" ? dialog.id : null;
};

function input(app: SteeredDashboard, seen: Seen, pressed: readonly string[]): void {
  const id = question(app);
  const since = id === null ? undefined : seen.framed.get(id);
  seen.framedBefore = since === undefined ? -1 : seen.now - since;
  seen.gapBefore = seen.now - seen.lastInput;
  seen.lastInput = seen.now;
  seen.lastKeys = pressed;
}

type Play<Is extends Step["is"]> = (
  app: SteeredDashboard,
  step: Extract<Step, { readonly is: Is }>,
  seen: Seen,
) => void;

const plays: { readonly [Is in Exclude<Step["is"], "answers">]: Play<Is> } = {
  keys: (app, { keys: pressed }, seen) => {
    input(app, seen, pressed);
    app.chunk(...pressed);
  },
  paste: (app, { text }, seen) => {
    input(app, seen, ["paste"]);
    app.program.paste(text);
  },
  resize: (app, step) => {
    app.program.dispatch(step);
  },
  frame: (app, _step, seen) => {
    const id = question(app);
    if (id !== null && !seen.framed.has(id)) seen.framed.set(id, seen.now);
    app.paint();
  },
  silence: (app, { ms }, seen) => {
    seen.now += ms;
    app.pass(ms);
  },
  mesh: (app, { empty }) => {
    app.show(empty ? coolstore({ services: [], canaries: [] }) : coolstore());
  },
  connection: (app, { there }, seen) => {
    seen.isConnected = there;
    app.program.connect(there ? app.props : { ...app.props, steering: null });
  },
};

async function play(app: SteeredDashboard, one: Step, seen: Seen): Promise<void> {
  if (one.is === "answers") await app.settle();
  else (plays[one.is] as Play<Step["is"]>)(app, one, seen);
}

const plan = {
  weights: [
    { name: "v1", before: { weight: 90, share: ratio(0.9) }, after: { weight: 50, share: ratio(0.5) } },
    { name: "v2", before: { weight: 10, share: ratio(0.1) }, after: { weight: 50, share: ratio(0.5) } },
  ],
};

const rehearsals = [ok(null), fail("The API server does not answer.")] as const;

test("a write follows a y that stood alone, long enough after the frame and the key before it, and before the next", async () => {
  let written = 0;
  await fc.assert(
    fc.asyncProperty(story, fc.constantFrom(...rehearsals), async (steps, world) => {
      const journal = ok({ entries: [entryOf("aaaa", 1), entryOf("bbbb", 2)], damaged: 1 });
      const refused = world.ok ? {} : { proposal: () => Promise.resolve(fail(world.error)) };
      const app = steeredDashboard({ plan, journal, explained: ["Found out."], ...refused });
      const seen: Seen = {
        now: 0,
        lastInput: -1000,
        lastKeys: [],
        gapBefore: 0,
        framed: new Map(),
        framedBefore: -1,
        isConnected: true,
      };
      for (const one of steps) {
        const before = app.applied.length;
        await play(app, one, seen);
        if (app.applied.length === before) continue;
        written += 1;
        expect(app.applied.length).toBe(before + 1);
        // Only the watch writes: no key, paste, frame or answer does it by itself.
        expect(one.is).toBe("silence");
        expect(seen.lastKeys).toEqual(["y"]);
        expect(seen.framedBefore).toBeGreaterThanOrEqual(250);
        expect(seen.gapBefore).toBeGreaterThanOrEqual(250);
        expect(seen.now - seen.lastInput).toBeGreaterThanOrEqual(250);
        expect(seen.isConnected).toBe(true);
        expect(world.ok).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
  // Else nothing was tried.
  expect(written).toBeGreaterThan(20);
}, 240_000);
