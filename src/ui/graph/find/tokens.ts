/** Words of an expression such as `rate > 10 and not name ~ cat`. */

export type Comparison = "=" | "!=" | "~" | "!~" | ">" | ">=" | "<" | "<=";

export type Token =
  | { readonly is: "word"; readonly text: string }
  /** In quotes: never a field, a flag or `and`. */
  | { readonly is: "quoted"; readonly text: string }
  | { readonly is: "comparison"; readonly sign: Comparison }
  | { readonly is: "open" }
  | { readonly is: "close" };

const signs: Readonly<Record<string, Comparison>> = {
  "=": "=",
  "==": "=",
  "!=": "!=",
  "~": "~",
  "=~": "~",
  "!~": "!~",
  ">": ">",
  ">=": ">=",
  "<": "<",
  "<=": "<=",
};

const pattern = /"([^"]*)("?)|(=~|==|!=|!~|>=|<=|[=~<>])|([()])|((?:[^\s"=~<>()!]|!(?![=~]))+)/g;

/** The words of a text; everything that is no sign is part of one. A quote that nobody closes ends with the text. */
export function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(pattern)].map((match): Token => {
    const [, quoted, , sign, bracket, word = ""] = match;
    if (quoted !== undefined) return { is: "quoted", text: quoted };
    if (sign !== undefined) return { is: "comparison", sign: signs[sign] ?? "=" };
    if (bracket !== undefined) return { is: bracket === "(" ? "open" : "close" };
    return { is: "word", text: word };
  });
}

/** As it was typed, for sentences. */
export function tokenText(token: Token): string {
  switch (token.is) {
    case "word":
      return token.text;
    case "quoted":
      return `"${token.text}"`;
    case "comparison":
      return token.sign;
    case "open":
      return "(";
    case "close":
      return ")";
  }
}
