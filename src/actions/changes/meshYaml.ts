/** The outbound mode inside the mesh ConfigMap's YAML string, changed without touching another byte. */
import { isMap, isScalar, parseDocument, type Document, type Scalar, type YAMLMap } from "yaml";
import { fail, ok, type Result } from "../../data/mesh/result.ts";
import type { OutboundMode } from "../../data/mesh/declared/routing.ts";
import type { Json } from "../../data/mesh/json.ts";
import { isJsonObject, sameJson, type JsonObject } from "./pointer.ts";

const BLOCK = "outboundTrafficPolicy";

/**
 * The text with this mode in it. Comments, order, quoting and line ends stay: the value is replaced where it stands, or a block is added at
 * the end. What comes out is parsed again and compared, so a form that we read wrongly is refused, never written.
 *
 * @errors a sentence without a full stop: text that istiod can't parse either, or that we can't change safely.
 */
export function withOutboundMode(text: string, mode: OutboundMode): Result<string, string> {
  const document = parse(text);
  if (document.errors.length > 0)
    return fail("the mesh configuration is no valid YAML, so istiod ignores it whole");
  const wanted = plainWith(document, mode);
  if (wanted === null) return fail("the mesh configuration is no mapping");
  const next = spliced(text, document, mode);
  const found = next === null ? null : parse(next);
  if (next === null || found === null || found.errors.length > 0 || !sameJson(plain(found), wanted)) {
    return fail(
      `${BLOCK} is written in a form that can't be changed without touching the rest; edit it by hand`,
    );
  }
  return ok(next);
}

/** The mode as written; `null`: absent. */
export function outboundModeIn(text: string): string | null {
  const value = plain(parse(text));
  const block = isJsonObject(value) ? value[BLOCK] : undefined;
  const mode = isJsonObject(block) ? block["mode"] : undefined;
  return typeof mode === "string" ? mode : null;
}

const parse = (text: string): Document.Parsed =>
  parseDocument(text, { logLevel: "silent", prettyErrors: false, keepSourceTokens: true });

function plain(document: Document): Json {
  try {
    return (document.toJS({ maxAliasCount: 100 }) ?? null) as Json;
  } catch {
    return null;
  }
}

/** What the configuration must say afterwards; `null` where it is no mapping. */
function plainWith(document: Document, mode: OutboundMode): JsonObject | null {
  const value = plain(document);
  if (value === null && document.contents === null) return { [BLOCK]: { mode } };
  if (!isJsonObject(value)) return null;
  const block = value[BLOCK];
  return { ...value, [BLOCK]: { ...(isJsonObject(block) ? block : {}), mode } };
}

/** `null` where no way is known. */
function spliced(text: string, document: Document.Parsed, mode: OutboundMode): string | null {
  const root: unknown = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return appended(text, mode);
  if (!isMap(root)) return null;
  const block = root.get(BLOCK, true) as unknown;
  if (block === undefined) return root.flow === true ? null : appended(text, mode);
  if (isScalar(block) && block.value === null) return afterKey(text, root, mode);
  if (!isMap(block)) return null;
  const value = block.get("mode", true) as unknown;
  return isScalar(value) ? replaced(text, value, mode) : inserted(text, block, mode);
}

/** In the quotes that are there. */
function replaced(text: string, value: Scalar, mode: OutboundMode): string | null {
  const [start, end] = value.range ?? [];
  if (start === undefined || end === undefined || start === end) return null;
  const quote = value.type === "QUOTE_DOUBLE" ? '"' : value.type === "QUOTE_SINGLE" ? "'" : "";
  return text.slice(0, start) + quote + mode + quote + text.slice(end);
}

/** As the first entry of a block that is there. */
function inserted(text: string, block: YAMLMap, mode: OutboundMode): string | null {
  const start = block.range?.[0];
  if (start === undefined) return null;
  if (block.flow === true) {
    const separator = block.items.length === 0 ? "" : ", ";
    return `${text.slice(0, start + 1)}mode: ${mode}${separator}${text.slice(start + 1)}`;
  }
  const indent = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  return /^ *$/.test(indent)
    ? `${text.slice(0, start)}mode: ${mode}${lineEnd(text)}${indent}${text.slice(start)}`
    : null;
}

/** `outboundTrafficPolicy:` with nothing after it. */
function afterKey(text: string, root: YAMLMap, mode: OutboundMode): string | null {
  const key = root.items.map((pair) => pair.key).find((one) => isScalar(one) && one.value === BLOCK);
  const end = isScalar(key) ? key.range?.[1] : undefined;
  const colon = end === undefined ? -1 : text.indexOf(":", end);
  return colon < 0 ? null : `${text.slice(0, colon + 1)} {mode: ${mode}}${text.slice(colon + 1)}`;
}

/** A new block at the end, before an end marker. */
function appended(text: string, mode: OutboundMode): string {
  const marker = /^\.\.\.[ \t]*\r?$/m.exec(text)?.index ?? text.length;
  const [head, tail] = [text.slice(0, marker), text.slice(marker)];
  const end = lineEnd(text);
  const gap = head === "" || head.endsWith("\n") ? "" : end;
  const indent = /^( *)[^\s#-][^\n]*$/m.exec(head)?.[1] ?? "";
  return `${head}${gap}${indent}${BLOCK}:${end}${indent}  mode: ${mode}${end}${tail}`;
}

const lineEnd = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");
