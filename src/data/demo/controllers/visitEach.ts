import { Refused } from "../kube/refused.ts";

/**
 * Visits each in turn. A write that the API server refuses ends the visit of that one, as an error does in a controller's
 * queue; the others are visited. Throws whatever else is thrown.
 */
export function visitEach<T>(all: Iterable<T>, visit: (one: T) => void): void {
  for (const one of all) {
    try {
      visit(one);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
}
