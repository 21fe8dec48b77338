import type { CheckCase } from "./checkCase.ts";
import { destinationRuleCases } from "./destinationRules.ts";
import { edgeCases } from "./edges.ts";
import { mtlsCases } from "./mtls.ts";
import { routeCases } from "./routes.ts";
import { virtualServiceCases } from "./virtualServices.ts";
import { workloadCases } from "./workloads.ts";

export const everyCase: readonly CheckCase[] = [
  ...routeCases,
  ...virtualServiceCases,
  ...destinationRuleCases,
  ...mtlsCases,
  ...edgeCases,
  ...workloadCases,
];
