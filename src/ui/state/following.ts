/** Shifts that were written, until callers' proxies do what was asked; and the notes that stand beside them on the screen. */
import type { Plan } from "../../actions/change.ts";
import { sameRef } from "../../actions/changes/held.ts";
import { isLastWord, type RulePlace } from "../../data/mesh/arrival.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { rulePhrase } from "../steer/changedRule.ts";
import type { Effect } from "./event.ts";
import type { Next } from "./next.ts";
import { promiseOf } from "./shiftPromise.ts";
import type { SteerEvent } from "./steerEvent.ts";
import type { Following, Note } from "./steering.ts";
import type { UiState } from "./uiState.ts";

/** Follows what a plan that was applied has shifted, if it did; whatever was followed of the same rule is over. */
export function followed(
  state: UiState,
  { id, plan }: { readonly id: number; readonly plan: Plan },
  mesh: Mesh,
): Next {
  const wish = promiseOf(mesh, plan);
  if (wish === null) return [state, []];
  const over = state.following.filter(({ place }) => isSamePlace(place, wish));
  const kept = state.following.filter((one) => !over.includes(one));
  const one: Following = { id, title: rulePhrase(mesh, wish), place: wish, arrival: null };
  return [
    { ...state, following: [...kept, one] },
    [...over.map((each): Effect => ({ do: "unfollow", id: each.id })), { do: "follow", id, wish }],
  ];
}

const isSamePlace = (a: RulePlace, b: RulePlace): boolean =>
  a.rule === b.rule && a.protocol === b.protocol && sameRef(a.route, b.route);

export function arrived(state: UiState, { id, arrival }: Extract<SteerEvent, { is: "arrived" }>): Next {
  if (!state.following.some((one) => one.id === id)) return [state, []];
  const following = state.following.map((one) => (one.id === id ? { ...one, arrival } : one));
  return [{ ...state, following }, arrival.state === "agrees" ? [{ do: "expireFollowing", id }] : []];
}

/** What agrees needs nobody; what does not waits for somebody to read it. */
export function followedLong(state: UiState, { id }: Extract<SteerEvent, { is: "followedLong" }>): Next {
  const following = state.following.filter((one) => one.id !== id || one.arrival?.state !== "agrees");
  return [following.length === state.following.length ? state : { ...state, following }, []];
}

/** One thing that is told below the body of the screen. */
export type Told =
  { readonly is: "shift"; readonly shift: Following } | { readonly is: "note"; readonly note: Note };

/** From top to bottom: the newest shift that is counted first, the notes last. `dismiss` takes the last one. */
export function toldIn({ following, notes }: Pick<UiState, "following" | "notes">): readonly Told[] {
  const newest = following.toReversed();
  const isOver = ({ arrival }: Following): boolean => arrival !== null && isLastWord(arrival);
  return [
    ...[...newest.filter((one) => !isOver(one)), ...newest.filter(isOver)].map((shift): Told => ({
      is: "shift",
      shift,
    })),
    ...notes.filter(({ isRead }) => !isRead).map((note): Told => ({ is: "note", note })),
  ];
}

export function dismiss(state: UiState): Next {
  const last = toldIn(state).at(-1);
  if (last === undefined) return [state, []];
  if (last.is === "note") {
    const notes = state.notes.map((one) => (one === last.note ? { ...one, isRead: true } : one));
    return [{ ...state, notes }, []];
  }
  const { id } = last.shift;
  const following = state.following.filter((one) => one.id !== id);
  return [{ ...state, following }, [{ do: "unfollow", id }]];
}
