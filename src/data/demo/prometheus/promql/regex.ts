/** A piece of RE2 syntax and the same in JavaScript's unicode mode; the first that fits at a position is taken. */
type Rule = readonly [RegExp, (match: RegExpExecArray) => string];

class Unsupported extends Error {}
const unsupported = (what: string): never => {
  throw new Unsupported(what);
};

const POSIX: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t ",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

const literally = (text: string): string =>
  text.replace(/[\s\S]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

/** Escapes that mean the same inside and outside of a character class. */
const escapes: readonly Rule[] = [
  [/\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2}))/y, (match) => `\\u{${match[1] ?? match[2] ?? ""}}`],
  [/\\([pP])([A-Z])/y, ([, negation = "", name = ""]) => `\\${negation}{${name}}`],
  [/\\([pP])\{([A-Z][a-z]?)\}/y, ([, negation = "", name = ""]) => `\\${negation}{${name}}`],
  [/\\([pP])\{(\w+)\}/y, ([, negation = "", name = ""]) => `\\${negation}{Script=${name}}`],
  [/\\[dDwWtnrfv]/y, ([same]) => same],
  [/\\a/y, () => "\\x07"],
  [
    /\\0([0-7]{0,2})|\\([1-7][0-7]{1,2})/y,
    (match) => `\\u{${parseInt(`0${match[1] ?? match[2] ?? ""}`, 8).toString(16)}}`,
  ],
  [/\\([\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e])/y, ([, character = ""]) => literally(character)],
];

const outside: readonly Rule[] = [
  [/\./y, () => "[^\\n]"],
  [/\\s/y, () => "[\\t\\n\\f\\r ]"],
  [/\\S/y, () => "[^\\t\\n\\f\\r ]"],
  [/\\A/y, () => "^"],
  [/\\z/y, () => "$"],
  [/\\[bB]/y, ([same]) => same],
  [/\\Q([\s\S]*?)(?:\\E|$)/y, ([, text = ""]) => literally(text)],
  ...escapes,
  [/\(\?P?<(\w+)>/y, ([, name = ""]) => `(?<${name}>`],
  [/\(\?:/y, ([same]) => same],
  [/\(\?([a-zA-Z-]*)[:)]/y, ([whole]) => unsupported(`flags ${whole}`)],
  [/\(\?/y, () => unsupported("invalid or unsupported Perl syntax")],
  [/\{(\d+)(?:,(\d*))?\}\??/y, (match) => repeat(match)],
  [/[{}\]]/y, ([character]) => `\\${character}`],
  [/[()|*+?^$]/y, ([same]) => same],
  [/\\[\s\S]?/y, ([whole]) => unsupported(`invalid escape sequence ${whole}`)],
  [/[\s\S]/y, ([same]) => same],
];

const inside: readonly Rule[] = [
  [
    /\[:(\^?)(\w+):\]/y,
    ([whole, negation = "", name = ""]) =>
      (negation === "" ? POSIX[name] : undefined) ?? unsupported(`class ${whole}`),
  ],
  [/\\s/y, () => "\\t\\n\\f\\r "],
  [/(\\[dDwW])-(?!\])/y, ([, letter = ""]) => `${letter}\\-`],
  ...escapes,
  [/\\[\s\S]?/y, ([whole]) => unsupported(`invalid escape sequence ${whole}`)],
  [/\[/y, () => "\\["],
  [/[\s\S]/y, ([same]) => same],
];

/** RE2 refuses what would take a thousand copies; the engine here would not notice until it ran. */
const MOST_REPEATS = 1000;

function repeat(match: RegExpExecArray): string {
  if (Math.max(Number(match[1]), Number(match[2] ?? 0)) > MOST_REPEATS) unsupported("invalid repeat count");
  return match[0];
}

/**
 * A test for whether a whole label value matches an RE2 expression, as Prometheus anchors them: `^(?:...)$`, the dot not
 * matching a line break. Flags are known only at the very start (`(?i)`, `(?s)`).
 * @returns the compiled expression, or a sentence on why there is none: broken, or beyond what we translate.
 */
export function anchored(re2: string): RegExp | string {
  const flags = /^\(\?([is]+)\)/.exec(re2);
  const body = flags === null ? re2 : re2.slice(flags[0].length);
  const dotAll = flags?.[1]?.includes("s") ?? false;
  try {
    const translated = translate(body, dotAll);
    return new RegExp(`^(?:${translated})$`, flags?.[1]?.includes("i") === true ? "ui" : "u");
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^Invalid regular expression: .*: /s, "") : "";
    return `error parsing regexp: ${reason}: \`${re2}\``;
  }
}

function translate(re2: string, dotAll: boolean): string {
  let result = "";
  let position = 0;
  while (position < re2.length) {
    const open = at(/\[(\^?)(\]?)/y, re2, position);
    if (open === null) {
      const [text, end] = step(outside, re2, position);
      result += dotAll && re2[position] === "." ? "[^]" : text;
      position = end;
    } else {
      const [text, end] = translateClass(re2, position + open[0].length);
      result += `[${open[1] ?? ""}${open[2] === "]" ? "\\]" : ""}${text}]`;
      position = end;
    }
  }
  return result;
}

/** @param start just after the opening bracket. @returns the inside, and where the text goes on after the closing one. */
function translateClass(re2: string, start: number): readonly [string, number] {
  let result = "";
  let position = start;
  while (re2[position] !== "]") {
    if (position >= re2.length) unsupported("missing closing ]");
    const [text, end] = step(inside, re2, position);
    result += text;
    position = end;
  }
  return [result, position + 1];
}

function step(rules: readonly Rule[], re2: string, position: number): readonly [string, number] {
  for (const [pattern, write] of rules) {
    const match = at(pattern, re2, position);
    if (match !== null) return [write(match), position + match[0].length];
  }
  return unsupported(`character at ${position}`);
}

function at(sticky: RegExp, text: string, position: number): RegExpExecArray | null {
  sticky.lastIndex = position;
  return sticky.exec(text);
}
