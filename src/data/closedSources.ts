import { fail, type DataError } from "./mesh/result.ts";
import { now } from "./run.ts";

const unreached = fail<DataError>({
  kind: "unreachable",
  message: "There is no connection to a cluster.",
  advice: null,
});

const unread = (): Promise<typeof unreached> => Promise.resolve(unreached);

/** What the screen asks while nothing is connected: every answer is that there is no connection. */
export const closedSources = {
  readObject: unread,
  previewStrict: unread,
  proxies: {
    read: unread,
    look: unread,
    askCaller: () => Promise.resolve({ at: now(), pod: null, clusters: unreached }),
  },
  tail: null,
} as const;
