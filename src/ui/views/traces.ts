import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import { traceUrl, type TraceTemplate } from "../../data/mesh/traceLink.ts";
import { tracingWord } from "../columns/words.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { facts, section, sentence, type Fact } from "./describe/sheet.ts";
import { textContent } from "./textContent.ts";
import type { View, ViewInput } from "./view.ts";

/** Where a service's traces are: the address whole, to be opened or copied. meshtop reads no traces itself. */
export const tracesView: View = {
  id: "traces",
  title: "traces",
  commands: ["traces"],
  description: "the address of a service's traces, and how many requests are traced",
  isRoot: false,
  render: (input) => {
    const { subject } = input.page;
    const service = input.mesh.services.find(({ key }) => key === subject?.key);
    const lines = service === undefined ? [] : wholeAddress(service, input);
    return { ...textContent(lines, input), about: subject?.key ?? "", empty: ["It is not in the mesh now."] };
  },
};

/** For a description: the address on one line, that of a terminal with links leads there. */
export function traceLines(
  service: Service,
  { mesh, traces, size }: Pick<ViewInput, "mesh" | "traces" | "size">,
): readonly Line[] {
  const url = traces === null ? null : addressOf(service, mesh, traces);
  const open: Line = url === null ? [] : [{ ...span(url, "accent"), link: url }];
  const address: readonly Fact[] = url === null ? [] : [["open", open]];
  const hint = url === null ? sentence(`No address is known: ${advice}`, size.columns) : [];
  return section("Traces", [...facts([...address, ...samplingFacts(service, mesh)]), ...hint]);
}

const advice =
  "set traces in meshtop/config.yaml, such as https://jaeger.example/search?service={app}.{namespace}";

function addressOf({ namespace, name, workloads }: Service, mesh: Mesh, template: TraceTemplate): string {
  const first = mesh.workloads.find(({ key }) => key === workloads[0]);
  return traceUrl(template, {
    service: name,
    namespace,
    workload: first?.name ?? "",
    app: first?.app ?? name,
  });
}

/** Of each workload that differs from the others. */
function samplingFacts({ workloads }: Service, mesh: Mesh): readonly Fact[] {
  const own = mesh.workloads.filter(({ key }) => workloads.includes(key));
  const words = new Map<string, string[]>();
  for (const { name, tracing } of own) {
    if (tracing === null) continue;
    const word = tracingWord(tracing);
    words.set(word, [...(words.get(word) ?? []), name]);
  }
  const all = [...words].map(([word, names]) => (words.size === 1 ? word : `${names.join(", ")}: ${word}`));
  return all.length === 0 ? [] : [["sampled", all]];
}

function wholeAddress(service: Service, input: ViewInput): readonly Line[] {
  const { mesh, traces, size } = input;
  const url = traces === null ? null : addressOf(service, mesh, traces);
  const cells = Math.max(20, size.columns - 2);
  const pieces = url === null ? [] : (url.match(new RegExp(`.{1,${cells}}`, "g")) ?? []);
  const address: readonly Line[] =
    url === null
      ? sentence(`No address is known: ${advice}`, size.columns)
      : pieces.map((text): Line => [{ text, link: url }]);
  return [
    ...section("Address", address),
    ...section("Sampling", [
      ...facts(samplingFacts(service, mesh)),
      ...sentence(
        "A request that comes in with a decision keeps it: the first proxy of a trace decides, which is the gateway for what comes from outside.",
        size.columns,
      ),
    ]),
  ];
}
