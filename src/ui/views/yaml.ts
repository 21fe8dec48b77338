import { stringify } from "yaml";
import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import { explain } from "../../data/mesh/result.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { objectKey, type LoadedObject } from "../state/uiState.ts";
import { textContent } from "./textContent.ts";
import type { View } from "./view.ts";

/** The object as the server holds it, without the bookkeeping of field managers. */
export const yamlView: View = {
  id: "yaml",
  title: "yaml",
  commands: ["yaml"],
  description: "the selected object as the server holds it",
  isRoot: false,
  render: (input) => {
    const ref = input.page.subject?.ref ?? null;
    const loaded = ref === null ? undefined : input.objects[objectKey(ref)];
    const content = textContent(yamlLines(loaded), input);
    const name = ref === null ? "" : nameOf(ref);
    return { ...content, about: name, empty: [whyEmpty(loaded, name)] };
  },
};

function whyEmpty(loaded: LoadedObject | undefined, name: string): string {
  if (loaded === undefined) return "Nothing is selected.";
  if (loaded.is === "loading") return `Reading ${name}.`;
  return loaded.result.ok ? `${name} is empty.` : `${explain(loaded.result.error)} ctrl-r asks again.`;
}

function yamlLines(loaded: LoadedObject | undefined): readonly Line[] {
  if (loaded?.is !== "read" || !loaded.result.ok) return [];
  const text = stringify(withoutManagedFields(loaded.result.value), {
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
  return text
    .trimEnd()
    .split("\n")
    .map((line) => colored(clean(line)));
}

function withoutManagedFields(value: unknown): unknown {
  if (!isRecord(value) || !isRecord(value["metadata"])) return value ?? {};
  const metadata = Object.entries(value["metadata"]).filter(([key]) => key !== "managedFields");
  return { ...value, metadata: Object.fromEntries(metadata) };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `key:` in one tone, the rest as it is. */
function colored(line: string): Line {
  const [, indent = "", key] = /^([\s-]*)([^\s:'"#][^:]*:)(?=\s|$)/.exec(line) ?? [];
  if (key === undefined) return [span(line)];
  return [span(indent), span(key, "accent"), span(line.slice(indent.length + key.length))];
}
