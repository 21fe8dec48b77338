/** Which view shows which table: what can be sorted where. */
import type { ViewId } from "../state/uiState.ts";
import { breakerTable } from "./breakers.ts";
import { canaryTable } from "./canaries.ts";
import { checkTable } from "./checks.ts";
import { egressTable } from "./egress.ts";
import { journalColumns } from "./journal.ts";
import { mtlsTable } from "./mtls.ts";
import { policyTable } from "./policies.ts";
import { proxyColumns } from "./proxies.ts";
import { serviceTable } from "./services.ts";
import type { Column } from "./table.ts";

type Sortable = Pick<Column<never>, "id" | "title" | "letter">;

const tables: Readonly<Partial<Record<ViewId, readonly Sortable[]>>> = {
  services: serviceTable.columns,
  canaries: canaryTable.columns,
  mtls: mtlsTable.columns,
  policies: policyTable.columns,
  breakers: breakerTable.columns,
  proxies: proxyColumns,
  egress: egressTable.columns,
  checks: checkTable.columns,
  journal: journalColumns,
};

export interface SortKey {
  readonly letter: string;
  readonly column: string;
  readonly title: string;
}

/** Upper-case letters that sort a view, in the order of its columns. */
export function sortKeys(view: ViewId): readonly SortKey[] {
  return (tables[view] ?? []).flatMap(({ id, title, letter }) =>
    letter === undefined ? [] : [{ letter, column: id, title }],
  );
}

export const sortableViews = Object.keys(tables) as readonly ViewId[];
