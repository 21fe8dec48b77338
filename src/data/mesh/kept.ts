import { share } from "./share.ts";

interface Entry<V> {
  readonly parts: readonly unknown[];
  readonly value: V;
  /** The build that asked for it last. */
  build: number;
}

/**
 * Answers kept from one build to the next. An answer is reused as long as it would be made of the same parts, by identity; one that is made anew shares
 * with the one before it all that says the same (`share`: plain JSON only). So what did not change keeps its identity, and nobody needs to look for what changed.
 */
export class Kept<K, V> {
  readonly #entries = new Map<K, Entry<V>>();
  readonly #levels: number;
  #build = 0;
  #asked = 0;

  /** @param levels how deep two answers are compared, as in `share`. */
  constructor(levels: number) {
    this.#levels = levels;
  }

  /** @param parts everything that `make` looks at and that can be another one in another build. */
  of(key: K, parts: readonly unknown[], make: () => V): V {
    const found = this.#entries.get(key);
    if (found?.build !== this.#build) this.#asked += 1;
    if (found !== undefined && hasSameItems(found.parts, parts)) {
      found.build = this.#build;
      return found.value;
    }
    const made = make();
    const value = found === undefined ? made : share(found.value, made, this.#levels);
    this.#entries.set(key, { parts, value, build: this.#build });
    return value;
  }

  /** Ends a build: what it did not ask for is forgotten. */
  turn(): void {
    if (this.#asked < this.#entries.size)
      for (const [key, { build }] of this.#entries) if (build !== this.#build) this.#entries.delete(key);
    this.#build += 1;
    this.#asked = 0;
  }
}

/** One answer, kept as long as it would be made of the same parts; never shared, so it may be anything. */
export class KeptOne<V> {
  #entry: Pick<Entry<V>, "parts" | "value"> | null = null;

  /** @param make from the answer before; `null`: it is the first. */
  of(parts: readonly unknown[], make: (before: V | null) => V): V {
    const found = this.#entry;
    if (found !== null && hasSameItems(found.parts, parts)) return found.value;
    const value = make(found?.value ?? null);
    this.#entry = { parts, value };
    return value;
  }
}

/** The same things in the same order? */
export function hasSameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
