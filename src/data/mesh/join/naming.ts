import type { EndNames, WorkloadEnd } from "./ends.ts";
import { NumberedMap } from "./numbered.ts";

/** What series add to the name of one end. */
interface Named extends EndNames {
  readonly end: WorkloadEnd;
  /** The last round that came to it. */
  round: number;
  /** Flows may have been told of it by its name. */
  isGiven: boolean;
}

/** What ends are called, found out anew in each round. */
export class Naming {
  readonly #names = new NumberedMap<WorkloadEnd, Named>();
  #round = 0;
  #all: Named[] = [];

  begin(): void {
    this.#round += 1;
    this.#all = [];
  }

  /** What this round says of an end; of one that it has not come to, nothing yet. */
  of(end: WorkloadEnd): EndNames {
    let names = this.#names.get(end);
    if (names === undefined) {
      names = { end, revision: null, version: null, round: 0, isGiven: false };
      this.#names.set(end, names);
    }
    if (names.round !== this.#round) {
      names.round = this.#round;
      names.revision = null;
      names.version = null;
      this.#all.push(names);
    }
    return names;
  }

  /** Gives the ends of this round their names. @returns whether none goes by others than before. */
  give(): boolean {
    for (const names of this.#all) {
      const { end, revision, version } = names;
      const isOther = end.revision !== revision || end.version !== version;
      if (isOther && names.isGiven) return false;
      end.revision = revision;
      end.version = version;
      names.isGiven = true;
    }
    return true;
  }
}
