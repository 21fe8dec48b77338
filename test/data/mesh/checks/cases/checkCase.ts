import type { Declared } from "../../../../../src/data/mesh/declared/declared.ts";
import type { Finding } from "../../../../../src/data/mesh/finding.ts";
import { shopOf } from "../../../../support/builtMesh.ts";

/** What a check says of a fault, and that it says nothing of the same objects without it. */
export interface CheckCase {
  /** The fault, as the middle of a sentence. */
  readonly fault: string;
  readonly code: string;
  /** `Kind namespace/name path`. */
  readonly at: string;
  /** Where it is not the worst that the check has. */
  readonly severity?: Finding["severity"];
  readonly faulty: Declared;
  /** Has no finding at all. */
  readonly mended: Declared;
}

/** The same shop twice: once with the fault, once without. */
export const inShop = (faulty: Partial<Declared>, mended: Partial<Declared>) => ({
  faulty: shopOf(faulty),
  mended: shopOf(mended),
});
