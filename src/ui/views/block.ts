/** Pages made of lines of different kinds: some of them can hold the cursor. */
import type { Content, Stop, Target } from "../state/content.ts";
import type { Line } from "../paint/span.ts";
import type { Subject } from "../state/uiState.ts";

export interface Row<About> {
  readonly line: Line;
  /** Where the cursor may stand: its key, and what the line is about. */
  readonly stop?: { readonly key: string; readonly about: About };
}

export interface Block<About> {
  readonly rows: readonly Row<About>[];
}

export interface BlockLinks<About> {
  readonly subject: (about: About | null) => Subject | null;
  readonly open: (about: About | null) => Target | string;
}

/** Blocks one below the other, a blank line between them. */
export function blockContent<About>(blocks: readonly Block<About>[], links: BlockLinks<About>): Content {
  const rows = blocks
    .filter((block) => block.rows.length > 0)
    .flatMap((block, index): readonly Row<About>[] =>
      index === 0 ? block.rows : [{ line: [] }, ...block.rows],
    );
  const stops: Stop[] = [];
  const abouts = new Map<string, About>();
  rows.forEach(({ stop }, line) => {
    if (stop === undefined) return;
    stops.push({ key: stop.key, line });
    abouts.set(stop.key, stop.about);
  });
  const aboutOf = (key: string | null): About | null => (key === null ? null : (abouts.get(key) ?? null));
  return {
    about: "",
    counts: null,
    remark: "",
    head: [],
    length: rows.length,
    line: (index) => rows[index]?.line ?? [],
    sideways: 0,
    cursor: "rows",
    stops,
    empty: [],
    subject: (key) => links.subject(aboutOf(key)),
    open: (key) => links.open(aboutOf(key)),
  };
}
