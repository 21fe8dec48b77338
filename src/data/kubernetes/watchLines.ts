/** A watch's body: one JSON event on each line. */
import { isObject } from "./parse/field.ts";

export type WatchEvent =
  | {
      readonly type: "ADDED" | "MODIFIED" | "DELETED";
      readonly object: unknown;
      readonly resourceVersion: string;
    }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string }
  /** `code` and `message` of the Status that the server sent. */
  | { readonly type: "ERROR"; readonly code: number; readonly message: string }
  | { readonly type: "GARBLED" };

/** Pure: what one line says. */
export function parseWatchLine(line: string): WatchEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    return { type: "GARBLED" };
  }
  if (!isObject(event) || !isObject(event["object"])) return { type: "GARBLED" };
  const { type, object } = event;
  if (type === "ERROR") return { type, code: numberAt(object, "code"), message: textAt(object, "message") };
  const metadata = isObject(object["metadata"]) ? object["metadata"] : {};
  const resourceVersion = textAt(metadata, "resourceVersion");
  if (type === "BOOKMARK") return { type, resourceVersion };
  if (type !== "ADDED" && type !== "MODIFIED" && type !== "DELETED") return { type: "GARBLED" };
  return { type, object, resourceVersion };
}

function textAt(object: Readonly<Record<string, unknown>>, key: string): string {
  const value = object[key];
  return typeof value === "string" ? value : "";
}

function numberAt(object: Readonly<Record<string, unknown>>, key: string): number {
  const value = object[key];
  return typeof value === "number" ? value : 0;
}

/** Complete lines of a stream of bytes, however it is cut into chunks. A last line without its end is dropped: it was cut. */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  for await (const chunk of body) {
    const lines = decoder.decode(chunk, { stream: true }).split("\n");
    const [head = "", ...rest] = lines;
    parts.push(head);
    for (const next of rest) {
      const line = parts.join("");
      parts = [next];
      if (line.trim() !== "") yield line;
    }
  }
}
