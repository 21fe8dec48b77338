import { bindings, keyLabel } from "./keys.ts";
import { bindingGroups, isDialogPlace, type Binding, type DialogPlace } from "./state/binding.ts";

/** docs/keys.md: the table of bindings, one section for each group. */
export function keysPage(): string {
  const sections = bindingGroups.map((group) => {
    const rows = bindings.filter((binding) => binding.group === group).map(row);
    return [
      `## ${group}`,
      "",
      "| binding | keys | what they do | where |",
      "| --- | --- | --- | --- |",
      ...rows,
      "",
    ].join("\n");
  });
  return [
    "# Keys",
    "",
    "This page is made by `npm run docs` from `src/ui/keys.ts`; `?` shows the same table for one view.",
    "",
    ...sections,
  ].join("\n");
}

function row({ id, keys, views, description }: Binding): string {
  const shown = keys.map((key) => `\`${keyLabel(key)}\``).join(" ");
  return `| ${id} | ${shown} | ${description} | ${where(views)} |`;
}

const dialogs: Readonly<Record<DialogPlace, string>> = {
  prompt: "in a line being typed",
  weights: "in the editor of weights",
  mirror: "in the editor of a mirror",
  choice: "in a menu",
  question: "in the question before a write",
};

function where(views: Binding["views"]): string {
  if (views === "all") return "everywhere";
  return views.map((place) => (isDialogPlace(place) ? dialogs[place] : place)).join(", ");
}
