/** What connecting takes from the machine that meshtop runs on, as one value: tests pass another. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";

export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Epoch milliseconds. */
  now(): number;
  /** Text of a file, or the system's code (ENOENT, EACCES, ...). */
  readFile(path: string): Promise<FileText>;
  /** Runs a program without a terminal; never rejects. */
  run(program: Program): Promise<ProgramEnd>;
}

type FileText = { readonly text: string } | { readonly code: string };

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
}

/** `code` is the exit code; -1 where a signal ended it. */
export type ProgramEnd =
  | { readonly is: "ended"; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly is: "not started"; readonly code: string }
  | { readonly is: "too slow" };

/** Output that is kept: a plugin that writes without end may not fill the memory. */
const outputLimit = 1 << 20;

function runProgram({ command, args, env, timeoutMs }: Program): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8");
      child[name].on("data", (chunk: string) => {
        if (output[name].length < outputLimit) output[name] += chunk;
      });
    }
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      resolve({ is: "too slow" });
    }, timeoutMs);
    const end = (result: ProgramEnd): void => {
      clearTimeout(timer);
      resolve(result);
    };
    child.once("error", (error) => end({ is: "not started", code: codeOf(error) }));
    child.once("close", (code) => end({ is: "ended", code: code ?? -1, ...output }));
  });
}

async function readText(path: string): Promise<FileText> {
  try {
    return { text: await readFile(path, "utf8") };
  } catch (error) {
    return { code: codeOf(error) };
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "UNKNOWN";
  return typeof error.code === "string" ? error.code : "UNKNOWN";
}

export const thisMachine: Machine = {
  env: process.env,
  get home() {
    return homedir();
  },
  now: () => Date.now(),
  readFile: readText,
  run: runProgram,
};
