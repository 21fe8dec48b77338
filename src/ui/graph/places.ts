import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { atOnce, type Steps } from "../../data/mesh/steps.ts";
import { mostBoxes, type Room } from "./chooseLayout.ts";
import { arrangingGraph, type Arrangement } from "./layoutGraph.ts";
import {
  preparedOf,
  preparedWith,
  preparing,
  type Prepared,
  type PrepareInput,
  type WholeLayout,
} from "./preparePicture.ts";
import { isSameStructure, type Structure } from "./shape.ts";

/** Does work a piece at a time, so that keys are read between two of them. Short work may be done before it returns. */
export type LongWork = <T>(steps: Steps<T>, done: (value: T) => void) => void;

/** A picture and its places. */
export interface Placed {
  readonly prepared: Prepared;
  readonly laidOut: WholeLayout;
}

/** Prepares pictures and lays them out. Small ones at once; large ones take a second, and no key waits for that. */
export interface Places {
  /** The picture, or the one of a moment ago while this one is prepared: then whoever asked is told when to ask again. Without one it is prepared now. */
  readonly prepared: (input: PrepareInput) => Prepared;
  /**
   * The picture, or the one of a moment ago while this one is laid out. `null`: there was none, and whoever asked is told when to ask again.
   *
   * @param options what it was prepared with: a picture that was asked for otherwise does not stand in for it.
   */
  readonly of: (prepared: Prepared, room: Room, options: string) => Placed | null;
  /** Nobody looks any more: what is asked for next finds nothing of a moment ago. */
  readonly left: () => void;
}

/** Structures that are remembered: those of some groupings, with and without what is hidden. */
const most = 6;

/** @param tell hears that something is there that was not when it was asked for. */
export function createPlaces(work: LongWork, tell: () => void): Places {
  const { known, place } = createLayouts();
  const workLater = oneAtATime(work, tell);
  /** The room that was asked for since a picture was asked for last; `null`: none, surroundings need no places. */
  let wanted: { readonly room: Room; readonly name: string } | null = null;
  let shown: (Placed & { readonly name: string }) | null = null;

  const preparer = createPreparer(workLater, function* (prepared) {
    if (wanted !== null && known(prepared, wanted.name) === null)
      yield* place(prepared, wanted.room, wanted.name);
  });
  return {
    prepared: (input) => {
      const prepared = preparer.prepared(input);
      wanted = null;
      return prepared;
    },
    left: () => {
      shown = null;
      wanted = null;
      preparer.left();
    },
    of: (prepared, room, options) => {
      const name = `${room.size.columns}x${room.size.rows} ${room.labels}`;
      wanted = { room, name };
      if (known(prepared, name) === null) {
        const isSmall = prepared.picture.boxes.length <= mostBoxes;
        (isSmall ? workAtOnce : workLater)(place(prepared, room, name), () => undefined);
      }
      const value = known(prepared, name);
      const asked = `${options} ${name}`;
      if (value !== null) shown = { name: asked, prepared, laidOut: value };
      return shown?.name === asked ? shown : null;
    },
  };
}

interface Layouts {
  /** `null`: it is not laid out in a room of this name. */
  readonly known: (prepared: Prepared, name: string) => WholeLayout | null;
  readonly place: (prepared: Prepared, room: Room, name: string) => Steps<void>;
}

/** What is laid out of pictures that somebody still holds. */
function createLayouts(): Layouts {
  const laidOut = new WeakMap<Prepared, { readonly name: string; readonly value: WholeLayout }>();
  const arrange = rememberArrangements();
  return {
    known: (prepared, name) => {
      const found = laidOut.get(prepared);
      return found?.name === name ? found.value : null;
    },
    *place(prepared, room, name) {
      laidOut.set(prepared, { name, value: yield* prepared.whole(room, arrange) });
    },
  };
}

/** Graphs with more nodes take longer than a key may wait. */
const mostNodesAtOnce = 300;

/** One namespace may be small, but what it is cut from is drawn whole. */
const isOfLarge = ({ services, workloads }: Mesh): boolean =>
  services.length + workloads.length > mostNodesAtOnce;

/** @param place gives a picture its places where some are wanted: a mesh that never stands still would have none otherwise. */
function createPreparer(
  workLater: LongWork,
  place: (prepared: Prepared) => Steps<void>,
): Pick<Places, "prepared" | "left"> {
  let latest: { readonly options: string; readonly prepared: Prepared } | null = null;
  /** What may be shown a moment longer: an empty picture says that there is nothing. */
  const standInFor = (options: string): Prepared | null =>
    latest?.options === options && latest.prepared.picture.boxes.length > 0 ? latest.prepared : null;
  return {
    prepared: (input) => {
      const options = preparedWith(input);
      const isLarge = input.graph.nodes.length > mostNodesAtOnce;
      const standIn = isLarge ? standInFor(options) : null;
      if (standIn !== null && preparedOf(input) === null) {
        const work = function* (): Steps<Prepared> {
          const prepared = yield* preparing(input, false);
          yield* place(prepared);
          return prepared;
        };
        // Also where another mesh is there by then, but not where something else is shown.
        workLater(work(), (prepared) => {
          if (latest?.prepared === standIn) latest = { options, prepared };
        });
      }
      // Who has just come here finds the graph before not drawn yet.
      const isHurried = isLarge || (latest === null && isOfLarge(input.mesh));
      const prepared = preparedOf(input) ?? standIn ?? atOnce(preparing(input, isHurried));
      latest = { options, prepared };
      return prepared;
    },
    left: () => {
      latest = null;
    },
  };
}

const workAtOnce: LongWork = (steps, done) => done(atOnce(steps));

/** For whoever can wait for all of it. */
export const placesAtOnce = (): Places => createPlaces(workAtOnce, () => undefined);

/** What comes while something is under way is left: whoever asks is told when that has ended, and asks again for what is wanted then. */
function oneAtATime(work: LongWork, tell: () => void): LongWork {
  let isBusy = false;
  return (steps, done) => {
    if (isBusy) return;
    let isAsking = true;
    isBusy = true;
    work(steps, (value) => {
      isBusy = false;
      done(value);
      if (!isAsking) tell();
    });
    isAsking = false;
  };
}

/** Rates change all the time, who calls whom hardly ever: the same boxes and calls are arranged once. */
function rememberArrangements(): (structure: Structure) => Steps<Arrangement> {
  let known: readonly { readonly structure: Structure; readonly arrangement: Arrangement }[] = [];
  return function* (structure) {
    const found = known.find((one) => isSameStructure(one.structure, structure));
    if (found !== undefined) return found.arrangement;
    const arrangement = yield* arrangingGraph(structure);
    known = [{ structure, arrangement }, ...known.slice(0, most - 1)];
    return arrangement;
  };
}
