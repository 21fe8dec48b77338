import type { Level } from "../../actions/guard.ts";
import { clean } from "../../data/mesh/clean.ts";
import type { Tone } from "../paint/span.ts";
import type { ContextRow } from "../state/contextEvent.ts";
import { nothing } from "./format.ts";
import type { Column } from "./table.ts";

const tones: Readonly<Record<Level, Tone>> = { "read-only": "good", protected: "warn", open: "warn" };

export const contextColumns: readonly Column<ContextRow>[] = [
  {
    ...{ id: "current", title: "", width: 1, align: "left" },
    cell: ({ isCurrent }) => (isCurrent ? "*" : " "),
    tone: () => "accent",
  },
  { ...{ id: "name", title: "CONTEXT", width: "fill", align: "left" }, cell: ({ name }) => clean(name) },
  {
    ...{ id: "level", title: "WRITING", width: 9, align: "left" },
    cell: ({ level }) => level,
    tone: ({ level }) => tones[level],
  },
  {
    ...{ id: "cluster", title: "CLUSTER", width: 28, least: 14, align: "left", drop: 1 },
    cell: ({ cluster }) => clean(cluster),
  },
  {
    ...{ id: "user", title: "USER", width: 24, least: 10, align: "left", drop: 2 },
    cell: ({ user }) => (user === "" ? nothing : clean(user)),
  },
  {
    ...{ id: "namespace", title: "NAMESPACE", width: 18, least: 9, align: "left", drop: 3 },
    cell: ({ namespace }) => (namespace === null ? nothing : clean(namespace)),
  },
];
