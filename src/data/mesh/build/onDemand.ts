/** What is drawn when somebody asks for it first (docs/adr/0014). */
import { atOnce, type Steps } from "../steps.ts";

/** Draws one after the other, and keeps what the next one may use. */
export interface Hand<S, V> {
  /** @param before what it drew last, of the mesh before; `null`: nothing, or of another mesh. */
  draw(sight: S, before: V | null): Steps<V>;
}

/** Meshes: an event may make two of them, and where frames are skipped some pass that nobody looks at. */
const lastingInterest = 4;

/**
 * A part of one mesh, drawn of what is in sight when it is asked for: also when other meshes have been built since, or one is being built. Who asked for that of
 * one mesh will ask for that of the next: this is drawn with it, in steps.
 */
export class OnDemand<S, V> {
  readonly #sight: S;
  readonly #newHand: () => Hand<S, V>;
  /** Who drew it; `null`: nobody yet, or who draws the next one now. */
  #hand: Hand<S, V> | null = null;
  #drawn: V | null = null;
  #isAsked = false;
  /** For so many meshes somebody will probably ask. */
  #interest = 0;

  constructor(sight: S, newHand: () => Hand<S, V>) {
    this.#sight = sight;
    this.#newHand = newHand;
  }

  /** The same each time. */
  get value(): V {
    this.#isAsked = true;
    this.#interest = lastingInterest;
    if (this.#drawn !== null) return this.#drawn;
    this.#hand = this.#newHand();
    return (this.#drawn = atOnce(this.#hand.draw(this.#sight, null)));
  }

  /** `null`: not drawn. To look here is not to ask for it. */
  get drawn(): V | null {
    return this.#drawn;
  }

  /** That of the next mesh: drawn now, a step at a time, if somebody asked for this. Takes what this kept. */
  *next(sight: S): Steps<OnDemand<S, V>> {
    const next = new OnDemand(sight, this.#newHand);
    const hand = this.#hand;
    if (this.#drawn === null || hand === null || this.#interest === 0) return next;
    this.#hand = null;
    next.#hand = hand;
    next.#interest = this.#interest - 1;
    next.#drawn = yield* hand.draw(sight, this.#drawn);
    return next;
  }

  /**
   * Is the next one no other, as far as anybody has seen?
   *
   * @param isSame do two drawings say the same?
   */
  says(next: OnDemand<S, V>, isSame: (before: V, now: V) => boolean): boolean {
    if (!this.#isAsked || this.#drawn === null) return true;
    return next.#drawn !== null && isSame(this.#drawn, next.#drawn);
  }

  /** Goes on for the one before, which says the same, in the same mesh: what was asked of that was asked of this. */
  standInFor(before: OnDemand<S, V>): void {
    this.#isAsked = before.#isAsked;
    this.#interest = this.#drawn === null ? 0 : before.#interest;
  }
}
