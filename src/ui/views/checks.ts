import { alikeOf } from "../../data/mesh/checks/table.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import type { Finding } from "../../data/mesh/finding.ts";
import { checkTable } from "../columns/checks.ts";
import type { Subject } from "../state/uiState.ts";
import { objectSubject } from "./subjects.ts";
import { tableContent } from "./tableContent.ts";
import type { View } from "./view.ts";

const subjectOf = ({ object }: Finding): Subject => objectSubject(object);

export const checksView: View = {
  id: "checks",
  title: "checks",
  commands: ["checks", "check", "findings"],
  description: "configuration that cannot mean what it says",
  isRoot: true,
  render: (input) =>
    tableContent(
      {
        table: checkTable,
        empty: () => ({
          says: ["No finding: what could be read of the configuration is consistent."],
          kinds: [],
          needsMetrics: false,
        }),
        subject: subjectOf,
        detail: ({ code, message, advice, object, path }) => [
          message,
          ...(advice === undefined ? [] : [advice]),
          `${nameOf(object)}${path === "" ? "" : `  ${path}`}`,
          ...(alikeOf(code).length === 0 ? [] : [`${code} is ${alikeOf(code).join(", ")} elsewhere.`]),
        ],
        open: (finding) => ({ view: "describe", subject: subjectOf(finding) }),
      },
      input,
    ),
};
