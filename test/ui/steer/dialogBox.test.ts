/** Dialogs in their boxes: whatever they say, they say it inside of the frame, and what is asked is always there. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Demand } from "../../../src/actions/guard.ts";
import type { Proposal } from "../../../src/actions/proposal.ts";
import { ratio } from "../../../src/data/mesh/units.ts";
import { glyphsFor } from "../../../src/ui/paint/glyphs.ts";
import { lineWidth, plain } from "../../../src/ui/paint/line.ts";
import type { Line } from "../../../src/ui/paint/span.ts";
import type { Question, SteeringDialog } from "../../../src/ui/state/steering.ts";
import { dialogBox, lastTop } from "../../../src/ui/steer/dialogBox.ts";
import { coolstore, destinationOf, refOf, ruleOf, serviceOf } from "../../support/meshFixture.ts";
import {
  mirrorEditorOf,
  outboundMenu,
  outcomeOf,
  proposalOf,
  questionOf,
  shiftOf,
  weightEditorOf,
} from "../../support/steeringFixture.ts";

const mesh = coolstore();
const glyphs = glyphsFor({ unicode: true });

function boxOf(dialog: SteeringDialog, columns = 80, rows = 40): readonly Line[] {
  return dialogBox(dialog, { mesh, glyphs, columns, rows });
}

const textOf = (lines: readonly Line[]): string => lines.map(plain).join("\n");

const asked = (proposal: Proposal, demand: Demand, said = false, typed = ""): Question =>
  questionOf({ is: "asked", proposal, demand, said, typed, waits: false });

const key: Demand = { is: "key" };

describe("the weight editor", () => {
  test("shows weight and share before and after, what is observed, and the points that move", () => {
    const text = textOf(boxOf(weightEditorOf({ weights: [60, 20] })));
    // 60 of 80 and 20 of 80; 75 - 90 points and 25 - 10 points.
    expect(text).toMatch(/version-v1 +90 \(90 %\) +→ +60 \(75 %\) +89 % ±2 +1\/1/);
    expect(text).toMatch(/▸ version-v2 +10 \(10 %\) +→ +20 \(25 %\) +11 % ±2 +1\/1/);
    expect(text).toMatch(/ -15 /);
    expect(text).toMatch(/ \+15 /);
  });

  test("says that a sum other than 100 makes ratios of the weights, and that a sum of 0 is none", () => {
    expect(textOf(boxOf(weightEditorOf({ weights: [60, 20] })))).toMatch(/sum +100 +80/);
    expect(textOf(boxOf(weightEditorOf({ weights: [60, 20] })))).toContain("each share is its weight of 80");
    expect(textOf(boxOf(weightEditorOf({ weights: [0, 0] })))).toContain("the sum is 0");
    expect(textOf(boxOf(weightEditorOf()))).not.toContain("the sum is");
  });

  test("an absent weight is shown as absent, with the share that it has", () => {
    const editor = weightEditorOf({ of: shiftOf([0, 100]), written: [null, 100], weights: [50, 50] });
    expect(textOf(boxOf(editor))).toMatch(/version-v1 +- \(0 %\)/);
  });

  test("names what is broken behind a destination, and whether that matters", () => {
    const ref = refOf("VirtualService", "istioinaction", "catalog");
    const rules = [
      ruleOf(ref, {
        index: 1,
        destinations: [
          destinationOf("catalog", { subset: "version-v1", weight: 90, share: ratio(0.9) }),
          destinationOf("catalog", {
            subset: "version-v2",
            index: 1,
            weight: 10,
            share: ratio(0.1),
            problem: "no endpoints",
            endpoints: { ready: 0, total: 0 },
          }),
        ],
      }),
    ];
    const routes = [{ ref, scope: { mesh: true, gateways: [] }, hosts: ["catalog"], rules }];
    const broken = coolstore({ services: [serviceOf("catalog", { routes })] });
    const box = (weights: readonly number[]): string =>
      textOf(dialogBox(weightEditorOf({ weights }), { mesh: broken, glyphs, columns: 80, rows: 30 }));
    expect(box([50, 50])).toMatch(/version-v2.+0\/0/);
    expect(box([50, 50])).toContain("  no endpoints: proxies answer 503 UH");
    expect(box([100, 0])).toContain("gets nothing; no endpoints");
  });

  test("keeps the row under the cursor in sight among many", () => {
    const names = Array.from({ length: 30 }, (_, at) => `subset-${at}`);
    const weights = names.map(() => 1);
    for (const row of [0, 14, 29]) {
      const editor = weightEditorOf({ of: shiftOf(weights), names, written: weights, weights, row });
      expect(textOf(boxOf(editor, 60, 12))).toContain(`▸ subset-${row} `);
    }
  });
});

describe("a question", () => {
  test("shows weights, dry run, warnings, callers and the lines that change", () => {
    const proposal = proposalOf([50, 50], {
      plan: { warnings: ["one step of 40 points"] },
      serverWarnings: ["v1beta1 is deprecated"],
      reason: "INC-4711",
    });
    const text = textOf(boxOf(asked(proposal, key)));
    expect(text).toContain("Shift traffic: catalog, rule 2 of 3");
    expect(text).toMatch(/version-v1 +90 \(90 %\) → 50 \(50 %\) +-40/);
    expect(text).toContain("server dry run: accepted");
    expect(text).toContain("server warns: v1beta1 is deprecated");
    expect(text).toContain("! one step of 40 points");
    expect(text).toContain("callers: webapp 12.0/s");
    expect(text).toContain("reason: INC-4711");
    expect(text).toMatch(/spec\.http\[1\]\.route/);
    expect(text).toMatch(/- +weight: 90\s+│\n│ \+ +weight: 50/);
    expect(text).not.toMatch(/resourceVersion|generation/);
    expect(text).toContain("apply? y / n");
  });

  test("asks for another yes only after the first, and says who is cut off", () => {
    const proposal = proposalOf([100, 0]);
    const twice: Demand = { is: "twice" };
    expect(textOf(boxOf(asked(proposal, twice)))).not.toContain("press Y");
    expect(textOf(boxOf(asked(proposal, twice, true)))).toContain(
      "everything leaves version-v2: press Y to do it, anything else not",
    );
  });

  test("asks for a name with what was typed so far", () => {
    const demand: Demand = { is: "name", names: ["prod-eu", "catalog"] };
    const text = textOf(boxOf(asked(proposalOf([50, 50]), demand, false, "prod")));
    expect(text).toContain("type prod-eu or catalog, then enter");
    expect(text).toContain("> prod");
  });

  test("that is blocked asks nothing", () => {
    const proposal = proposalOf([50, 50], { plan: { blockers: ["there is no ready endpoint behind it"] } });
    const text = textOf(boxOf(questionOf({ is: "refused", proposal })));
    expect(text).toContain("refused: there is no ready endpoint behind it");
    expect(text).toContain("nothing was written");
    expect(text).not.toMatch(/apply|dry run/);
  });

  test("that the server refuses gives the server's words", () => {
    const refusal = { is: "invalid", message: "total destination weight = 0", advice: "Mend it." } as const;
    const text = textOf(boxOf(questionOf({ is: "refused", proposal: proposalOf([0, 0], { refusal }) })));
    expect(text).toContain("server dry run: total destination weight = 0");
    expect(text).toContain("Mend it.");
    expect(text).not.toContain("accepted");
  });

  test("that met another writer says what the other one changed, and who it was", () => {
    const deviations = [
      {
        path: "/spec/http/1/route/0/weight",
        expected: 90,
        found: 70,
        by: { managers: ["kubectl-edit"], at: "2026-11-21T02:59:00Z" },
      },
    ];
    const outcome = outcomeOf("conflict", { deviations, message: "changed since" });
    const text = textOf(boxOf(questionOf({ is: "written", proposal: proposalOf([50, 50]), outcome }), 120));
    expect(text).toContain(
      "! /spec/http/1/route/0/weight: 70 instead of 90, by kubectl-edit at 2026-11-21T02:59:00Z",
    );
    expect(text).toContain("r looks again");
  });

  test("that was answered says how it ended, and how to take it back", () => {
    const proposal = proposalOf([50, 50]);
    const text = textOf(boxOf(questionOf({ is: "written", proposal, outcome: outcomeOf("applied") })));
    expect(text).toContain("journal: k3f9");
    expect(text).toContain("z takes it back");
    // Title, heading and table say it; the sentence would be the third time.
    expect(text).not.toContain("Applied: shift");
  });

  test("scrolls to its end and no further, and what is asked stays", () => {
    const question = asked(proposalOf([50, 50]), key);
    const input = { mesh, glyphs, columns: 80, rows: 12 };
    const end = lastTop(question, input);
    expect(end).toBeGreaterThan(0);
    const shown = textOf(dialogBox({ ...question, top: end }, input));
    expect(shown).toContain("timeout: 2.5s");
    expect(shown).toContain("apply? y / n");
    expect(textOf(dialogBox({ ...question, top: end + 50 }, input))).toBe(shown);
    expect(textOf(dialogBox({ ...question, top: end - 1 }, input))).not.toBe(shown);
  });
});

const hostile = fc.constantFrom(
  "\u001b[2Jv1",
  "v1\u202egnorw",
  "a\r\nb",
  "商品目錄",
  "e\u0301tat",
  "x".repeat(300),
  "",
  "two words ".repeat(40),
);

const demands: fc.Arbitrary<Demand> = fc.oneof(
  fc.constant<Demand>({ is: "key" }),
  fc.constant<Demand>({ is: "twice" }),
  fc.array(hostile, { minLength: 1, maxLength: 3 }).map((names): Demand => ({ is: "name", names })),
);

const proposals = fc
  .record({ text: hostile, name: hostile, blocked: fc.boolean(), refused: fc.boolean(), after: fc.nat(100) })
  .map(({ text, name, blocked, refused, after }) => {
    const proposal = proposalOf([100 - after, after], {
      plan: { warnings: [text, text], blockers: blocked ? [text] : [], summary: text },
      serverWarnings: [text],
      reason: text,
      ...(refused ? { refusal: { is: "invalid", message: text, advice: text } as const } : {}),
    });
    const weights = proposal.plan.weights.map((row) => ({ ...row, name }));
    return { ...proposal, plan: { ...proposal.plan, weights } };
  });

const outcomes = fc
  .record({ is: fc.constantFrom("applied", "refused", "conflict", "unreachable", "unknown"), text: hostile })
  .map(({ is, text }) =>
    outcomeOf(is as "applied", {
      id: text,
      message: text,
      advice: text,
      warnings: [text],
      steps: ["applied", "stayed"],
      deviations: [{ path: text, expected: text, found: { a: text }, by: { managers: [text], at: text } }],
    }),
  );

const dialogs: fc.Arbitrary<SteeringDialog> = fc.oneof(
  fc
    .record({
      names: fc.array(hostile, { minLength: 1, maxLength: 12 }),
      weight: fc.nat(1e7),
      row: fc.nat(11),
    })
    .map(({ names, weight, row }) => {
      const weights = names.map(() => weight);
      return weightEditorOf({
        of: shiftOf(weights),
        names,
        written: weights,
        weights,
        row: row % names.length,
        typed: "12",
      });
    }),
  fc.tuple(hostile, fc.nat(2)).map(([now, target]) => mirrorEditorOf({ now, target })),
  fc.tuple(hostile, fc.nat(1)).map(([text, at]) => ({
    ...outboundMenu,
    title: text,
    at,
    notes: [text],
    choices: outboundMenu.choices.map((choice) => ({ ...choice, label: text, detail: text, why: text })),
  })),
  fc
    .tuple(proposals, demands, fc.boolean(), hostile)
    .map(([proposal, demand, said, typed]) => asked(proposal, demand, said, typed)),
  proposals.map((proposal) => questionOf({ is: "refused", proposal })),
  fc
    .tuple(proposals, outcomes)
    .map(([proposal, outcome]) => questionOf({ is: "written", proposal, outcome })),
  hostile.map((sentence) => questionOf({ is: "failed", sentence })),
  hostile.map((what) => questionOf({ is: "asking", what })),
);

test("any dialog at any size stays in its frame, and no string of a stranger gets out of its cells", () => {
  fc.assert(
    fc.property(
      dialogs,
      fc.integer({ min: 40, max: 200 }),
      fc.integer({ min: 5, max: 60 }),
      fc.nat(80),
      fc.boolean(),
      (dialog, columns, rows, top, unicode) => {
        const shown = dialog.is === "question" ? { ...dialog, top } : dialog;
        const lines = dialogBox(shown, { mesh, glyphs: glyphsFor({ unicode }), columns, rows });
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) {
          expect(lineWidth(line), plain(line)).toBe(columns);
          expect(plain(line)).not.toMatch(/[\p{Cc}\u202e]|NaN|undefined|\[object/u);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test("what is asked is on screen whatever else there is to say", () => {
  fc.assert(
    fc.property(
      proposals,
      fc.integer({ min: 40, max: 120 }),
      fc.integer({ min: 5, max: 40 }),
      (proposal, columns, rows) => {
        expect(textOf(boxOf(asked(proposal, key), columns, rows))).toContain("apply? y / n");
      },
    ),
  );
});
