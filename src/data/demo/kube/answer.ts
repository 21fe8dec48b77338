import type { IncomingMessage, ServerResponse } from "node:http";
import { reviewed, whyForbidden, type AccessRequest } from "./access.ts";
import { discover } from "./discovery.ts";
import type { Kind } from "./kinds.ts";
import { bodyOf, type Exchange } from "./exchange.ts";
import { demoToken } from "./kubeconfig.ts";
import { answerLog } from "./podLog.ts";
import { answerRead, isWatch } from "./readRequests.ts";
import { json, nothingHere, refused, send, text, type Reply } from "./reply.ts";
import { parseJsonObject } from "./requestBody.ts";
import { forwardTarget, withoutHandshake, type ForwardTarget } from "./portForward.ts";
import { answerProxy } from "./serviceProxy.ts";
import * as refuse from "./status.ts";
import { parseTarget, type ObjectTarget, type Target } from "./target.ts";
import { answerWrite } from "./writeRequests.ts";

type Surroundings = Pick<Exchange, "backend" | "access" | "upstream" | "logs">;

function authenticated(request: IncomingMessage): boolean {
  const written = request.headers.authorization;
  return written === undefined || written === `Bearer ${demoToken}`;
}

/** Answers one request. Never rejects: what goes wrong in here is a 500 to the client. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  surroundings: Surroundings,
): Promise<void> {
  try {
    send(response, await replyTo(request, surroundings));
  } catch (error) {
    const message = `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`;
    if (response.headersSent) response.destroy();
    else send(response, refused({ code: 500, reason: "InternalError", message }));
  }
}

async function replyTo(request: IncomingMessage, surroundings: Surroundings): Promise<Reply> {
  if (!authenticated(request)) return refused(refuse.unauthorized);
  const url = new URL(request.url ?? "/", "http://kube");
  const target = parseTarget(url.pathname, surroundings.backend.kinds);
  return dispatch({ request, query: url.searchParams, ...surroundings }, target);
}

/** Where an upgrade goes, or the answer to one that may not be: rights and the object are looked at as without it. */
export function upgradeOf(
  request: IncomingMessage,
  surroundings: Surroundings,
): { readonly target: ForwardTarget; readonly port: number } | Reply {
  if (!authenticated(request)) return refused(refuse.unauthorized);
  const url = new URL(request.url ?? "/", "http://kube");
  const target = forwardTarget(parseTarget(url.pathname, surroundings.backend.kinds));
  if (target === null) return nothingHere;
  const reply = withoutHandshake({ request, ...surroundings }, target);
  const isInOrder = reply.is === "json" && reply.code === 400;
  return isInOrder ? { target, port: Number(url.searchParams.get("ports")) } : reply;
}

async function dispatch(exchange: Exchange, target: Target): Promise<Reply> {
  const forward = forwardTarget(target);
  if (forward !== null) return withoutHandshake(exchange, forward);
  switch (target.is) {
    case "objects":
      return answerObjects(exchange, target);
    case "proxy":
      return answerProxy(exchange, target);
    case "review":
      return answerReview(exchange);
    case "unknown":
      return nothingHere;
    case "unreadable":
      return text(400, "400 Bad Request");
    case "unserved":
      // Built-in groups say so in a Status, groups of custom resources in plain text.
      return target.builtin ? refused(refuse.unknownResource) : nothingHere;
    case "health":
      return text(200, "ok");
    case "discovery":
      return answerDiscovery(exchange, target.path);
  }
}

function answerDiscovery({ request, backend }: Exchange, path: readonly string[]): Reply {
  if (request.method !== "GET") return refused(refuse.methodNotAllowed);
  const found = discover(backend.kinds, path, request.headers.host ?? "");
  return found === null ? nothingHere : json(200, found);
}

async function answerReview({ request, access }: Exchange): Promise<Reply> {
  if (request.method !== "POST") return refused(refuse.methodNotAllowed);
  const body = parseJsonObject(await bodyOf(request), "SelfSubjectAccessReview");
  if (!body.ok) return refused(body.error);
  const review = reviewed(body.value, access);
  if (review !== null) return json(201, review);
  return refused(refuse.emptyReview);
}

interface Verbs {
  /** On one object; `null` where the method makes no sense there. */
  readonly one: string | null;
  /** On a collection. */
  readonly many: string | null;
}

const verbs: Readonly<Record<string, Verbs>> = {
  GET: { one: "get", many: "list" },
  POST: { one: null, many: "create" },
  PUT: { one: "update", many: null },
  PATCH: { one: "patch", many: null },
  DELETE: { one: "delete", many: "deletecollection" },
};

/** The verb of a request; `null` where the method makes no sense there. */
function verbOf(method: string, target: ObjectTarget, query: URLSearchParams): string | null {
  const known = verbs[method] ?? { one: null, many: null };
  if (method === "GET" && isWatch(target, query)) return "watch";
  const verb = target.name === null ? known.many : known.one;
  return verb !== null && target.kind.verbs.includes(verb) ? verb : null;
}

/** Why a path and a method do not go together. Built-in kinds and custom resources say it differently. */
function misplaced(target: ObjectTarget, verb: string | null): Reply | null {
  const { kind, namespace, name } = target;
  const listed = name === null && (verb === "list" || verb === "watch");
  if (kind.namespaced && namespace === null && !listed) return nowhere(kind, name);
  if (verb !== null) return missingPart(target);
  return refused(kind.custom && name === null ? refuse.nameless : refuse.methodNotAllowed);
}

function missingPart({ kind, name, subresource }: ObjectTarget): Reply | null {
  if (subresource === null || (subresource === "status" && kind.status)) return null;
  if (isLog(kind, subresource)) return null;
  return refused(kind.custom ? refuse.notFound(kind, name ?? "") : refuse.unknownResource);
}

const isLog = (kind: Kind, part: string | null): boolean => kind.kind === "Pod" && part === "log";

/** A namespaced object without its namespace in the path. */
function nowhere(kind: Kind, name: string | null): Reply {
  if (kind.custom) return nothingHere;
  return refused(name === null ? refuse.methodNotAllowed : refuse.unknownResource);
}

async function answerObjects(exchange: Exchange, target: ObjectTarget): Promise<Reply> {
  const { request, query, access } = exchange;
  const verb = verbOf(request.method ?? "GET", target, query);
  const wrong = misplaced(target, verb);
  if (verb === null || wrong !== null) return wrong ?? refused(refuse.methodNotAllowed);
  const asked: AccessRequest = {
    verb,
    group: target.kind.group,
    resource: target.kind.plural,
    subresource: target.subresource ?? "",
    // A namespace is judged as something in itself.
    namespace: target.kind.namespaced ? target.namespace : target.name,
    name: target.name ?? "",
  };
  if (!access(asked)) return refused(refuse.forbidden(target.kind, asked.name, whyForbidden(asked)));
  return carryOut(exchange, target, verb);
}

function carryOut(exchange: Exchange, target: ObjectTarget, verb: string): Reply | Promise<Reply> {
  if (isLog(target.kind, target.subresource))
    return verb === "get" ? answerLog(exchange, target) : refused(refuse.methodNotAllowed);
  const reads = verb === "get" || verb === "list" || verb === "watch";
  return reads ? answerRead(exchange, target) : answerWrite(exchange, target);
}
