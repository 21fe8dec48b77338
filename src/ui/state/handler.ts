import type { Context } from "./context.ts";
import type { UiEvent } from "./event.ts";
import type { Next } from "./next.ts";
import type { UiState } from "./uiState.ts";

type Handler<Is extends UiEvent["is"]> = (
  state: UiState,
  event: Extract<UiEvent, { is: Is }>,
  context: Context,
) => Next;

/** What follows from each of these events. */
export type Handlers<Is extends UiEvent["is"]> = { readonly [One in Is]: Handler<One> };

/** What follows from this event. The table has a handler of the right kind for each `is`; the compiler can't follow that through the index. */
export function handle(
  handlers: Handlers<UiEvent["is"]>,
  state: UiState,
  event: UiEvent,
  context: Context,
): Next {
  const handler = handlers[event.is] as Handler<UiEvent["is"]>;
  return handler(state, event, context);
}
