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
  /** The picture, or the one of a moment ago while this one is prepared: then whoever asked is told when to ask again. Without one this is the time for it. */
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

/** Graphs with more nodes take longer than a key may wait. */
const mostNodesAtOnce = 300;

/** Structures that are remembered: those of some groupings, with and without what is hidden. */
const most = 6;

/** @param tell hears that something was laid out that was not there when it was asked for. */
export function createPlaces(work: LongWork, tell: () => void): Places {
  const laidOut = new WeakMap<Prepared, { readonly name: string; readonly value: WholeLayout }>();
  const arrange = rememberArrangements();
  const workLater = oneAtATime(work, tell);
  const preparer = createPreparer(workLater);
  let shown: (Placed & { readonly name: string }) | null = null;

  const known = (prepared: Prepared, name: string): WholeLayout | null => {
    const found = laidOut.get(prepared);
    return found?.name === name ? found.value : null;
  };
  return {
    prepared: preparer.prepared,
    left: () => {
      shown = null;
      preparer.left();
    },
    of: (prepared, room, options) => {
      const name = `${room.size.columns}x${room.size.rows} ${room.labels}`;
      if (known(prepared, name) === null) {
        const isSmall = prepared.picture.boxes.length <= mostBoxes;
        const work = isSmall ? workAtOnce : workLater;
        work(prepared.whole(room, arrange), (value) => void laidOut.set(prepared, { name, value }));
      }
      const value = known(prepared, name);
      const wanted = `${options} ${name}`;
      if (value !== null) shown = { name: wanted, prepared, laidOut: value };
      return shown?.name === wanted ? shown : null;
    },
  };
}

function createPreparer(workLater: LongWork): Pick<Places, "prepared" | "left"> {
  let latest: { readonly options: string; readonly prepared: Prepared } | null = null;
  return {
    prepared: (input) => {
      const options = preparedWith(input);
      const isLarge = input.graph.nodes.length > mostNodesAtOnce;
      const standIn = isLarge && latest?.options === options ? latest.prepared : null;
      if (standIn !== null && preparedOf(input) === null) {
        // Also where another mesh is there by then: one that never stands still would never be seen.
        workLater(preparing(input), (prepared) => {
          if (latest !== null) latest = { options, prepared };
        });
      }
      const prepared = preparedOf(input) ?? standIn ?? atOnce(preparing(input));
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
