import { clean } from "../data/mesh/clean.ts";
import type { Screen } from "./showDashboard.tsx";

/** What leaving needs of the process. */
export interface Leaving {
  readonly process: {
    on(event: "uncaughtException" | "unhandledRejection", listener: (fault: unknown) => void): unknown;
    exit(code: number): void;
  };
  readonly screen: Pick<Screen, "close">;
  readonly stderr: { write(text: string): unknown; on(event: "error", listener: () => void): unknown };
}

/** Exit code of a problem; see the end of `meshtop --help`. */
const problem = 1;

/**
 * A server that hangs up in the wrong moment: undici's HTTP/2 socket then has nobody who listens. The request that lost its
 * connection has failed as it should and is asked again; the dashboard must outlive its servers.
 */
function isCutConnection(fault: unknown): boolean {
  return fault instanceof Error && "code" in fault && fault.code === "UND_ERR_SOCKET";
}

/** From now on a fault of ours gives the terminal back, says one sentence without a stack trace and ends the process with 1. */
export function leaveOnFault({ process, screen, stderr }: Leaving): void {
  // A terminal that went away takes no words, and that is no fault.
  stderr.on("error", () => undefined);
  const leave = (fault: unknown): void => {
    if (isCutConnection(fault)) return;
    try {
      screen.close();
    } finally {
      const words = clean(fault instanceof Error ? fault.message : String(fault));
      stderr.write(`meshtop: stopped by a fault of its own: ${words}\n`);
      process.exit(problem);
    }
  };
  process.on("uncaughtException", leave);
  process.on("unhandledRejection", leave);
}
