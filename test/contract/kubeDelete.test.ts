import { expect, test } from "vitest";
import { collection, inBothWorlds, sending, splitRoute } from "../support/kubeWorlds.ts";

const routes = collection("networking.istio.io/v1", "virtualservices");
const path = `${routes}/reviews`;
const rehearsal = { kind: "DeleteOptions", apiVersion: "v1", dryRun: ["All"] };

inBothWorlds("A rehearsed deletion", (world) => {
  const created = () => world().fetch(routes, sending("POST", splitRoute("reviews")));
  const isThere = async () => (await world().fetch(path)).status === 200;

  test("leaves the object where the body asks for the dry run", async () => {
    await created();
    expect((await world().fetch(path, sending("DELETE", rehearsal))).status).toBe(200);
    expect(await isThere()).toBe(true);
  });

  test("leaves the object where the query asks for it and there is no body", async () => {
    await created();
    expect((await world().fetch(`${path}?dryRun=All`, { method: "DELETE" })).status).toBe(200);
    expect(await isThere()).toBe(true);
  });

  test("deletes it all the same where a body without dryRun stands beside the query", async () => {
    await created();
    const body = { kind: "DeleteOptions", apiVersion: "v1" };
    expect((await world().fetch(`${path}?dryRun=All`, sending("DELETE", body))).status).toBe(200);
    expect(await isThere()).toBe(false);
  });
});
