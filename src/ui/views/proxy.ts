import { arrivedServices, type ArrivedService } from "../../data/mesh/proxies/arrivedRoutes.ts";
import { reachedLimits, type EnvoyCluster } from "../../data/mesh/proxies/envoyClusters.ts";
import type { EnvoyVirtualHost } from "../../data/mesh/proxies/envoyRoutes.ts";
import type { ProxyLook } from "../../data/mesh/proxies/proxyLook.ts";
import { worstOf } from "../../data/mesh/proxies/syncStatus.ts";
import type { Rule } from "../../data/mesh/model/route.ts";
import { explain } from "../../data/mesh/result.ts";
import { troubleWords } from "../columns/envoyClusters.ts";
import { formatClock, formatShare } from "../columns/format.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { pad } from "../paint/width.ts";
import { section, sentence } from "./describe/sheet.ts";
import { textContent } from "./textContent.ts";
import type { View, ViewInput } from "./view.ts";

/** What one proxy really has, by its own word: its routes beside those that are configured, and whom it has ejected. */
export const proxyView: View = {
  id: "proxy",
  title: "proxy",
  commands: ["proxyroutes"],
  description: "the routes and ejected hosts that one proxy really has",
  isRoot: false,
  render: (input) => {
    const key = input.page.subject?.key ?? "";
    const look = input.proxies.looks[key] ?? null;
    const lines = look?.ok === true ? lookLines(look.value, input, key) : [];
    const empty = look?.ok === false ? explain(look.error) : `Asking the proxy of ${key}.`;
    return { ...textContent(lines, input), about: key, empty: [empty] };
  },
};

function lookLines(look: ProxyLook, input: ViewInput, key: string): readonly Line[] {
  const told = `By the proxy of ${key} itself at ${formatClock(look.at)}; ctrl-r asks again.`;
  return [
    ...sentence(told, input.size.columns),
    ...syncLines(input, key),
    [],
    ...section("Routes", routeLines(look, input, key)),
    ...section("Breakers", breakerLines(look, input)),
  ];
}

function rowOf({ proxies }: ViewInput, key: string) {
  const reading = proxies.result?.ok === true ? proxies.result.value : null;
  const all = reading?.istiods.flatMap(({ result }) => (result.ok ? result.value : [])) ?? [];
  return all.find((one) => one.key === key) ?? null;
}

function syncLines(input: ViewInput, key: string): readonly Line[] {
  const row = rowOf(input, key);
  const worst = row === null ? null : worstOf(row);
  if (row === null || (worst !== "stale" && worst !== "rejected")) return [];
  const late = row.xds.filter(({ state }) => state === worst).map(({ type }) => type);
  const word = worst === "stale" ? "has not acknowledged" : "has refused";
  return sentence(
    `istiod says that it ${word} ${late.join(" ")}.`,
    input.size.columns,
    span("stale: ", "bad"),
  );
}

/** Services of which the routes are shown: a proxy of a large mesh has thousands without any rule. */
const mostServices = 200;

function routeLines({ routes }: ProxyLook, input: ViewInput, key: string): readonly Line[] {
  const { columns } = input.size;
  if (!routes.ok) return sentence(explain(routes.error), columns);
  const isGateway = rowOf(input, key)?.type === "router";
  const arrived = arrivedServices(input.mesh.services, routes.value, isGateway);
  const late = arrived.filter(({ missing }) => missing.length > 0);
  const ordered = [...late, ...arrived.filter(({ missing }) => missing.length === 0)];
  const rest = routes.value.length - arrived.reduce((sum, { virtualHosts }) => sum + virtualHosts.length, 0);
  return [
    ...ordered.slice(0, mostServices).flatMap((one) => serviceLines(one, columns)),
    ...(ordered.length > mostServices
      ? sentence(`${ordered.length - mostServices} more services.`, columns)
      : []),
    ...sentence(`It has ${rest} more virtual hosts, for which nobody wrote a rule.`, columns),
  ];
}

function serviceLines({ service, virtualHosts, missing }: ArrivedService, columns: number): readonly Line[] {
  const head: Line = [{ text: "  " }, span(service.key, "title")];
  if (virtualHosts.length === 0)
    return [head, ...sentence("It knows no such host: its Sidecar may not import it.", columns)];
  return [
    head,
    ...missing.flatMap((rule) =>
      sentence(
        `rule ${rule.index + 1} is configured ${sharesOf(rule)}, and no route of the proxy has that.`,
        columns,
        span("not arrived: ", "bad"),
      ),
    ),
    ...virtualHosts.flatMap(virtualHostLines),
  ];
}

function sharesOf({ destinations }: Rule): string {
  return destinations
    .filter(({ share }) => (share ?? 0) > 0)
    .map(({ host, subset, share }) => `${subset ?? shortHost(host)} ${formatShare(share)}`)
    .join(", ");
}

const shortHost = (host: string): string => host.replace(/\.svc\..*$/, "");

/** Cells for the match of a route. */
const matchCells = 30;

function virtualHostLines({ name, domains, routes }: EnvoyVirtualHost): readonly Line[] {
  return [
    [{ text: "  " }, span(`${name}  ${domains.slice(0, 3).join(" ")}`, "muted")],
    ...routes.map(({ match, targets, timeout, name: rule }): Line => {
      const total = targets.reduce((sum, { weight }) => sum + weight, 0);
      const to = targets.map(
        ({ host, subset, weight }) => `${subset ?? shortHost(host)} ${Math.round((weight / total) * 100)} %`,
      );
      const after = [
        rule === "default" ? "" : rule,
        timeout === null || timeout === "0s" ? "" : `timeout ${timeout}`,
      ];
      return [
        { text: "    " },
        span(pad(match === "" ? "everything else" : match, matchCells)),
        { text: " " },
        span(to.length === 0 ? "answers by itself" : to.join(", ")),
        span(
          after
            .filter((word) => word !== "")
            .map((word) => `  ${word}`)
            .join(""),
          "muted",
        ),
      ];
    }),
  ];
}

/** Clusters with a host that is out, or as full as they may be; then how many are neither. */
function breakerLines({ clusters }: ProxyLook, input: ViewInput): readonly Line[] {
  const { columns } = input.size;
  if (!clusters.ok) return sentence(explain(clusters.error), columns);
  const open = clusters.value.filter((one) => one.ejected.length > 0 || reachedLimits(one).length > 0);
  const closed = clusters.value.length - open.length;
  return [
    ...open.flatMap((one) => sentence(openWords(one), columns, span("open: ", "bad"))),
    ...sentence(`${closed} clusters have no host ejected and no limit reached at this moment.`, columns),
  ];
}

function openWords(cluster: EnvoyCluster): string {
  const { host, subset, port } = cluster;
  const name = `${shortHost(host)}${subset === null ? "" : ` ${subset}`}:${port}`;
  return `${name}: ${troubleWords(cluster).join(", ")}.`;
}
