import type { Json } from "../../mesh/json.ts";
import { fail, ok, type Result } from "../../mesh/result.ts";
import type { Admission, AdmissionRequest } from "./admission.ts";
import type { Kind } from "./kinds.ts";
import { keyOf, objectKey, type KubeObject, type Manifest } from "./objects.ts";
import { saysTheSame, stampChanged, stampNew, type Stamp } from "./stamp.ts";
import { Refused } from "./refused.ts";
import * as refuse from "./status.ts";
import type { Status } from "./status.ts";
import type { Storage } from "./storage.ts";
import { faultsOf } from "./validation.ts";

/** How a client wants one write done. */
export interface WriteOptions {
  readonly manager: string;
  /** Check everything, store nothing. */
  readonly dryRun: boolean;
  /** Write `status` alone, or everything but it. */
  readonly part: "main" | "status";
}

/** What a write gives: the object as stored, or as it would be. */
export interface Written {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
}

/** What a delete may depend on. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** The checks between a request and the storage, in the order of a kube-apiserver. */
export interface Writer {
  /** @errors 404 no such namespace, 409 AlreadyExists, 422 invalid, or what admission says. */
  create(kind: Kind, object: KubeObject, options: WriteOptions): Result<Written, Status>;
  /** @errors 404, 409 where the object carries another resourceVersion or uid, 422, or what admission says. */
  update(kind: Kind, object: KubeObject, options: WriteOptions): Result<Written, Status>;
  /** @errors 404, 409 where a precondition fails, or what admission says. */
  remove(kind: Kind, key: string, preconditions: Preconditions, dryRun: boolean): Result<Written, Status>;
  /** Create or replace in process, without admission. Throws `Refused` where the object is invalid. */
  put(kind: Kind, manifest: Manifest, manager: string): KubeObject;
  /** Delete in process. */
  drop(kind: Kind, key: string): KubeObject | null;
}

interface WriterOptions {
  readonly storage: Storage;
  readonly kinds: readonly Kind[];
  readonly clock: () => number;
  readonly admission: Admission;
}

export function createWriter(options: WriterOptions): Writer {
  return new StoreWriter(options);
}

class StoreWriter implements Writer {
  private readonly storage: Storage;
  private readonly kinds: readonly Kind[];
  private readonly clock: () => number;
  private readonly admission: Admission;
  private serial = 0;

  constructor({ storage, kinds, clock, admission }: WriterOptions) {
    this.storage = storage;
    this.kinds = kinds;
    this.clock = clock;
    this.admission = admission;
  }

  create(kind: Kind, sent: KubeObject, options: WriteOptions): Result<Written, Status> {
    if ((sent.metadata.resourceVersion ?? "") !== "") return fail(versionedBirth);
    const object = named(sent, this.serial + 1);
    const name = object.metadata.name;
    const missing = this.missingNamespace(kind, object);
    if (missing !== null) return fail(missing);
    if (this.storage.find(kind, objectKey(kind, object)) !== null) {
      return fail(refuse.alreadyExists(kind, name));
    }
    const born = stampNew(withoutStatus(kind, object), this.serial + 1, this.stamp(options.manager));
    const refused = this.refusal(kind, born);
    if (refused !== null) return fail(refused);
    const answer = this.ask({
      operation: "CREATE",
      kind,
      object: born,
      before: null,
      dryRun: options.dryRun,
    });
    if (!answer.ok) return answer;
    if (options.dryRun) return ok({ object: born, warnings: answer.value });
    this.serial += 1;
    return ok({ object: this.storage.put(kind, born), warnings: answer.value });
  }

  update(kind: Kind, object: KubeObject, options: WriteOptions): Result<Written, Status> {
    const name = object.metadata.name;
    const before = this.storage.find(kind, objectKey(kind, object));
    if (before === null) return fail(refuse.notFound(kind, name));
    const stale = staleness(kind, object, before) ?? undoneIdentity(kind, object, before);
    if (stale !== null) return fail(stale);
    const next = stampChanged(
      partOf(kind, object, before, options.part),
      before,
      this.stamp(options.manager),
    );
    const refused = this.refusal(kind, next);
    if (refused !== null) return fail(refused);
    const answer = this.ask({ operation: "UPDATE", kind, object: next, before, dryRun: options.dryRun });
    if (!answer.ok) return answer;
    if (saysTheSame(next, before)) return ok({ object: before, warnings: answer.value });
    const stored = options.dryRun ? next : this.storage.put(kind, next);
    return ok({ object: stored, warnings: answer.value });
  }

  remove(kind: Kind, key: string, wish: Preconditions, dryRun: boolean): Result<Written, Status> {
    const before = this.storage.find(kind, key);
    if (before === null) return fail(refuse.notFound(kind, key.slice(key.indexOf("/") + 1)));
    const failed = failedPrecondition(before, wish);
    if (failed !== null) return fail(refuse.failedPrecondition(kind, before.metadata.name, failed));
    const answer = this.ask({ operation: "DELETE", kind, object: null, before, dryRun });
    if (!answer.ok) return answer;
    if (!dryRun) this.drop(kind, key);
    return ok({ object: before, warnings: answer.value });
  }

