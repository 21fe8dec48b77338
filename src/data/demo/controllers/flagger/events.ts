import { textAt } from "../../kube/fields.ts";
import type { KubeObject } from "../../kube/objects.ts";
import type { ObjectStore } from "../../kube/store.ts";
import { timestampOf } from "../timestamp.ts";

/** How long a kube-apiserver keeps events (its --event-ttl). */
const kept = 60 * 60_000;

/** Writes an event on an object as Flagger does: reason `Synced`, the text in the message. */
export function recordEvent(
  store: ObjectStore,
  about: KubeObject,
  {
    at,
    type,
    message,
  }: { readonly at: number; readonly type: "Normal" | "Warning"; readonly message: string },
): void {
  const { name, namespace = "default", uid = "", resourceVersion = "" } = about.metadata;
  const time = timestampOf(at);
  const body = {
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      namespace,
      name,
      uid,
      resourceVersion,
    },
    reason: "Synced",
    message,
    type,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    source: { component: "flagger" },
    reportingComponent: "flagger",
  };
  const serial = store.list(events).length;
  const metadata = { name: `${name}.${at.toString(16)}${serial.toString(16).padStart(4, "0")}`, namespace };
  store.apply({ apiVersion: "v1", kind: "Event", metadata, ...body }, "flagger");
}

const events = { group: "", kind: "Event" } as const;

export function forgetOldEvents(store: ObjectStore, now: number): void {
  for (const event of store.list(events)) {
    const { name, namespace = "default" } = event.metadata;
    const last = Date.parse(textAt(event, "lastTimestamp") ?? "");
    if (last < now - kept) store.delete({ ...events, namespace, name });
  }
}
