/** What goes by one name, told apart by another one: nearly always a single thing, which stands here itself and not in a list or a Map of one. */
export class Namesakes<V> {
  readonly #other: string;
  readonly #value: V;
  #more: Map<string, V> | null = null;

  constructor(other: string, value: V) {
    this.#other = other;
    this.#value = value;
  }

  get(other: string): V | undefined {
    return other === this.#other ? this.#value : this.#more?.get(other);
  }

  /** Adds one that is not there yet. */
  add(other: string, value: V): void {
    (this.#more ??= new Map<string, V>()).set(other, value);
  }
}
