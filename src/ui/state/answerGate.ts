/**
 * Whether a key answers the question on screen. A yes counts only where the question was seen (`fence.ts`), nothing was pressed for a while before it, and (for
 * the yes that writes) nothing came right after it: what was typed ahead, and a page of text from a clipboard, in whatever pieces it arrives, are no answer.
 * Declining always counts. Pure: the time comes in.
 */
import type { Instant, Millis } from "../../data/mesh/units.ts";
import { millis } from "../../data/mesh/units.ts";

/** Silence before an answer, and after the one that writes. */
export const SILENCE: Millis = millis(250);

/** What a key means to a question. */
export type Stroke =
  /** The yes that is asked for now. */
  | { readonly is: "yes" }
  | { readonly is: "decline" }
  /** A character of the name that is asked for. */
  | { readonly is: "letter"; readonly text: string }
  | { readonly is: "erase" }
  /** Enter. `matches`: what was typed so far is a name that counts. */
  | { readonly is: "end"; readonly matches: boolean }
  /** Moves the text of the question. */
  | { readonly is: "scroll" }
  | { readonly is: "other" };

export interface Gate {
  /** Which question it guards, and which of two yeses. */
  readonly of: string;
  /** The newest of: the question was seen, a key was pressed. `null`: not seen yet. */
  readonly since: Instant | null;
  /** It has been silent long enough: the next key counts. */
  readonly isOpen: boolean;
  /** The first letter of the name counted. */
  readonly isNaming: boolean;
  /** The last word was said, and counts when silence follows it. */
  readonly isGiven: boolean;
}

/**
 * Why a key did not count.
 *
 * - `unseen`: before the question was. - `early`: too soon after that or another key. - `several`: more than one key in one piece.
 * - `followed`: something came right after the answer. - `enter`: enter is never yes. - `name`: what was typed is none of the names. - `other`: no answer at all.
 */
export type Ignored = "unseen" | "early" | "several" | "followed" | "enter" | "name" | "other";

export type Verdict =
  | { readonly is: "declined" }
  /** `forgets`: a first yes, or the letters so far, count no more. */
  | { readonly is: "ignored"; readonly why: Ignored; readonly forgets: boolean }
  | { readonly is: "typed"; readonly text: string }
  | { readonly is: "erased" }
  | { readonly is: "scrolled" }
  /** The first of two yeses. */
  | { readonly is: "yes" }
  /** The answer, if silence follows. */
  | { readonly is: "given" };

/** For a question that nobody can have seen. */
export function gateFor(of: string): Gate {
  return { of, since: null, isOpen: false, isNaming: false, isGiven: false };
}

/** It stands on the screen whole. */
export function seen(gate: Gate, at: Instant): Gate {
  return gate.since === null ? { ...gate, since: at } : gate;
}

/**
 * Nothing was pressed until `at`, and all that had arrived by then was seen. Gives `true` where the answer that was given counts now.
 */
export function quiet(gate: Gate, at: Instant): readonly [Gate, boolean] {
  if (gate.since === null || at - gate.since < SILENCE) return [gate, false];
  if (gate.isGiven) return [{ ...gate, isGiven: false }, true];
  return [{ ...gate, isOpen: true }, false];
}

/** Something that is no key arrived, such as a paste. */
export function disturbed(gate: Gate, at: Instant): Gate {
  return {
    ...gate,
    since: gate.since === null ? null : at,
    isOpen: false,
    isNaming: false,
    isGiven: false,
  };
}

/**
 * Keys that arrived in one piece.
 *
 * @param last `true` where a yes writes; `false` where another one is asked for after it.
 */
export function press(
  gate: Gate,
  strokes: readonly Stroke[],
  { at, last }: { readonly at: Instant; readonly last: boolean },
): readonly [Gate, Verdict] {
  if (strokes.some(({ is }) => is === "decline")) return [gate, { is: "declined" }];
  const shut = disturbed(gate, at);
  const ignored = (why: Ignored, forgets = true): readonly [Gate, Verdict] => [
    forgets ? shut : { ...shut, isNaming: gate.isNaming },
    { is: "ignored", why, forgets },
  ];
  const [only] = strokes;
  if (only === undefined) return ignored("other", false);
  const isSingle = strokes.length === 1;
  if (gate.since === null) return ignored("unseen", !isSingle || only.is !== "yes");
  if (gate.isGiven) return ignored("followed");
  if (!isSingle) return severalLetters(gate, strokes, at) ?? ignored("several");
  const next = { ...shut, isNaming: gate.isNaming };
  if (only.is === "scroll") return [next, { is: "scrolled" }];
  if (!gate.isOpen && !gate.isNaming) return ignored("early", only.is !== "yes");
  return single(next, only, last) ?? ignored(whyNot(gate, only), only.is === "end");
}

/** A slow line brings letters together. Enter has to come alone. */
function severalLetters(
  gate: Gate,
  strokes: readonly Stroke[],
  at: Instant,
): readonly [Gate, Verdict] | null {
  const text = strokes.map((stroke) => (stroke.is === "letter" ? stroke.text : null));
  if (!gate.isNaming || text.includes(null)) return null;
  return [
    { ...disturbed(gate, at), isNaming: true },
    { is: "typed", text: text.join("") },
  ];
}

function single(shut: Gate, stroke: Stroke, last: boolean): readonly [Gate, Verdict] | null {
  switch (stroke.is) {
    case "yes":
      return last ? [{ ...shut, isGiven: true }, { is: "given" }] : [shut, { is: "yes" }];
    case "letter":
      return [
        { ...shut, isNaming: true },
        { is: "typed", text: stroke.text },
      ];
    case "erase":
      return shut.isNaming ? [shut, { is: "erased" }] : null;
    case "end":
      return shut.isNaming && stroke.matches ? [{ ...shut, isGiven: true }, { is: "given" }] : null;
    case "decline":
    case "scroll":
    case "other":
      return null;
  }
}

function whyNot({ isNaming }: Gate, { is }: Stroke): Ignored {
  if (is !== "end") return "other";
  return isNaming ? "name" : "enter";
}
