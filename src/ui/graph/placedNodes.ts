import type { ServiceKey, WorkloadKey } from "../../data/mesh/model/keys.ts";
import type { BoxKind, Picture } from "./boxes.ts";
import type { Layout } from "./layoutGraph.ts";
import type { PictureKey, Rect } from "./picture.ts";
import { pictureIndexOf } from "./pictureIndex.ts";

/** A box that can be selected. */
export interface PlacedNode {
  readonly key: PictureKey;
  readonly kind: BoxKind;
  readonly title: string;
  /** What enter opens; `null` for workloads without a service and for hosts that no ServiceEntry names. */
  readonly service: ServiceKey | null;
  /** `null` for everything but a box that is a workload itself. */
  readonly workload: WorkloadKey | null;
  /** In cells of the whole picture; `null`: on another page of the surroundings. */
  readonly rect: Rect | null;
}

/** Where each shape of a layout stands, by its key. */
export const rectsOf = ({ shapes }: Layout): ReadonlyMap<PictureKey, Rect> =>
  new Map(shapes.map(({ key, rect }) => [key, rect]));

/** The boxes of a picture with these keys, in this order; what has no rect has no place on this page. */
export function placedNodes(
  picture: Picture,
  order: readonly PictureKey[],
  rects: ReadonlyMap<PictureKey, Rect>,
): readonly PlacedNode[] {
  const { boxes } = pictureIndexOf(picture);
  return order.flatMap((key) => {
    const box = boxes.get(key);
    if (box === undefined) return [];
    const { kind, title, service, workload } = box;
    return { key, kind, title, service, workload, rect: rects.get(key) ?? null };
  });
}
