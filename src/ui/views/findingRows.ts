/** What is found about a service where it matters: under the rule, under the route, and the rest below them. */
import { findingsByService } from "../../data/mesh/checks/findingsOf.ts";
import { nameOf, type ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Finding } from "../../data/mesh/finding.ts";
import type { Route, Rule } from "../../data/mesh/model/route.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import { severityTones } from "../columns/checks.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { wrapped } from "../paint/wrap.ts";
import { objectKey } from "../state/uiState.ts";
import type { ViewInput } from "./view.ts";

/** Said on the line itself: a destination that is missing or empty, a rule that is never tried. */
const saidThere: ReadonlySet<string> = new Set(["MT0101", "MT0102", "MT0105", "MT0110"]);

const isOf = ({ object }: Finding, ref: ResourceRef): boolean => objectKey(object) === objectKey(ref);

/** The field of the rule in its object: Istio's kinds list rules by protocol, the Gateway API's have one list. */
function fieldOf({ ref, protocol, index }: Rule): string {
  return ref.group === "gateway.networking.k8s.io" ? `spec.rules[${index}]` : `spec.${protocol}[${index}]`;
}

const isAbout = (finding: Finding, rule: Rule): boolean =>
  isOf(finding, rule.ref) && finding.path.startsWith(fieldOf(rule));

const ofService = (service: Service, { mesh }: ViewInput): readonly Finding[] =>
  findingsByService(mesh).get(service.key) ?? [];

/** About one rule. */
export function ruleFindings(service: Service, rule: Rule, input: ViewInput): readonly Line[] {
  const found = ofService(service, input).filter((one) => isAbout(one, rule) && !saidThere.has(one.code));
  return linesOf(found, { input, indent: 7, isNamed: false });
}

/** About the object of a route, and none of its rules. */
export function routeFindings(service: Service, route: Route, input: ViewInput): readonly Line[] {
  const found = ofService(service, input).filter(
    (one) => isOf(one, route.ref) && !route.rules.some((rule) => isAbout(one, rule)),
  );
  return linesOf(found, { input, indent: 5, isNamed: false });
}

/** About its subsets, workloads, policies and canary. */
export function otherFindings(service: Service, input: ViewInput): readonly Line[] {
  const found = ofService(service, input).filter((one) => !service.routedBy.some((ref) => isOf(one, ref)));
  return linesOf(found, { input, indent: 3, isNamed: true });
}

interface Placed {
  readonly input: ViewInput;
  readonly indent: number;
  /** With the object's name. */
  readonly isNamed: boolean;
}

function linesOf(found: readonly Finding[], { input, indent, isNamed }: Placed): readonly Line[] {
  return found.flatMap(({ code, severity, message, object }) => {
    const head = `${code} ${severity}  `;
    const text = isNamed ? `${nameOf(object)}: ${message}` : message;
    const cells = Math.max(20, input.size.columns - indent - head.length - 1);
    return wrapped(text, cells).map((part, i): Line => [
      { text: " ".repeat(indent) },
      i === 0 ? span(head, severityTones[severity]) : { text: " ".repeat(head.length) },
      span(part),
    ]);
  });
}
