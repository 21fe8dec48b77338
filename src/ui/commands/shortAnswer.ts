import { parseCommand } from "./parseCommand.ts";
import { usage } from "./usage.ts";

/**
 * The answer to a command line that asks about the program alone, with its line end; `null`: the rest of the program is needed. It stands alone
 * so that `--version` and `--help` load nothing else.
 */
export function shortAnswer(argv: readonly string[], version: string): string | null {
  const command = parseCommand(argv);
  if (!command.ok) return null;
  if (command.value.is === "help") return `${usage()}\n`;
  return command.value.is === "version" ? `meshtop ${version}\n` : null;
}
