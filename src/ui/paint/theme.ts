/** The only file that names colours. Everything else says what a thing means (`Tone`). */
import type { ColorDepth, TerminalTraits } from "../appProps.ts";
import { toAscii } from "./width.ts";
import type { Span, Tone } from "./span.ts";

type Rgb = readonly [red: number, green: number, blue: number];

interface Look {
  readonly rgb?: Rgb;
  readonly indexed?: number;
  readonly basic?: number;
  /** SGR attributes that go with every depth, so that the meaning survives without colours. */
  readonly attributes?: readonly number[];
  /** Attributes where there is no colour at all. */
  readonly colorless?: readonly number[];
}

const bold = 1;
const dim = 2;
const underline = 4;
const inverse = 7;

/** Colours of middle lightness: at least 3:1 against black and against white, because the background is not ours to know. */
export const looks: Readonly<Record<Tone, Look>> = {
  good: { rgb: [42, 157, 78], indexed: 28, basic: 32 },
  warn: { rgb: [184, 134, 11], indexed: 136, basic: 33, colorless: [bold] },
  bad: { rgb: [229, 72, 62], indexed: 196, basic: 31, attributes: [bold], colorless: [underline] },
  muted: { rgb: [128, 128, 128], indexed: 244, attributes: [], basic: 90, colorless: [dim] },
  accent: { rgb: [42, 136, 216], indexed: 32, basic: 36, colorless: [bold] },
  title: { attributes: [bold] },
  key: { rgb: [42, 136, 216], indexed: 32, basic: 36, attributes: [bold] },
  border: { rgb: [128, 128, 128], indexed: 244, basic: 90, colorless: [dim] },
  external: { rgb: [163, 105, 214], indexed: 134, basic: 35 },
  tcp: { rgb: [23, 146, 153], indexed: 30, basic: 36 },
  selected: { attributes: [inverse] },
  changed: { rgb: [184, 134, 11], indexed: 136, basic: 33, attributes: [underline] },
};

export interface Theme {
  /** SGR parameters of a span, "" for plain text. */
  readonly sgr: (span: Span) => string;
  /** What the terminal can show of a text, in the same number of cells. */
  readonly text: (text: string) => string;
  /** `false`: the terminal has no links. */
  readonly links: boolean;
}

/** Looks for one terminal; depth `none` is NO_COLOR: bold, underline, dim and inverse only. */
export function themeFor(terminal: TerminalTraits): Theme {
  const tones = new Map<Tone, string>();
  for (const [tone, look] of Object.entries(looks) as [Tone, Look][])
    tones.set(tone, toneCodes(look, terminal.color).join(";"));
  return {
    sgr: (part) => {
      const tone = part.tone === undefined ? "" : (tones.get(part.tone) ?? "");
      return [tone, ...attributesOf(part)].filter((code) => code !== "").join(";");
    },
    links: terminal.links === true,
    text: terminal.unicode ? (text) => text : toAscii,
  };
}

function toneCodes(look: Look, depth: ColorDepth): readonly number[] {
  const attributes = look.attributes ?? [];
  if (depth === "none") return [...attributes, ...(look.colorless ?? [])];
  return [...attributes, ...colorCodes(look, depth)];
}

function colorCodes(look: Look, depth: ColorDepth): readonly number[] {
  if (depth === "truecolor" && look.rgb !== undefined && !isGrey(look)) return [38, 2, ...look.rgb];
  if (depth !== "16" && look.indexed !== undefined) return [38, 5, look.indexed];
  return look.basic === undefined ? [] : [look.basic];
}

/** Grey 244 of 256 is exactly this one (8 + 10 for each step from 232 on), in half the bytes. */
function isGrey({ rgb, indexed }: Look): boolean {
  return indexed === 244 && rgb?.every((part) => part === 128) === true;
}

function attributesOf(part: Span): readonly (number | string)[] {
  return [
    part.bold === true ? bold : "",
    part.dim === true ? dim : "",
    part.underline === true ? underline : "",
    part.inverse === true ? inverse : "",
  ];
}
