/** The difference of two texts, line by line. */

export interface LineEdit {
  readonly is: "same" | "removed" | "added";
  readonly text: string;
}

/** Removed and added lines that are worth looking for the shortest way: beyond it the two texts have little in common. */
const most = 500;

/**
 * The shortest list of removed and added lines that makes `after` of `before` (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986);
 * of lines that follow each other, those removed come first. What is common at both ends costs one look at each line; texts further apart than
 * `most` lines are replaced whole between them.
 */
export function diffLines(before: readonly string[], after: readonly string[]): readonly LineEdit[] {
  const { head, tail } = commonEnds(before, after, (a, b) => a === b);
  const same = (text: string): LineEdit => ({ is: "same", text });
  return [
    ...before.slice(0, head).map(same),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

/** How many items two lists have in common at their beginnings, and how many of the others at their ends. */
export function commonEnds<Item>(
  before: readonly Item[],
  after: readonly Item[],
  isSame: (a: Item | undefined, b: Item | undefined) => boolean,
): { readonly head: number; readonly tail: number } {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && isSame(before[head], after[head])) head += 1;
  let tail = 0;
  while (tail < shorter - head && isSame(before.at(-1 - tail), after.at(-1 - tail))) tail += 1;
  return { head, tail };
}

function middle(before: readonly string[], after: readonly string[]): readonly LineEdit[] {
  const rounds = furthest(before, after);
  if (rounds === null)
    return [
      ...before.map((text): LineEdit => ({ is: "removed", text })),
      ...after.map((text): LineEdit => ({ is: "added", text })),
    ];
  return removedFirst(traced(before, after, rounds));
}

/**
 * How many lines of `before` each diagonal k (lines of `before` less lines of `after`) gets through with 0, 1, 2... edits, each round as it was when it
 * began; entry `k + edits` of round `edits`. `null`: more than `most`.
 */
function furthest(before: readonly string[], after: readonly string[]): readonly Int32Array[] | null {
  const rounds: Int32Array[] = [];
  let last = new Int32Array(3);
  for (let edits = 0; edits <= Math.min(most, before.length + after.length); edits += 1) {
    rounds.push(last);
    const next = new Int32Array(2 * edits + 5);
    for (let k = -edits; k <= edits; k += 2) {
      let x = from(last, edits, k).x;
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x += 1;
      next[k + edits + 2] = x;
      if (x >= before.length && x - k >= after.length) return rounds;
    }
    last = next;
  }
  return null;
}

/** Where diagonal k begins in a round: below the diagonal above it (a line is added), or right of the one below it (a line is removed). */
function from(last: Int32Array, edits: number, k: number): { readonly x: number; readonly down: boolean } {
  const [left = 0, right = 0] = [last[k + edits], last[k + edits + 2]];
  const down = k === -edits || (k !== edits && left < right);
  return { x: down ? right : left + 1, down };
}

/** The way back from both ends to both beginnings. */
function traced(
  before: readonly string[],
  after: readonly string[],
  rounds: readonly Int32Array[],
): readonly LineEdit[] {
  const edits: LineEdit[] = [];
  let [x, y] = [before.length, after.length];
  for (const [round, last] of [...rounds.entries()].reverse()) {
    const begin = from(last, round, x - y);
    const start = round === 0 ? 0 : begin.x;
    for (; x > start; x -= 1, y -= 1) edits.push({ is: "same", text: before[x - 1] ?? "" });
    if (round === 0) break;
    if (begin.down) edits.push({ is: "added", text: after[(y -= 1)] ?? "" });
    else edits.push({ is: "removed", text: before[(x -= 1)] ?? "" });
  }
  return edits.reverse();
}

/** Between two common lines the order of removing and adding is free. */
function removedFirst(edits: readonly LineEdit[]): readonly LineEdit[] {
  const ordered: LineEdit[] = [];
  let added: LineEdit[] = [];
  for (const edit of edits) {
    if (edit.is === "added") {
      added.push(edit);
      continue;
    }
    if (edit.is === "same") {
      ordered.push(...added);
      added = [];
    }
    ordered.push(edit);
  }
  return [...ordered, ...added];
}
