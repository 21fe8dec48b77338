/** A machine with the files and variables that a test names; programs and sockets are real. */
import { thisMachine, type Machine } from "../../../../src/data/kubernetes/machine.ts";

export interface TestMachineOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly now?: () => number;
}

export const home = "/home/ops";

export function testMachine({ env = {}, files = {}, now }: TestMachineOptions): Machine {
  return {
    ...thisMachine,
    env: { PATH: process.env["PATH"], ...env },
    home,
    now: now ?? (() => Date.now()),
    readFile: (path) => {
      const text = Object.hasOwn(files, path) ? files[path] : undefined;
      return Promise.resolve(
        text === undefined ? { code: "ENOENT" } : text === "EACCES" ? { code: "EACCES" } : { text },
      );
    },
  };
}

/** A kubeconfig with one context, its cluster and user as YAML flow maps. */
export function kubeconfig(cluster: string, user = "{token: t0ken}", context = "prod"): string {
  return [
    `current-context: ${context}`,
    `clusters: [{name: c, cluster: ${cluster}}]`,
    `users: [{name: ops, user: ${user}}]`,
    `contexts: [{name: ${context}, context: {cluster: c, user: ops}}]`,
  ].join("\n");
}
