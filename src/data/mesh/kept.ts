import { share } from "./share.ts";
import type { Steps } from "./steps.ts";

interface Entry<V> {
  ground: readonly unknown[];
  /** `null`: the ground is all of it. */
  parts: readonly unknown[] | null;
  value: V;
  /** The build that asked for it last. */
  build: number;
}

interface Made<V> extends Pick<Entry<V>, "ground" | "parts"> {
  readonly make: () => V;
}

/** What becomes of an answer that is made anew, beside the one before it: the former as far as it says the same. */
export type Keeping<V> = (before: V, made: V) => V;

/** For plain JSON. @param levels how deep two answers are compared, as in `share`. */
export const keepingJson =
  <V>(levels: number): Keeping<V> =>
  (before, made) =>
    share(before, made, levels);

/** For lists, the items of which are kept already. */
export const keepingItems = <T extends readonly unknown[]>(before: T, made: T): T =>
  hasSameItems(before, made) ? before : made;

/**
 * Answers kept from one build to the next. An answer is reused as long as it would be made of the same parts, by identity; of one that is made anew, what says
 * the same as before is the same object. So what did not change keeps its identity, and nobody needs to look for what changed.
 */
export class Kept<K, V> {
  readonly #entries = new Map<K, Entry<V>>();
  readonly #keeping: Keeping<V>;
  #build = 0;
  #asked = 0;
  #stays = false;

  constructor(keeping: Keeping<V>) {
    this.#keeping = keeping;
  }

  /** @param parts everything that `make` looks at and that can be another one in another build. */
  of(key: K, parts: readonly unknown[], make: () => V): V {
    return this.#answer(key, parts, null, make);
  }

  /**
   * As `of`, where it costs something to tell the parts.
   *
   * @param ground what the parts follow from: while all of it is the same, they are not asked for.
   */
  over(key: K, ground: readonly unknown[], parts: () => readonly unknown[], make: () => V): V {
    return this.#answer(key, ground, parts, make);
  }

  /**
   * As `of`, where parts are many and seldom change.
   *
   * @param told the others.
   * @param stands are the many still those of the build before? Asked where `told` is the same, and this key was asked for in the build before.
   */
  while(key: K, told: readonly unknown[], stands: () => boolean, make: () => V): V {
    const found = this.#entries.get(key);
    if (found?.build !== this.#build) this.#asked += 1;
    if (found !== undefined && hasSameItems(found.ground, told) && stands()) {
      found.build = this.#build;
      return found.value;
    }
    return this.#make(key, found, { ground: told, parts: null, make });
  }

  #answer(key: K, ground: readonly unknown[], tell: (() => readonly unknown[]) | null, make: () => V): V {
    const found = this.#entries.get(key);
    if (found?.build !== this.#build) this.#asked += 1;
    if (found !== undefined) {
      found.build = this.#build;
      if (hasSameItems(found.ground, ground)) return found.value;
    }
    const parts = tell === null ? null : tell();
    if (found?.parts != null && parts !== null && hasSameItems(found.parts, parts)) {
      found.ground = ground;
      return found.value;
    }
    return this.#make(key, found, { ground, parts, make });
  }

  #make(key: K, found: Entry<V> | undefined, { ground, parts, make }: Made<V>): V {
    const made = make();
    if (found === undefined) {
      this.#entries.set(key, { ground, parts, value: made, build: this.#build });
      return made;
    }
    found.value = this.#keeping(found.value, made);
    found.ground = ground;
    found.parts = parts;
    found.build = this.#build;
    return found.value;
  }

  /** This build asks for what may have changed alone: nothing is forgotten at its end. */
  stay(): void {
    this.#stays = true;
  }

  /** Ends a build: what it did not ask for is forgotten. */
  turn(): void {
    if (!this.#stays && this.#asked < this.#entries.size)
      for (const [key, { build }] of this.#entries) if (build !== this.#build) this.#entries.delete(key);
    this.#build += 1;
    this.#asked = 0;
    this.#stays = false;
  }
}

/** One answer, kept as long as it would be made of the same parts; never shared, so it may be anything. */
export class KeptOne<V> {
  #entry: { readonly parts: readonly unknown[]; readonly value: V } | null = null;

  /** @param make from the answer before; `null`: it is the first. */
  of(parts: readonly unknown[], make: (before: V | null) => V): V {
    const found = this.#entry;
    if (found !== null && hasSameItems(found.parts, parts)) return found.value;
    const value = make(found?.value ?? null);
    this.#entry = { parts, value };
    return value;
  }

  /** As `of`, where making it takes a while. */
  *inSteps(parts: readonly unknown[], make: (before: V | null) => Steps<V>): Steps<V> {
    const found = this.#entry;
    if (found !== null && hasSameItems(found.parts, parts)) return found.value;
    const value = yield* make(found?.value ?? null);
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

/** The same things under the same names, in the same order? */
export function hasSameEntries<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): boolean {
  if (a.size !== b.size) return false;
  const others = b.entries();
  for (const [key, value] of a) {
    const other = others.next().value;
    if (other?.[0] !== key || other[1] !== value) return false;
  }
  return true;
}

/** Keys that came, went, or stand for something else. */
export function otherKeys<V>(before: ReadonlyMap<string, V>, now: ReadonlyMap<string, V>): Set<string> {
  const others = new Set<string>();
  if (before === now) return others;
  for (const [key, value] of now) if (before.get(key) !== value) others.add(key);
  for (const key of before.keys()) if (!now.has(key)) others.add(key);
  return others;
}
