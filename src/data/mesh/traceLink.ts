/** Where a service's traces are: the address of Jaeger's, Tempo's or Kiali's page, with places for names. */
import { clean } from "./clean.ts";
import { fail, ok, type Result } from "./result.ts";

declare const checked: unique symbol;
/** A template that `parseTraceTemplate` has let through. */
export type TraceTemplate = string & { readonly [checked]: true };

/** What stands for the places of a template. */
export interface TraceNames {
  readonly service: string;
  readonly namespace: string;
  /** `""`: the service has none. */
  readonly workload: string;
  /** Label `app`, which Envoy's own service name begins with. */
  readonly app: string;
}

const places: readonly (keyof TraceNames)[] = ["service", "namespace", "workload", "app"];

/**
 * `https://jaeger.example/search?service={app}.{namespace}`. Errors: what is wrong with it, in half a sentence. The text itself is not repeated:
 * it may hold a password.
 */
export function parseTraceTemplate(text: string): Result<TraceTemplate, string> {
  if (clean(text) !== text || /\s/.test(text))
    return fail("holds a blank or a character that cannot be seen");
  const origin = /^https?:\/\/[^/?#{}]+/.exec(text)?.[0];
  if (origin === undefined)
    return fail("must begin with http:// or https:// and the name of a host, without a place in it");
  const rest = text.slice(origin.length);
  const unknown = [...rest.matchAll(/\{([^}]*)\}/g)].find(([, name]) => places.every((one) => one !== name));
  if (unknown !== undefined) return fail(`has a place {${unknown[1] ?? ""}}; known are ${known}`);
  if (/[{}]/.test(rest.replace(/\{[^}]*\}/g, ""))) return fail("has a { or } without the other");
  const url = URL.parse(text.replace(/\{[^}]*\}/g, "x"));
  if (url === null) return fail("is no address");
  if (url.username !== "" || url.password !== "")
    return fail("holds a user or a password, which would stand on the screen");
  return ok(text as TraceTemplate);
}

const known = places.map((name) => `{${name}}`).join(", ");

/** The address for these names, whatever is in them: they cannot leave their places. */
export function traceUrl(template: TraceTemplate, names: TraceNames): string {
  return template.replace(/\{([^}]*)\}/g, (place, name: string) => {
    const found = places.find((one) => one === name);
    return found === undefined ? place : encodeURIComponent(names[found].toWellFormed());
  });
}
