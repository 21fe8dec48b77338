/** Every view, in the order of tab. A new one is a line here. */
import type { ViewId } from "../state/uiState.ts";
import { breakerView } from "./breaker.ts";
import { breakersView } from "./breakers.ts";
import { canariesView } from "./canaries.ts";
import { checksView } from "./checks.ts";
import { contextsView } from "./contexts.ts";
import { describeView } from "./describe.ts";
import { egressView } from "./egress.ts";
import { entryView } from "./entry.ts";
import { graphView } from "./graph.ts";
import { helpView } from "./help.ts";
import { journalView } from "./journal.ts";
import { logsView } from "./logs.ts";
import { mtlsView } from "./mtls.ts";
import { proxyView } from "./proxy.ts";
import { policiesView } from "./policies.ts";
import { proxiesView } from "./proxies.ts";
import { servicesView } from "./services.ts";
import { notesView } from "./notes.ts";
import { sourcesView } from "./sources.ts";
import { strictView } from "./strict.ts";
import { tracesView } from "./traces.ts";
import { trafficView } from "./traffic.ts";
import type { View } from "./view.ts";
import { yamlView } from "./yaml.ts";

export const views: readonly View[] = [
  servicesView,
  graphView,
  trafficView,
  canariesView,
  mtlsView,
  policiesView,
  breakersView,
  proxiesView,
  egressView,
  checksView,
  journalView,
  notesView,
  sourcesView,
  describeView,
  yamlView,
  breakerView,
  proxyView,
  entryView,
  logsView,
  strictView,
  tracesView,
  contextsView,
  helpView,
];

export const rootViews: readonly ViewId[] = views.filter(({ isRoot }) => isRoot).map(({ id }) => id);

export function viewOf(id: ViewId): View {
  return views.find((view) => view.id === id) ?? servicesView;
}
