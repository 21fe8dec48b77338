/** A condition on one label; an absent label has the value `""`. */
export interface Matcher {
  readonly name: string;
  readonly op: "=" | "!=" | "=~" | "!~";
  readonly value: string;
  readonly matches: (value: string) => boolean;
}
