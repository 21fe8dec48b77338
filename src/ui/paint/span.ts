/** Meanings that a colour can carry; `theme.ts` gives each its colour, and its look without one. */
export type Tone =
  | "good"
  | "warn"
  | "bad"
  | "muted"
  | "accent"
  | "title"
  | "key"
  | "border"
  | "external"
  | "tcp"
  | "selected"
  | "changed";

/** A run of text in one style. Text is clean and single-line already. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
  readonly underline?: boolean;
  /** An address that the text leads to where the terminal has links: printable ASCII. */
  readonly link?: string;
}

/** One row of the screen. */
export type Line = readonly Span[];
