/** The journal on disk: one append-only file of JSON lines for each context, written before a patch and after it. */
import { createHash } from "node:crypto";
import { constants, mkdtempSync, rmSync } from "node:fs";
import { mkdir, open, readFile, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fail, ok, type DataError, type Result } from "../data/mesh/result.ts";
import { entriesOf, lineOf, readLines, type Entry, type JournalRecord } from "./journalEntry.ts";

interface JournalState {
  readonly entries: readonly Entry[];
  /** Lines that hold no whole record. */
  readonly damaged: number;
}

export interface Journal {
  /** Where it lies, for messages. */
  readonly path: string;
  /** Resolves when the record is on the disk. Errors: `config`, the disk does not take it. */
  readonly append: (record: JournalRecord) => Promise<Result<void, DataError>>;
  /** No file is an empty journal. Errors: `config`, it can't be read. */
  readonly read: () => Promise<Result<JournalState, DataError>>;
}

/** `$XDG_STATE_HOME/meshtop`, by default `~/.local/state/meshtop` (XDG Base Directory: a relative path does not count). */
export function stateDirectory(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const base = env["XDG_STATE_HOME"] ?? "";
  return join(base.startsWith("/") ? base : join(home, ".local", "state"), "meshtop");
}

/** For the journal of a simulated mesh, whose objects end with the process: a folder of its own, gone when the process ends. Throws where there is no room for one. */
export function passingDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "meshtop-demo-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Opens nothing yet: a program that only looks leaves no file. @param directory that of `stateDirectory`. */
export function openJournal(directory: string, context: string): Journal {
  const path = join(directory, "journal", fileName(context));
  let turn: Promise<unknown> = Promise.resolve();
  return {
    path,
    append(record) {
      const done = turn.then(() => append(path, lineOf(record)));
      turn = done;
      return done;
    },
    read: () => read(path),
  };
}

/** Longer names are no file names everywhere. */
const LONGEST_NAME = 200;

/** Contexts hold slashes and colons (`arn:aws:eks:...:cluster/prod`). Two that begin alike are two files, however long they are. */
function fileName(context: string): string {
  const name = encodeURIComponent(context.toWellFormed());
  if (name.length <= LONGEST_NAME) return `${name}.jsonl`;
  const rest = createHash("sha256").update(context).digest("hex").slice(0, 16);
  return `${name.slice(0, LONGEST_NAME - rest.length).replace(/%.?$/, "")}-${rest}.jsonl`;
}

async function append(path: string, line: string): Promise<Result<void, DataError>> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;
    const file = await open(path, flags, 0o600);
    let isNew: boolean;
    try {
      isNew = (await appendTo(file, line)) === 0;
    } finally {
      await file.close();
    }
    if (isNew) await syncFolder(dirname(path));
    return ok(undefined);
  } catch (error) {
    return fail(unwritable(path, error));
  }
}

/** A file is on the disk, and its name in the folder may not be: the machine may go down before it is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** One write, so that lines of two processes do not mix (O_APPEND); on the disk before it returns. Gives the size before it. */
async function appendTo(file: FileHandle, line: string): Promise<number> {
  const stat = await file.stat();
  const { size, mode } = stat;
  if (stat.isFile() && (mode & 0o077) !== 0) await file.chmod(0o600);
  const bytes = Buffer.from((await endsTorn(file, size)) ? `\n${line}` : line);
  const { bytesWritten } = await file.write(bytes);
  if (bytesWritten !== bytes.length) throw new Error("the disk is full");
  await file.sync();
  return size;
}

/** The last writer was killed within a line. */
async function endsTorn(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return bytesRead === 1 && buffer[0] !== 0x0a;
}

async function read(path: string): Promise<Result<JournalState, DataError>> {
  try {
    const { records, damaged } = readLines(await readFile(path, "utf8"));
    return ok({ entries: entriesOf(records), damaged });
  } catch (error) {
    if (codeOf(error) === "ENOENT") return ok({ entries: [], damaged: 0 });
    const message = `The journal ${path} can't be read (${whyOf(error)}).`;
    return fail({ kind: "config", message, advice: "Check its owner and mode." });
  }
}

function unwritable(path: string, error: unknown): DataError {
  return {
    kind: "config",
    message: `The journal ${path} can't be written (${whyOf(error)}).`,
    advice: "Make room or correct the rights, or point XDG_STATE_HOME to a folder that can be written.",
  };
}

const codeOf = (error: unknown): string | null =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;

const whyOf = (error: unknown): string =>
  codeOf(error) ?? (error instanceof Error ? error.message : "the disk refuses it");
