/** YAML that stands as text inside a field. */
import { parseDocument } from "yaml";
import { Field, Unreadable } from "./field.ts";

/** What the text holds; throws `Unreadable` where it is no YAML, or no text. */
export function readYaml(field: Field): Field {
  if (field.absent) return new Field(undefined, field.path);
  if (typeof field.value !== "string") throw field.wrong("a string");
  // Not field.text(): cleaning would take the line ends.
  const document = parseDocument(field.value, { logLevel: "silent", prettyErrors: false });
  const error = document.errors[0];
  if (error !== undefined) {
    const line = field.value.slice(0, error.pos[0]).split("\n").length;
    throw new Unreadable(
      field.path,
      `holds YAML that can't be parsed (line ${line}), so istiod ignores it whole`,
    );
  }
  return new Field(toPlain(document, field), field.path);
}

function toPlain(document: ReturnType<typeof parseDocument>, field: Field): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new Unreadable(field.path, "holds YAML with aliases that can't be resolved");
  }
}
