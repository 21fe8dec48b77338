/** Checks take longer than a frame in a large cluster: they run one at a time, between keys. */
import { knownMesh } from "./mesh/build/knownMesh.ts";
import { checkByCheck } from "./mesh/checks/runChecks.ts";
import type { Declared } from "./mesh/declared/declared.ts";

/** A cluster that never rests is checked once in so long. */
const REST_MS = 3000;

/**
 * @param later as the store's.
 * @param onChecked hears of a state of the cluster whose checks are all done, so that its findings cost nothing.
 * @returns asks for the checks of a state. One that changes again before its turn is skipped.
 */
export function checkLater(
  later: (ms: number, work: () => void) => void,
  onChecked: (declared: Declared) => void,
): (declared: Declared) => void {
  let wanted: Declared | null = null;
  let isBusy = false;

  function begin(): void {
    isBusy = wanted !== null;
    if (wanted === null) return;
    const declared = wanted;
    wanted = null;
    const checks = checkByCheck(knownMesh(declared));
    const step = (): void => {
      if (checks.next().done !== true) later(0, step);
      else {
        onChecked(declared);
        later(REST_MS, begin);
      }
    };
    later(0, step);
  }

  return (declared) => {
    wanted = declared;
    if (!isBusy) begin();
  };
}
