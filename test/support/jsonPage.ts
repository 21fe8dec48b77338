/** The tables of docs/json.md, and what they say against a document that the program printed. */
import { readFileSync } from "node:fs";

interface Field {
  /** Alternatives: `string`, `null`, `list of weight`, the name of another table. */
  readonly types: readonly string[];
  readonly mayBeAbsent: boolean;
}

type Table = ReadonlyMap<string, Field>;

export interface JsonPage {
  /** What a document has that its table does not say, or the other way round; empty where they agree. */
  readonly disagreements: (table: string, document: unknown) => readonly string[];
  /** What no document so far has shown, of these tables and those that they name: `plan.cuts: list of cut`. */
  readonly unseen: (...tables: readonly string[]) => readonly string[];
}

const plain: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  any: () => true,
};

function tablesIn(text: string): ReadonlyMap<string, Table> {
  const sections = text.split(/^### /m).slice(1);
  return new Map(
    sections.map((section) => {
      const name = /^\S+/.exec(section)?.[0] ?? "";
      const rows = section.matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]*)\|$/gm);
      const fields = [...rows].map(([, field = "", types = "", meaning = ""]) => [
        field,
        { types: types.trim().split(", "), mayBeAbsent: meaning.includes("may be absent") },
      ]);
      return [name, new Map(fields as [string, Field][])];
    }),
  );
}

export function readJsonPage(): JsonPage {
  const tables = tablesIn(readFileSync(new URL("../../docs/json.md", import.meta.url), "utf8"));
  const seen = new Set<string>();

  const tableOf = (name: string): Table => {
    const table = tables.get(name);
    if (table === undefined || table.size === 0) throw new Error(`docs/json.md has no table ${name}`);
    return table;
  };

  /** `null`: the value is not of this type; else what is wrong within it. */
  function within(type: string, value: unknown, path: string): readonly string[] | null {
    const check = plain[type];
    if (check !== undefined) return check(value) ? [] : null;
    const item = /^list of (\w+)$/.exec(type)?.[1];
    if (item !== undefined) {
      if (!Array.isArray(value)) return null;
      return value.flatMap(
        (one, at) => within(item, one, `${path}[${at}]`) ?? [`${path}[${at}] is no ${item}`],
      );
    }
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? compare(type, value as Record<string, unknown>, path) : null;
  }

  function compare(
    name: string,
    document: Readonly<Record<string, unknown>>,
    path: string,
  ): readonly string[] {
    const table = tableOf(name);
    const unknown = Object.keys(document).filter((field) => !table.has(field));
    const wrong = [...table].flatMap(([field, { types, mayBeAbsent }]) => {
      if (!Object.hasOwn(document, field)) return mayBeAbsent ? [] : [`${path}.${field} is absent`];
      const value = document[field];
      for (const type of types) {
        const found = within(type, value, `${path}.${field}`);
        if (found === null) continue;
        if (!Array.isArray(value) || value.length > 0) seen.add(`${name}.${field}: ${type}`);
        return found;
      }
      return [`${path}.${field} is no ${types.join(", ")}`];
    });
    return [...unknown.map((field) => `${path}.${field} is not in table ${name}`), ...wrong];
  }

  function named(name: string, known: Set<string>): ReadonlySet<string> {
    if (plain[name] !== undefined || known.has(name)) return known;
    known.add(name);
    for (const { types } of tableOf(name).values())
      for (const type of types) named(type.replace("list of ", ""), known);
    return known;
  }

  return {
    disagreements: (table, document) => within(table, document, table) ?? [`this is no ${table}`],
    unseen: (...roots) => {
      const all = roots.reduce<Set<string>>((known, root) => new Set(named(root, known)), new Set());
      return [...all].flatMap((name) =>
        [...tableOf(name)].flatMap(([field, { types }]) =>
          types.map((type) => `${name}.${field}: ${type}`).filter((line) => !seen.has(line)),
        ),
      );
    },
  };
}
