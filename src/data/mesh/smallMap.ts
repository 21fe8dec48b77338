/** So many keys are compared one by one faster than they are hashed. */
const few = 8;
/** Of all that are empty. */
const none: readonly never[] = [];

/**
 * A Map that mostly holds a few keys, which thousands of: a Map of two takes 200 bytes of V8, and an iterator with an object for each step to be read.
 * Keys are told apart by identity, and stand in the order that they came in.
 */
export class SmallMap<K, V> {
  keys: readonly K[] = none;
  values: readonly V[] = none;
  /** Places of keys; `null`: there are few. */
  #places: Map<K, number> | null = null;

  get(key: K): V | undefined {
    if (this.#places === null) {
      for (let at = 0; at < this.keys.length; at += 1) if (this.keys[at] === key) return this.values[at];
      return undefined;
    }
    const at = this.#places.get(key);
    return at === undefined ? undefined : this.values[at];
  }

  has(key: K): boolean {
    return this.#places === null ? this.keys.includes(key) : this.#places.has(key);
  }

  /** Adds it, or puts it in the place of what stands there. */
  set(key: K, value: V): void {
    const at = this.#places === null ? this.keys.indexOf(key) : (this.#places.get(key) ?? -1);
    if (at < 0) this.add(key, value);
    else (this.values as V[])[at] = value;
  }

  /** @param key that is not there yet. */
  add(key: K, value: V): V {
    if (this.#places === null && this.keys.length === few)
      this.#places = new Map(this.keys.map((one, at) => [one, at]));
    this.#places?.set(key, this.keys.length);
    this.keys = withOne(this.keys, key);
    this.values = withOne(this.values, value);
    return value;
  }
}

/**
 * A list that `push` or a spread has grown has room for 17: a copy of just the length for each of the first few is less than that, for all the time that
 * it lives.
 *
 * @param list that this function made, or an empty one; a long one is the one that grows.
 */
export function withOne<T>(list: readonly T[], one: T): readonly T[] {
  if (list.length >= few) {
    (list as T[]).push(one);
    return list;
  }
  const longer = new Array<T>(list.length + 1);
  for (let at = 0; at < list.length; at += 1) longer[at] = list[at] as T;
  longer[list.length] = one;
  return longer;
}
