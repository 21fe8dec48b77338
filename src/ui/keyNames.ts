import type { Key } from "ink";

/** Keys that Ink reports by a flag. */
const flags: readonly (readonly [flag: keyof Key, name: string])[] = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageUp", "pgup"],
  ["pageDown", "pgdn"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "esc"],
  ["backspace", "backspace"],
  ["delete", "delete"],
];

const controls: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\u0008": "backspace",
  "\u007f": "backspace",
  "\u001b": "esc",
};

/**
 * The keys in one event of Ink, in order. Over a slow line what was typed arrives as one chunk (`jjj`, `:svc\r`), and every key in it
 * counts: so does an escape that arrived together with the next key, which looks like alt. Names are the character itself, or `up`,
 * `pgdn`, `enter`, `esc`, `tab`, `backtab`, `ctrl-f`, `shift-left`. Function keys give nothing.
 */
export function keyNames(input: string, key: Key): readonly string[] {
  if (key.eventType === "release") return [];
  if (key.tab) return [key.shift ? "backtab" : "tab"];
  const flag = flags.find(([name]) => key[name] === true);
  if (flag !== undefined) return [key.shift && flag[0].endsWith("Arrow") ? `shift-${flag[1]}` : flag[1]];
  if (key.ctrl) return input === "" ? [] : [`ctrl-${input.toLowerCase()}`];
  if (key.meta) return input === "" ? [] : ["esc", ...Array.from(input).flatMap(nameOf)];
  return Array.from(input).flatMap(nameOf);
}

function nameOf(character: string): readonly string[] {
  const known = controls[character];
  if (known !== undefined) return [known];
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20) return code >= 0x80 && code < 0xa0 ? [] : [character];
  return code <= 26 && code > 0 ? [`ctrl-${String.fromCharCode(code + 96)}`] : [];
}
