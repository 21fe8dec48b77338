/** Numbers as people type them after a sign of comparison. */

/** What a field counts in. */
export type Quantity = "rate" | "percent" | "duration" | "bytes" | "count";

interface Reading {
  /** Factor of each unit that may stand behind the number; "" is the plain number. */
  readonly units: Readonly<Record<string, number>>;
  readonly example: string;
}

const thousands = { k: 1e3, m: 1e6, g: 1e9 };

const readings: Readonly<Record<Quantity, Reading>> = {
  rate: { units: { "": 1, "/s": 1, "k/s": 1e3, "m/s": 1e6, ...thousands }, example: "10" },
  percent: { units: { "": 1, "%": 1 }, example: "5 %" },
  duration: { units: { "": 1, ms: 1, s: 1e3, min: 60e3 }, example: "200ms" },
  bytes: {
    units: { "": 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, "b/s": 1, "kb/s": 1e3, "mb/s": 1e6, ...thousands },
    example: "10kB",
  },
  count: { units: { "": 1 }, example: "90" },
};

/** Requests a second, percent, milliseconds, or bytes a second; `null`: it is no such number. */
export function quantityOf(text: string, kind: Quantity): number | null {
  const match = /^(-?\d+(?:\.\d+)?)\s*([a-z%/]*)$/i.exec(text.trim());
  if (match?.[1] === undefined) return null;
  const factor = readings[kind].units[(match[2] ?? "").toLowerCase()];
  return factor === undefined ? null : Number(match[1]) * factor;
}

/** A number that this kind takes, for sentences. */
export const exampleOf = (kind: Quantity): string => readings[kind].example;
