import { STATUS_CODES, type ServerResponse } from "node:http";
import type { JsonObject } from "./objects.ts";
import { statusBody, type Status } from "./status.ts";

/** What a request is answered with. A `stream` writes the response itself. */
export type Reply =
  | {
      readonly is: "json";
      readonly code: number;
      readonly body: JsonObject;
      readonly warnings: readonly string[];
    }
  | { readonly is: "text"; readonly code: number; readonly text: string }
  | { readonly is: "stream"; readonly start: (response: ServerResponse) => void };

export function json(code: number, body: JsonObject, warnings: readonly string[] = []): Reply {
  return { is: "json", code, body, warnings };
}

export function text(code: number, body: string): Reply {
  return { is: "text", code, text: body };
}

export function refused(status: Status): Reply {
  return json(status.code, statusBody(status));
}

/** Where nothing is served at all, Go's own words. */
export const nothingHere: Reply = text(404, "404 page not found\n");

/** Puts a reply on the wire. Warnings go in headers, one each, as RFC 7234 writes them. */
export function send(response: ServerResponse, reply: Reply): void {
  if (reply.is === "stream") {
    reply.start(response);
    return;
  }
  const type = reply.is === "json" ? "application/json" : "text/plain; charset=utf-8";
  const warnings = reply.is === "json" ? reply.warnings.map((said) => `299 - ${JSON.stringify(said)}`) : [];
  response.setHeader("content-type", type);
  response.setHeader("cache-control", "no-cache, private");
  if (warnings.length > 0) response.setHeader("warning", warnings);
  response.writeHead(reply.code);
  response.end(reply.is === "json" ? `${JSON.stringify(reply.body)}\n` : reply.text);
}

/** A refusal as bytes, for a connection that asked for an upgrade: there is no response to write to. */
export function rawReply(reply: Reply): string {
  const body = reply.is === "json" ? JSON.stringify(reply.body) : reply.is === "text" ? reply.text : "";
  const code = reply.is === "stream" ? 500 : reply.code;
  const head = [`HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ""}`, "Content-Type: application/json"];
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return `${[...head, length, "Connection: close"].join("\r\n")}\r\n\r\n${body}`;
}
