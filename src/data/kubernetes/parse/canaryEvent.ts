import type { CanaryEvent } from "../../mesh/declared/delivery.ts";
import type { RawObject } from "./raw.ts";

/** One Event on a Canary; nothing for an Event on anything else, or one that says nothing. */
export function readCanaryEvent({ meta, root: event }: RawObject): readonly CanaryEvent[] {
  const about = event.at("involvedObject");
  const message = event.at("message").textOrNull() ?? "";
  if (about.at("kind").textOrNull() !== "Canary" || message === "") return [];
  return [
    {
      meta,
      canary: about.at("name").text(),
      type: event.at("type").textOrNull() === "Warning" ? "Warning" : "Normal",
      message,
      at: event.at("lastTimestamp").timeOrNull() ?? event.at("eventTime").timeOrNull(),
    },
  ];
}
