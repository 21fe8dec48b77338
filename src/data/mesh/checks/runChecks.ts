import type { KnownMesh } from "../build/knownMesh.ts";
import { nameOf } from "../declared/meta.ts";
import type { Finding } from "../finding.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import { keptWhile, onceFor, type Kept } from "../resolve/once.ts";
import type { Steps } from "../steps.ts";
import type { Check, CheckContext, CheckText, Found, ListName } from "./check.ts";
import { coverageOf, lackOf, readableIn } from "./coverage.ts";
import { plaintextCallers, plaintextUnderStrict } from "./plaintextCallers.ts";
import { checks } from "./table.ts";

const kept = onceFor<Check, Kept<readonly Finding[]>>(() => new WeakMap());

/**
 * What the configuration alone says against itself, with the objects that could not be read. Once for each Declared; a check whose lists have not
 * changed is not asked again.
 */
export const checkDeclared = onceFor((known: KnownMesh): readonly Finding[] =>
  inOrder([...known.declared.unreadable, ...[...checkByCheck(known)].flat()]),
);

/** As `checkDeclared`, one check at a time: whoever has something better to do may pause between two. All done, `checkDeclared` costs next to nothing. */
export function* checkByCheck(known: KnownMesh): Generator<readonly Finding[]> {
  const { declared, registry } = known;
  const context: CheckContext = {
    known,
    registry,
    covers: coverageOf(declared),
    readable: readableIn(declared),
  };
  for (const check of checks)
    if (lackOf(declared, check.needs).length === 0) yield findingsOf(check, context);
}

function findingsOf(check: Check, context: CheckContext): readonly Finding[] {
  const { lists, settings } = context.registry;
  const names: readonly ListName[] = [...check.needs, ...check.reads];
  const parts = [settings, context.readable, ...names.map((name) => lists[name])];
  const key = lists[names[0] ?? "virtualServices"];
  return keptWhile(kept(check), key, parts, () =>
    check.find(context).map((found) => withCheck(check, found)),
  );
}

const withCheck = ({ code, severity, advice }: CheckText, found: Found): Finding => ({
  code,
  severity,
  advice,
  ...found,
});

/** What the traffic of this moment says against the configuration; nothing while nobody measures it. */
function checkTelemetry(known: KnownMesh, flows: FlowIndex): readonly Finding[] {
  return plaintextCallers(known, flows).map((found) => withCheck(plaintextUnderStrict, found));
}

/** All findings of one frame. */
export function* findingsIn(known: KnownMesh, flows: FlowIndex): Steps<readonly Finding[]> {
  const waiting = checkByCheck(known);
  while (waiting.next().done !== true) yield;
  const observed = checkTelemetry(known, flows);
  return observed.length === 0 ? checkDeclared(known) : inOrder([...checkDeclared(known), ...observed]);
}

const ranks: Readonly<Record<Finding["severity"], number>> = { error: 0, warning: 1, info: 2 };

/** Each once; errors first, then by code, object and path. */
function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const unique = new Map<string, Finding>();
  for (const finding of findings) {
    const { code, object, path } = finding;
    const key = `${code} ${nameOf(object)} ${object.group} ${path}`;
    if (!unique.has(key)) unique.set(key, finding);
  }
  return [...unique]
    .sort(([a, x], [b, y]) => ranks[x.severity] - ranks[y.severity] || (a < b ? -1 : a > b ? 1 : 0))
    .map(([, finding]) => finding);
}
