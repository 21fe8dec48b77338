import { textAt } from "../kube/fields.ts";
import type { KubeObject } from "../kube/objects.ts";
import type { ObjectStore } from "../kube/store.ts";
import { timestampOf } from "./timestamp.ts";
import { visitEach } from "./visitEach.ts";

/** How long a kube-apiserver keeps events (its --event-ttl). */
const kept = 60 * 60_000;

interface Happening {
  readonly at: number;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** The controller that tells. */
  readonly from: string;
}

/** Writes an event on an object. One that is refused (the object's name leaves no room for its own) is lost, as a recorder of Kubernetes loses it. */
export function recordEvent(store: ObjectStore, about: KubeObject, happening: Happening): void {
  const { at, type, reason, message, from } = happening;
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
    reason,
    message,
    type,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    source: { component: from },
    reportingComponent: from,
  };
  const serial = store.list(events).length;
  const metadata = { name: `${name}.${at.toString(16)}${serial.toString(16).padStart(4, "0")}`, namespace };
  const event = { apiVersion: "v1", kind: "Event", metadata, ...body };
  visitEach([event], (one) => store.apply(one, from));
}

const events = { group: "", kind: "Event" } as const;

export function forgetOldEvents(store: ObjectStore, now: number): void {
  for (const event of store.list(events)) {
    const { name, namespace = "default" } = event.metadata;
    const last = Date.parse(textAt(event, "lastTimestamp") ?? "");
    if (last < now - kept) store.delete({ ...events, namespace, name });
  }
}
