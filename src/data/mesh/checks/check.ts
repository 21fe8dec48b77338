import type { KnownMesh } from "../build/knownMesh.ts";
import type { Finding } from "../finding.ts";
import type { Registry } from "../resolve/registry.ts";
import type { Covers, ListName } from "./coverage.ts";

export type { ListName };

/** What a check may look at. */
export interface CheckContext {
  readonly known: KnownMesh;
  readonly registry: Registry;
  readonly covers: Covers;
  /** Changes when `covers` answers anything else. */
  readonly readable: string;
}

/** A finding before its check adds code, severity and advice; a severity or an advice of its own goes before. */
export type Found = Pick<Finding, "object" | "path" | "message"> &
  Partial<Pick<Finding, "severity" | "advice">>;

/** One rule, as docs/checks.md describes it. */
export interface CheckText {
  readonly code: string;
  /** The worst that its findings have. */
  readonly severity: Finding["severity"];
  readonly title: string;
  /** What it means for requests, in Istio's terms. */
  readonly meaning: string;
  readonly advice: string;
  /** The same in Kiali (KIAnnnn) and `istioctl analyze` (ISTnnnn), as far as it matches. */
  readonly sources: { readonly kiali?: string; readonly istioctl?: string };
}

/** A rule about what is declared. */
export interface Check extends CheckText {
  /** Lists without which nothing can be said: while one of them cannot be read, the check is skipped. */
  readonly needs: readonly ListName[];
  /** Further lists that it looks at. Its findings are kept as long as none of these and of `needs` has changed. */
  readonly reads: readonly ListName[];
  readonly find: (context: CheckContext) => readonly Found[];
}
