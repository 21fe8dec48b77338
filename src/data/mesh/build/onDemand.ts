/** What is drawn when somebody asks for it first (docs/adr/0014). */
import { atOnce, type Steps } from "../steps.ts";

/** Draws one after the other, and keeps what the next one may use. */
export interface Hand<S, V> {
  /** @param before what it drew last, of the mesh before; `null`: nothing, or of another mesh. */
  draw(sight: S, before: V | null): Steps<V>;
}

/** Meshes. */
const lastingInterest = 2;

/**
 * Drawn of what is in sight when it is asked for, also when other meshes have been built since, or one is being built. Who asked for that of one mesh will
 * ask for that of the next: this is drawn with it, in steps.
 */
export class OnDemand<S, V> {
  readonly #newHand: () => Hand<S, V>;
  #hand: Hand<S, V>;
  #sight: S;
  #drawn: V | null = null;
  /** For so many meshes somebody will probably ask: one may pass that nobody looks at. */
  #interest = 0;

  constructor(sight: S, newHand: () => Hand<S, V>) {
    this.#sight = sight;
    this.#newHand = newHand;
    this.#hand = newHand();
  }

  get isDrawn(): boolean {
    return this.#drawn !== null;
  }

  /** The same each time. */
  get value(): V {
    this.#interest = lastingInterest;
    return (this.#drawn ??= atOnce(this.#hand.draw(this.#sight, null)));
  }

  /** That of the next mesh: drawn now, a step at a time, if somebody asked for this. Takes what this kept. */
  *next(sight: S): Steps<OnDemand<S, V>> {
    const next = new OnDemand(sight, this.#newHand);
    if (this.#drawn === null || this.#interest === 0) return next;
    this.#interest -= 1;
    next.#interest = this.#interest;
    // This is drawn, and needs no hand any more.
    next.#hand = this.#hand;
    next.#drawn = yield* next.#hand.draw(sight, this.#drawn);
    return next;
  }

  /**
   * Does the next one say nothing else, as far as anybody has seen?
   *
   * @param isSame do two drawings say the same?
   */
  says(next: OnDemand<S, V>, isSame: (before: V, now: V) => boolean): boolean {
    return this.#drawn === null || (next.#drawn !== null && isSame(this.#drawn, next.#drawn));
  }

  /** Takes the place of the next one, which says nothing else: then what this was to be drawn of need not be held any more. */
  become(next: OnDemand<S, V>): void {
    this.#sight = next.#sight;
    this.#drawn = next.#drawn;
    this.#hand = next.#hand;
    this.#interest = Math.max(this.#interest, next.#interest);
  }
}
