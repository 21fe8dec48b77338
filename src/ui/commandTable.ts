/** The command line's words: one for each view, and a few of their own. */
import { parseSpan } from "../data/mesh/duration.ts";
import { millis } from "../data/mesh/units.ts";
import type { Command } from "./state/context.ts";
import type { Context } from "./state/context.ts";
import type { UiEvent } from "./state/event.ts";
import { parseExpression } from "./graph/find/parseExpression.ts";
import type { Subject } from "./state/uiState.ts";
import { serviceSubject, workloadSubject } from "./views/subjects.ts";
import { views } from "./views/index.ts";
import type { View } from "./views/view.ts";

/** `:services`, `:services catalog`, `:services /web`, `:services app=web`. */
function rootCommand(view: View): Command {
  return {
    names: view.commands,
    description: view.description,
    argument: "scope",
    run: (argument, { mesh }) => {
      const go: UiEvent = { is: "go", view: view.id, subject: null };
      if (argument === "") return go;
      if (argument.startsWith("/")) return { ...go, filter: argument.slice(1) };
      if (argument.includes("=") || argument.startsWith("-")) return { ...go, filter: argument };
      if (mesh.namespaces.some(({ name }) => name === argument)) return { ...go, namespace: argument };
      return `There is no namespace ${argument}; :${view.id} /${argument} filters by it.`;
    },
  };
}

/** `:traffic` of the service under the cursor, or of the one named. */
function trafficCommand(view: View): Command {
  return {
    names: view.commands,
    description: `${view.description}; :traffic NAME or NAMESPACE/NAME`,
    argument: "service",
    run: (argument, context) => {
      const service = argument === "" ? nearestService(context) : namedService(argument, context);
      if (service === undefined) return `There is no service ${argument} here.`;
      return { is: "go", view: "traffic", subject: serviceSubject(service) };
    },
  };
}

/** `:breaker NAME` asks the proxies of that service's callers; alone, the list. */
function breakerCommand(view: View): Command {
  return {
    names: view.commands,
    description: `${view.description}; :breaker NAME or NAMESPACE/NAME`,
    argument: "service",
    run: (argument, context) => {
      if (argument === "") return { is: "go", view: "breakers", subject: null };
      const service = namedService(argument, context);
      if (service === undefined) return `There is no service ${argument} here.`;
      return { is: "go", view: view.id, subject: serviceSubject(service) };
    },
  };
}

/** `:logs` of what is under the cursor, of a workload or service that is named, or of a pod. */
function logsCommand(view: View): Command {
  return {
    names: view.commands,
    description: `${view.description}; :logs NAME, NAMESPACE/NAME, or NAMESPACE/POD`,
    argument: "service",
    run: (argument, context) => {
      if (argument === "") return { is: "logs" };
      const subject = namedLog(argument, context);
      return subject === null
        ? `There is no workload and no service ${argument} here; a pod is written NAMESPACE/POD.`
        : { is: "go", view: view.id, subject };
    },
  };
}

/** `:contexts` lists them, `:ctx NAME` goes to one. */
function contextsCommand(view: View): Command {
  return {
    names: view.commands,
    description: `${view.description}; :ctx NAME goes there`,
    argument: "context",
    run: (argument) =>
      argument === "" ? { is: "go", view: view.id, subject: null } : { is: "switchContext", name: argument },
  };
}

function namedLog(name: string, { mesh }: Context): Subject | null {
  const workload =
    mesh.workloads.find(({ key }) => key === name) ?? mesh.workloads.find((one) => one.name === name);
  if (workload !== undefined) return workloadSubject(workload);
  const service = mesh.services.find(({ key, name: own }) => key === name || own === name);
  if (service !== undefined) return serviceSubject(service);
  return /^[^/\s]+\/[^/\s]+$/.test(name) ? { is: "object", key: name, ref: null } : null;
}

function namedService(name: string, { mesh }: Context): Context["mesh"]["services"][number] | undefined {
  return (
    mesh.services.find(({ key }) => key === name) ??
    mesh.services.find((service) => service.name === name) ??
    mesh.services.find(({ key }) => key.includes(name))
  );
}

function nearestService({ mesh, selected }: Context): Context["mesh"]["services"][number] | undefined {
  return mesh.services.find(({ key }) => key === selected?.key) ?? mesh.services[0];
}

/** Longer is forgetting. */
const longestArming = millis(8 * 60 * 60_000);

function armCommand(argument: string): UiEvent | string {
  const span = parseSpan(argument);
  if (argument === "") return "For how long? :write 15m arms the context for a quarter of an hour.";
  if (span === null) return `:write takes a duration such as 15m, not ${argument}.`;
  return span > longestArming ? "No more than 8h at a time." : { is: "arm", for: span };
}

function hideCommand(argument: string): UiEvent | string {
  const expression = argument === "" ? null : parseExpression(argument);
  if (expression?.ok === false) return `Not an expression: ${expression.error}.`;
  return { is: "hide", expression: argument };
}

const own: readonly Command[] = [
  {
    names: ["ns", "namespace", "namespaces"],
    description: "show one namespace; `:ns all` shows every one",
    argument: "namespace",
    run: (argument) =>
      argument === ""
        ? "Which namespace? :ns NAME, or :ns all."
        : { is: "namespace", name: argument === "all" ? null : argument },
  },
  {
    names: ["hide"],
    description: "leave out of the graph what an expression says; alone, nothing",
    argument: "expression",
    run: hideCommand,
  },
  {
    names: ["refresh"],
    description: "ask both sources again",
    argument: "none",
    run: () => ({ is: "refresh" }),
  },
  {
    names: ["write"],
    description: "arm a read-only context for a while: `:write 15m`",
    argument: "duration",
    run: armCommand,
  },
  {
    names: ["readonly"],
    description: "disarm it again",
    argument: "none",
    run: () => ({ is: "disarm" }),
  },
  {
    names: ["help", "?"],
    description: "the keys of this view",
    argument: "none",
    run: () => ({ is: "help" }),
  },
  {
    names: ["quit", "q", "q!", "qa", "exit"],
    description: "leave meshtop",
    argument: "none",
    run: () => ({ is: "quit" }),
  },
];

export const commands: readonly Command[] = [
  ...views.flatMap((view) => (view.isRoot ? [rootCommand(view)] : [])),
  ...views.flatMap((view) => (view.id === "traffic" ? [trafficCommand(view)] : [])),
  ...views.flatMap((view) => (view.id === "breaker" ? [breakerCommand(view)] : [])),
  ...views.flatMap((view) => (view.id === "logs" ? [logsCommand(view)] : [])),
  ...views.flatMap((view) => (view.id === "contexts" ? [contextsCommand(view)] : [])),
  ...own,
];
