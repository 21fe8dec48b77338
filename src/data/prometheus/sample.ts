/** One element of an instant vector: labels and value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** NaN and infinities are kept as they are. */
  readonly value: number;
}
