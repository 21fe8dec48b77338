/** The detail of a declared service, made when somebody asks for it first (docs/adr/0014). */
import type { FlowIndex } from "../join/flowIndex.ts";
import type { Route } from "../model/route.ts";
import type { ServiceDetail, VersionTraffic } from "../model/service.ts";
import { isSame } from "../share.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { buildRoute } from "./routes.ts";
import { isSameRouted, isSameVersions } from "./sameFigures.ts";
import type { ServicePlan } from "./servicePlans.ts";
import { versionsOf } from "./versions.ts";

/** What one mesh is made from. */
export interface Ground {
  readonly known: KnownMesh;
  readonly flows: FlowIndex;
}

/** Meshes: an event may make two of them, and rows scroll out of sight and in again. */
const lastingInterest = 4;

/** Lists show a thousand services, and this of those on the screen alone. Whose detail was asked for in one mesh has it made with the next. */
export class DetailOnDemand implements ServiceDetail {
  #ground: Ground;
  #plan: ServicePlan;
  /** `null`: nobody has asked. */
  #routes: readonly Route[] | null = null;
  #versions: readonly VersionTraffic[] | null = null;
  /** For so many meshes somebody will probably ask. */
  #interest = 0;

  constructor(ground: Ground, plan: ServicePlan) {
    this.#ground = ground;
    this.#plan = plan;
  }

  get routes(): readonly Route[] {
    this.#interest = lastingInterest;
    return (this.#routes ??= this.#makeRoutes());
  }

  get versions(): readonly VersionTraffic[] {
    this.#interest = lastingInterest;
    return (this.#versions ??= this.#makeVersions());
  }

  /** Of a service of which other things differ from the mesh before: makes what somebody asked of that, and keeps what says the same. */
  follow(before: DetailOnDemand): void {
    if (before.#interest === 0) return;
    this.#interest = before.#interest - 1;
    this.#take(before, before.#routes !== null, before.#versions !== null);
  }

  /**
   * Of a service of which nothing else differs: makes all of both, because a service that is another object has to differ in something, and keeps what says
   * the same.
   *
   * @returns does all say the same?
   */
  takeOver(before: DetailOnDemand): boolean {
    this.#interest = Math.max(0, before.#interest - 1);
    before.#routes ??= before.#makeRoutes();
    before.#versions ??= before.#makeVersions();
    this.#take(before, true, true);
    return this.#routes === before.#routes && this.#versions === before.#versions;
  }

  /** Goes on in place of the next one, which says the same. */
  standInFor(next: DetailOnDemand): void {
    this.#ground = next.#ground;
    this.#plan = next.#plan;
    this.#interest = next.#interest;
  }

  /** Stands in the next mesh too, of which it is told the same: the mesh before need not be held for it. */
  standOn(ground: Ground): void {
    this.#ground = ground;
  }

  /** What differs from before is made, and what does not is what was there. */
  #take(before: DetailOnDemand, isRouted: boolean, isSplit: boolean): void {
    const isOnePlan = before.#plan === this.#plan;
    if (isRouted) {
      const [old, made] = [before.#routes, this.#makeRoutes()];
      this.#routes = old !== null && (isOnePlan ? isSameRouted : isSame)(old, made) ? old : made;
    }
    if (isSplit) {
      const [old, made] = [before.#versions, this.#makeVersions()];
      this.#versions = old !== null && (isOnePlan ? isSameVersions : isSame)(old, made) ? old : made;
    }
  }

  #makeRoutes(): readonly Route[] {
    const { known, flows } = this.#ground;
    return this.#plan.routes.map((route) => buildRoute(known, flows, route));
  }

  /** Two declarations of one host cannot both be what proxies call; the traffic belongs to the one that sidecars choose. */
  #makeVersions(): readonly VersionTraffic[] {
    const { known, flows } = this.#ground;
    const { key, host } = this.#plan.service;
    return (known.serviceByHost.get(host)?.key ?? key) === key ? versionsOf(known, flows, host) : [];
  }
}
