/** What can be typed after `:`, as data: completion, help and dispatch read the same table. */
import type { Command, Context } from "./context.ts";
import type { UiEvent } from "./event.ts";

/** What a typed line means; a sentence where it means nothing. */
export function parseCommand(text: string, context: Context): UiEvent | string {
  const [name = "", ...rest] = text.trim().split(/\s+/);
  if (name === "") return { is: "cancel" };
  const command = commandNamed(name.toLowerCase(), context);
  if (command === undefined) return `There is no command ${name}; ? lists them.`;
  const argument = rest.join(" ");
  if (argument !== "" && command.argument === "none") return `:${name} takes nothing after it.`;
  return command.run(argument, context);
}

/** By its name, or by the beginning of one where no other command begins so: what completion shows is what enter runs. */
function commandNamed(typed: string, { commands }: Context): Command | undefined {
  const exact = commands.find(({ names }) => names.includes(typed));
  const begun = commands.filter(({ names }) => names.some((name) => name.startsWith(typed)));
  return exact ?? (begun.length === 1 ? begun[0] : undefined);
}

/**
 * Whole lines that continue what is typed, the best first: names of commands, then what may follow one. Names match at their
 * beginning; services, namespaces and contexts anywhere.
 *
 * @param contexts names of the kubeconfig's contexts, as far as they are read.
 */
export function completions(text: string, context: Context, contexts: readonly string[]): readonly string[] {
  const space = text.indexOf(" ");
  if (space < 0) {
    const typed = text.toLowerCase();
    if (typed === "") return [];
    return context.commands.flatMap(({ names }) => {
      const found = names.find((name) => name.startsWith(typed));
      return found === undefined ? [] : [found];
    });
  }
  const name = text.slice(0, space);
  const typed = text.slice(space + 1).trimStart();
  const command = commandBefore(text, context);
  const candidates = command?.argument === "context" ? contexts : argumentsOf(command, context);
  return candidates
    .filter((candidate) => candidate.includes(typed))
    .sort((a, b) => Number(b.startsWith(typed)) - Number(a.startsWith(typed)))
    .map((candidate) => `${name} ${candidate}`);
}

/** The command whose argument is typed; none while it is being named itself. */
export function commandBefore(text: string, { commands }: Pick<Context, "commands">): Command | undefined {
  const space = text.indexOf(" ");
  const name = text.slice(0, Math.max(0, space)).toLowerCase();
  return commands.find(({ names }) => names.includes(name));
}

const expressionExamples = ["idle", "rate < 1", "not failing", "ns = istio-system", "lock = full"];

function argumentsOf(command: Command | undefined, { mesh }: Context): readonly string[] {
  switch (command?.argument) {
    case "namespace":
      return ["all", ...mesh.namespaces.map(({ name }) => name)];
    case "scope":
      return mesh.namespaces.map(({ name }) => name);
    case "service":
      return mesh.services.map(({ key }) => key);
    case "duration":
      return ["5m", "15m", "1h"];
    case "expression":
      return expressionExamples;
    case "context":
    case "none":
    case undefined:
      return [];
  }
}
