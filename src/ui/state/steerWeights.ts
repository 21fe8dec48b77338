/** The editor of a rule's weights: pure arithmetic on what the mesh shows; the plan is made from a fresh look at the object. */
import type { ShiftChange } from "../../actions/change.ts";
import { meantBy } from "../../actions/changes/meantRule.ts";
import { absentWeight } from "../../actions/changes/routeObject.ts";
import { destinationName } from "../../actions/changes/shiftTraffic.ts";
import { drainRow, evenOut, normalise, sendAll, setRow, stepRow } from "../../actions/changes/weights.ts";
import type { WeightEditor, Wish } from "./steering.ts";
import type { AtRule } from "./trafficRow.ts";

/** An editor on a rule with the cursor on one of its destinations. */
export function weightEditor({ service, rule, row }: AtRule): WeightEditor {
  const { ref, protocol, index, destinations } = rule;
  const written = destinations.map(({ weight }) => weight);
  const weights = written.map((weight) => weight ?? absentWeight(ref));
  const of: ShiftChange = {
    kind: "shift",
    service: service.key,
    route: ref,
    protocol,
    rule: index,
    meant: meantBy(rule, destinations),
    weights,
  };
  const names = destinations.map((destination) => destinationName(destination, ref.namespace ?? ""));
  return { is: "weights", of, names, written, weights, basis: weights, row, typed: "" };
}

export function toRow(editor: WeightEditor, by: number): WeightEditor {
  const row = Math.max(0, Math.min(editor.row + by, editor.weights.length - 1));
  return row === editor.row ? editor : { ...editor, row, basis: editor.weights, typed: "" };
}

export function stepped(editor: WeightEditor, by: number): WeightEditor {
  return { ...editor, weights: stepRow(editor.weights, editor.row, by, editor.basis), typed: "" };
}

/** More digits than any weight has. */
const mostDigits = 7;

/** A digit appends to those typed for the row; a first 0 takes everything off the row. */
export function typedDigit(editor: WeightEditor, digit: number): WeightEditor {
  return typedAs(editor, `${editor.typed}${digit}`.slice(0, mostDigits));
}

/** Without a digit left, the row is what it was when the cursor came to it. */
export function erasedDigit(editor: WeightEditor): WeightEditor {
  return typedAs(editor, editor.typed.slice(0, -1));
}

function typedAs(editor: WeightEditor, typed: string): WeightEditor {
  const { weights, row, basis } = editor;
  const value = Number(typed);
  const set = value === 0 ? drainRow(basis, row) : setRow(weights, row, value, basis);
  const next = typed === "" ? basis : set;
  return { ...editor, typed, weights: next };
}

export function arranged(editor: WeightEditor, how: "even" | "all" | "normalise"): WeightEditor {
  const { weights, row } = editor;
  if (how === "all") return { ...editor, weights: sendAll(weights, row), typed: "" };
  const next = how === "even" ? evenOut(weights) : normalise(weights);
  return { ...editor, weights: next, basis: next, typed: "" };
}

/** What enter asks for; a sentence where it would change nothing. */
export function weightWish({ of, weights, written }: WeightEditor): Wish | string {
  const same = weights.every((weight, i) => weight === (written[i] ?? of.weights[i]));
  return same ? "These weights are the ones that are there." : { is: "change", change: { ...of, weights } };
}
