/** What a terminal can show, from its environment: pure, so that every odd one can be a test. */
import type { ColorDepth, TerminalTraits } from "./appProps.ts";

type Environment = Readonly<Record<string, string | undefined>>;

function colorDepth(environment: Environment): ColorDepth {
  const { NO_COLOR: noColor, COLORTERM: colorTerm, TERM: term } = environment;
  if (noColor !== undefined && noColor !== "") return "none";
  if (term === undefined || term === "dumb") return "none";
  if (colorTerm === "truecolor" || colorTerm === "24bit") return "truecolor";
  return /256color|kitty|ghostty|alacritty/.test(term) ? "256" : "16";
}

/** POSIX order: LC_ALL, then LC_CTYPE, then LANG; the first one set decides. */
function speaksUtf8(environment: Environment): boolean {
  const locale = [environment["LC_ALL"], environment["LC_CTYPE"], environment["LANG"]].find(
    (value) => value !== undefined && value !== "",
  );
  return locale !== undefined && /utf-?8/i.test(locale);
}

/** Terminals that show OSC 8, or ignore what they don't know; VTE before 0.50 did neither. */
function hasLinks({ TERM: term = "", VTE_VERSION: vte }: Environment): boolean {
  if (vte !== undefined && Number(vte) < 5000) return false;
  return /^(xterm|tmux|alacritty|foot|wezterm|ghostty|contour)/.test(term);
}

/** `ascii` and `noColor` are the user's word, and win. */
export function terminalTraits(
  environment: Environment,
  wish: { readonly ascii: boolean; readonly noColor: boolean },
): TerminalTraits {
  return {
    color: wish.noColor ? "none" : colorDepth(environment),
    links: hasLinks(environment),
    unicode: !wish.ascii && speaksUtf8(environment) && environment["TERM"] !== "linux",
  };
}

interface Terminal {
  readonly stdin: { readonly isTTY?: boolean };
  readonly stdout: { readonly isTTY?: boolean };
  readonly env: Environment;
}

/** Why no dashboard can be drawn here, with what works instead; `null` when one can. */
export function terminalProblem({ stdin, stdout, env }: Terminal): string | null {
  if (stdin.isTTY !== true || stdout.isTTY !== true) {
    return "the dashboard needs a terminal; `meshtop get services` prints without one.";
  }
  return env["TERM"] === "dumb"
    ? "the dashboard cannot draw on TERM=dumb; `meshtop get services` prints there."
    : null;
}
