/** Signs of one cell, and what stands for them where the terminal has ASCII only. */
export interface Glyphs {
  readonly cursor: string;
  readonly up: string;
  readonly down: string;
  readonly right: string;
  readonly left: string;
  readonly rule: string;
  readonly vertical: string;
  readonly corner: string;
  /** Of a box; the others are `corner`. */
  readonly corners: { readonly topLeft: string; readonly topRight: string; readonly bottomRight: string };
  /** Where a line across a box meets its sides. */
  readonly joints: { readonly left: string; readonly right: string };
  readonly separator: string;
  readonly bolt: string;
  readonly lock: {
    readonly full: string;
    readonly partial: string;
    readonly none: string;
    readonly unknown: string;
  };
  readonly plusMinus: "±" | "+-";
  readonly ellipsis: string;
  readonly mirror: string;
  readonly bar: { readonly full: string; readonly empty: string; readonly parts: readonly string[] };
  readonly spark: readonly string[];
}

const unicode: Glyphs = {
  cursor: "▸",
  up: "↑",
  down: "↓",
  right: "→",
  left: "←",
  rule: "─",
  vertical: "│",
  corner: "└",
  corners: { topLeft: "┌", topRight: "┐", bottomRight: "┘" },
  joints: { left: "├", right: "┤" },
  separator: "·",
  bolt: "↯",
  lock: { full: "■", partial: "◧", none: "□", unknown: "·" },
  plusMinus: "±",
  ellipsis: "…",
  mirror: "⇉",
  bar: { full: "█", empty: "░", parts: ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] },
  spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
};

const ascii: Glyphs = {
  cursor: ">",
  up: "^",
  down: "v",
  right: "->",
  left: "<-",
  rule: "-",
  vertical: "|",
  corner: "`",
  corners: { topLeft: "+", topRight: "+", bottomRight: "'" },
  joints: { left: "+", right: "+" },
  separator: "-",
  bolt: "!",
  lock: { full: "L", partial: "P", none: "U", unknown: "." },
  plusMinus: "+-",
  ellipsis: "~",
  mirror: "=>",
  bar: { full: "#", empty: ".", parts: [""] },
  spark: ["_", ".", ":", "-", "=", "+", "*", "#"],
};

export function glyphsFor(terminal: { readonly unicode: boolean }): Glyphs {
  return terminal.unicode ? unicode : ascii;
}