  put(kind: Kind, manifest: Manifest, manager: string): KubeObject {
    const object = placed(kind, manifest);
    const stamp = this.stamp(manager);
    const refused = this.refusal(kind, object);
    if (refused !== null) throw new Refused(refused.message);
    this.ensureNamespace(kind, object, manager);
    const before = this.storage.find(kind, objectKey(kind, object));
    if (before === null) {
      this.serial += 1;
      return this.storage.put(kind, stampNew(object, this.serial, stamp));
    }
    const next = stampChanged(object, before, stamp);
    return saysTheSame(next, before) ? before : this.storage.put(kind, next);
  }

  drop(kind: Kind, key: string): KubeObject | null {
    if (kind.group === "" && kind.kind === "Namespace") this.emptyNamespace(key);
    return this.storage.remove(kind, key);
  }

  private stamp(manager: string): Stamp {
    return { now: this.clock(), manager };
  }

  private ask(request: AdmissionRequest): Result<readonly string[], Status> {
    const answer = this.admission(request);
    return answer.denied === null ? ok(answer.warnings) : fail(answer.denied);
  }

  private refusal(kind: Kind, object: KubeObject): Status | null {
    const faults = faultsOf(kind, object);
    return faults.length === 0 ? null : refuse.invalid(kind, object.metadata.name, faults);
  }

  private namespaceKind(): Kind | undefined {
    return this.kinds.find((kind) => kind.group === "" && kind.kind === "Namespace");
  }

  private missingNamespace(kind: Kind, object: KubeObject): Status | null {
    const namespaces = this.namespaceKind();
    if (!kind.namespaced || namespaces === undefined) return null;
    const name = object.metadata.namespace ?? "default";
    return this.storage.find(namespaces, name) === null ? refuse.notFound(namespaces, name) : null;
  }

  private ensureNamespace(kind: Kind, object: KubeObject, manager: string): void {
    const namespaces = this.namespaceKind();
    if (namespaces === undefined || this.missingNamespace(kind, object) === null) return;
    const name = object.metadata.namespace ?? "default";
    this.put(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } }, manager);
  }

  private emptyNamespace(name: string): void {
    for (const kind of this.kinds) {
      if (!kind.namespaced) continue;
      for (const object of this.storage.snapshot(kind, this.storage.version()) ?? []) {
        if (object.metadata.namespace === name) this.storage.remove(kind, keyOf(name, object.metadata.name));
      }
    }
  }
}

/** A manifest at the place where it will lie. */
function placed(kind: Kind, manifest: Manifest): KubeObject {
  const object: KubeObject = { ...manifest };
  if (!kind.namespaced) return object;
  return { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? "default" } };
}

/** Status behind a subresource is not for those who create. Built-in kinds keep what the demo's kubelets would have written. */
function withoutStatus(kind: Kind, object: KubeObject): KubeObject {
  if (!kind.status || object["status"] === undefined) return object;
  return Object.fromEntries(Object.entries(object).filter(([field]) => field !== "status")) as KubeObject;
}

function partOf(kind: Kind, object: KubeObject, before: KubeObject, part: "main" | "status"): KubeObject {
  if (!kind.status) return object;
  const from = part === "main" ? object : before;
  const status: Json | undefined = (part === "main" ? before : object)["status"];
  const rest = withoutStatus(kind, from);
  return status === undefined ? rest : { ...rest, status };
}

const versionedBirth: Status = {
  code: 500,
  reason: "",
  message: "resourceVersion should not be set on objects to be created",
};

/** A name made of `generateName`, another for each object. */
function named(object: KubeObject, serial: number): KubeObject {
  const prefix = object.metadata["generateName"];
  if (object.metadata.name !== "" || typeof prefix !== "string" || prefix === "") return object;
  const name = `${prefix}${serial.toString(36).padStart(5, "0")}`;
  return { ...object, metadata: { ...object.metadata, name } };
}

/** Whether an update was made from another state than the present one. Custom resources must say which; others may. */
function staleness(kind: Kind, object: KubeObject, before: KubeObject): Status | null {
  const { resourceVersion = "", name } = object.metadata;
  if (resourceVersion === "" && kind.custom) return refuse.missingVersion(kind, name);
  if (resourceVersion === "" || resourceVersion === before.metadata.resourceVersion) return null;
  return refuse.conflict(kind, name, refuse.modifiedMeanwhile);
}

function undoneIdentity(kind: Kind, object: KubeObject, before: KubeObject): Status | null {
  const { uid, name } = object.metadata;
  if (uid === undefined || uid === before.metadata.uid) return null;
  const message = `Invalid value: "${uid}": field is immutable`;
  return refuse.invalid(kind, name, [{ reason: "FieldValueInvalid", message, field: "metadata.uid" }]);
}

function failedPrecondition(before: KubeObject, wish: Preconditions): string | null {
  const { uid = "", resourceVersion = "" } = before.metadata;
  if (wish.uid !== undefined && wish.uid !== uid) {
    return `the UID in the precondition (${wish.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
  }
  if (wish.resourceVersion !== undefined && wish.resourceVersion !== resourceVersion) {
    return `the ResourceVersion in the precondition (${wish.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
  }
  return null;
}
