/** Proof that a question is on the screen: the terminal's own answer to something that was asked behind the frame with it. docs/adr/0012. */
import type { AppProps } from "./appProps.ts";
import type { CursorPlace } from "./cursorReports.ts";
import type { Painter } from "./paint/painter.ts";

/** A terminal that has answered nothing for so long after it was first asked is believed to answer never. */
const silentAfterMs = 10_000;
/** For so long a missing answer is nothing to speak of. */
const waitsAfterMs = 1000;
/** Then the frame is sent once more, for whoever looks at the terminal by now; each time after twice as long. */
const againAfterMs = 5000;
/** For so long the way out waits for answers that the shell would get otherwise. */
const leavesAfterMs = 300;

/** Within the smallest screen, and not in row 1 (see `cursorReports.ts`): so many asks can be told apart. */
const places = { rows: 8, columns: 40 };

/** What waits for a frame to be seen. */
interface Guarded {
  readonly seen: () => void;
  /** It takes long. */
  readonly waits: () => void;
}

export interface Fence {
  /** Asks behind the newest frame, for nothing but to learn whether the terminal answers. */
  readonly probe: () => void;
  /** From now on only this waits; it is asked behind the newest frame. `null`: nothing does. */
  readonly guard: (guarded: Guarded | null) => void;
  readonly answered: (place: CursorPlace) => void;
  /** An answer is on its way, as far as one can know. */
  readonly isExpected: () => boolean;
  /** Resolves when none is, or it took too long. */
  readonly settled: () => Promise<void>;
}

interface Around {
  readonly painter: Pick<Painter, "behind" | "again">;
  readonly clock: Pick<AppProps["clock"], "every">;
  readonly pause: (ms: number) => Promise<unknown>;
}

interface Guard extends Guarded {
  isTaken: boolean;
}

export function createFence({ painter, clock, pause }: Around): Fence {
  /** Whether the terminal does; `null`: nobody knows yet. */
  let answers: boolean | null = null;
  const asks = createAsks();
  const post = createPost(clock);

  async function ask(of: Guard | null): Promise<void> {
    await painter.behind(`\u001b[${asks.next(of)}H\u001b[6n`);
    if (of !== null) of.isTaken = true;
    if (answers === false) post.pass(of);
  }

  function believe(): void {
    answers ??= false;
    if (!answers) post.passTaken();
  }

  const isExpected = (): boolean => answers !== false && asks.isOpen();
  return {
    isExpected,
    probe: () => void ask(null).then(() => once(clock, silentAfterMs, believe)),
    guard: (guarded) => {
      const guard = guarded === null ? null : { ...guarded, isTaken: false };
      post.set(guard, () => {
        painter.again();
        void ask(guard);
      });
      if (guard !== null) void ask(guard);
    },
    answered: (place) => {
      const of = asks.answered(place);
      if (of === undefined) return;
      answers = true;
      post.pass(of);
    },
    settled: async () => {
      if (isExpected()) await Promise.race([asks.settled(), pause(leavesAfterMs)]);
    },
  };
}

interface Post {
  /** `again`: it has waited for long. */
  readonly set: (guard: Guard | null, again: () => void) => void;
  /** It is seen; nothing happens where it does not wait any more. */
  readonly pass: (guard: Guard | null) => void;
  /** The same for the one that waits, where its frame was taken. */
  readonly passTaken: () => void;
}

/** The one that waits. */
function createPost(clock: Around["clock"]): Post {
  let now: Guard | null = null;
  let stop = (): void => undefined;
  function pass(guard: Guard | null): void {
    if (guard === null || guard !== now) return;
    stop();
    now = null;
    guard.seen();
  }
  return {
    set: (guard, again) => {
      stop();
      now = guard;
      stop = guard === null ? () => undefined : waiting(clock, guard.waits, again);
    },
    pass,
    passTaken: () => {
      if (now?.isTaken === true) pass(now);
    },
  };
}

interface Asks {
  /** The cursor's place that a new ask is known by. */
  readonly next: (of: Guard | null) => CursorPlace;
  /** What was asked there; undefined: nothing that is open. */
  readonly answered: (place: CursorPlace) => Guard | null | undefined;
  readonly isOpen: () => boolean;
  readonly settled: () => Promise<void>;
}

/** What was asked and not answered, the oldest first; each at a place of its own. */
function createAsks(): Asks {
  let count = 0;
  const open = new Map<CursorPlace, Guard | null>();
  const settling: (() => void)[] = [];
  return {
    next: (of) => {
      const [row, column] = [count % places.rows, Math.floor(count / places.rows) % places.columns];
      const place = `${2 + row};${1 + column}`;
      count += 1;
      open.delete(place);
      open.set(place, of);
      return place;
    },
    answered: (place) => {
      const of = open.get(place);
      if (of === undefined) return undefined;
      // Terminals answer in order: what was asked before this and is open is lost.
      for (const [older] of [...open]) {
        open.delete(older);
        if (older === place) break;
      }
      if (open.size === 0) for (const tell of settling.splice(0)) tell();
      return of;
    },
    isOpen: () => open.size > 0,
    settled: () => new Promise((tell) => settling.push(tell)),
  };
}

/** Calls `waits` after a moment, and `again` after a while and then less and less often, until it is stopped. */
function waiting(clock: Around["clock"], waits: () => void, again: () => void): () => void {
  let stop = once(clock, waitsAfterMs, () => {
    waits();
    repeat(againAfterMs);
  });
  function repeat(after: number): void {
    stop = once(clock, after, () => {
      again();
      repeat(2 * after);
    });
  }
  return () => stop();
}

function once(clock: Around["clock"], ms: number, act: () => void): () => void {
  const stop = clock.every(ms, () => {
    stop();
    act();
  });
  return stop;
}
