import type { Check, CheckText } from "./check.ts";
import { plaintextUnderStrict } from "./plaintextCallers.ts";
import {
  ambiguousPort,
  missingMirror,
  missingSubset,
  noEndpoints,
  portOfNobody,
  unknownHost,
} from "./routeDestinations.ts";
import { ignoredWeight, sameTwice, zeroSum } from "./routeWeights.ts";

/** Every check of what is declared, in the order of their codes. */
export const checks: readonly Check[] = [
  missingSubset,
  noEndpoints,
  zeroSum,
  ignoredWeight,
  unknownHost,
  sameTwice,
  missingMirror,
  portOfNobody,
  ambiguousPort,
];

/** The one that parsers find (src/data/kubernetes/parse/raw.ts). */
const unreadable: CheckText = {
  code: "MT0001",
  severity: "error",
  title: "object that cannot be read",
  meaning:
    "A field has another type than its kind allows. istiod skips an object that it cannot convert; so does this program, and what the object would say is missing everywhere else.",
  advice: "Correct the field that the message names.",
  sources: { istioctl: "IST0106" },
};

/** All that a code can stand for, for docs/checks.md: also what parsers and traffic find. */
export const described: readonly CheckText[] = [unreadable, ...checks, plaintextUnderStrict].toSorted(
  (a, b) => (a.code < b.code ? -1 : 1),
);
