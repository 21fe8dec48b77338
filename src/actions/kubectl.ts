/** The command that does the same, for runbooks and for people who do not trust us. */
import { operationsOf, type Patch } from "./change.ts";
import { FIELD_MANAGER } from "./changes/authors.ts";
import { pluralOf } from "./paths.ts";

/** One line for a POSIX shell. */
export function kubectlFor(patch: Patch, context: string): string {
  const { group, version, namespace, name } = patch.ref;
  const resource = group === "" ? pluralOf(patch.ref) : `${pluralOf(patch.ref)}.${version}.${group}`;
  const place = [
    "kubectl",
    "--context",
    quoted(context),
    ...(namespace === null ? [] : ["-n", quoted(namespace)]),
  ];
  const manager = `--field-manager=${FIELD_MANAGER}`;
  switch (patch.do) {
    case "edit": {
      const part = patch.subresource === null ? [] : [`--subresource=${patch.subresource}`];
      const operations = quoted(JSON.stringify(operationsOf(patch)));
      return [
        ...place,
        "patch",
        resource,
        quoted(name),
        ...part,
        "--type=json",
        manager,
        "-p",
        operations,
      ].join(" ");
    }
    case "create":
      return `printf %s ${quoted(JSON.stringify(patch.manifest))} | ${[...place, "create", manager, "-f", "-"].join(" ")}`;
    case "delete":
      return [...place, "delete", resource, quoted(name)].join(" ");
  }
}

/** Bare where nothing in it means anything to a shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
