import { each, type Steps } from "../steps.ts";

/** What was built of each subject, in their order; where only figures change, what follows from none of these is not looked at. */
export class Listed<S, B> {
  readonly #subjects: readonly S[];
  readonly #namesOf: (subject: S) => Iterable<string>;
  #built: readonly B[];
  #places: ReadonlyMap<string, readonly number[]> | null = null;

  /** @param namesOf hosts and workloads with whose flows a subject's answer may change. */
  constructor(subjects: readonly S[], built: readonly B[], namesOf: (subject: S) => Iterable<string>) {
    this.#subjects = subjects;
    this.#built = built;
    this.#namesOf = namesOf;
  }

  /** All, with those built again that follow from one of these hosts and workloads. */
  *renew(names: Iterable<string | null>, make: (subject: S) => B): Steps<readonly B[]> {
    const next = this.#built.slice();
    yield* each(this.#placesOf(names), 32, (at) => {
      const subject = this.#subjects[at];
      if (subject !== undefined) next[at] = make(subject);
    });
    this.#built = next;
    return next;
  }

  #placesOf(names: Iterable<string | null>): readonly number[] {
    const all = (this.#places ??= placesByName(this.#subjects, this.#namesOf));
    const found = new Set<number>();
    for (const name of names) for (const at of all.get(name ?? "") ?? []) found.add(at);
    return [...found];
  }
}

function placesByName<S>(
  subjects: readonly S[],
  namesOf: (subject: S) => Iterable<string>,
): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  subjects.forEach((subject, at) => {
    for (const name of new Set(namesOf(subject))) {
      const list = places.get(name);
      if (list === undefined) places.set(name, [at]);
      else list.push(at);
    }
  });
  return places;
}
