/** The command line's words: one for each view, and a few of their own. */
import type { Command } from "./state/context.ts";
import type { Context } from "./state/context.ts";
import type { UiEvent } from "./state/event.ts";
import { serviceSubject } from "./views/subjects.ts";
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
    names: ["refresh"],
    description: "ask both sources again",
    argument: "none",
    run: () => ({ is: "refresh" }),
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
  ...own,
];
