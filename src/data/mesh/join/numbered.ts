/** One of many that are told apart by identity. Its number is its place in tables: what is asked for each row of an answer should neither hash nor compare a name. */
export class Numbered {
  readonly #number: number;

  /** @param number not that of another one of the same sort and origin; small, since tables are as long as the largest. */
  constructor(number: number) {
    this.#number = number;
  }

  static numberOf(one: Numbered): number {
    return one.#number;
  }
}

/** A Map by number. Of two with one number, which come from different origins, it knows the last. */
export class NumberedMap<K extends Numbered, V> {
  readonly #keys: (K | null)[] = [];
  readonly #values: (V | undefined)[] = [];

  get(key: K): V | undefined {
    const at = Numbered.numberOf(key);
    return at < this.#keys.length && this.#keys[at] === key ? this.#values[at] : undefined;
  }

  set(key: K, value: V): void {
    const at = Numbered.numberOf(key);
    // Never a hole: V8 would look into the prototype for each.
    while (this.#keys.length <= at) {
      this.#keys.push(null);
      this.#values.push(undefined);
    }
    this.#keys[at] = key;
    this.#values[at] = value;
  }
}
