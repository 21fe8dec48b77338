/** What is different from the refresh before: events, not the small ups and downs of a rate. */
import type { Lock } from "../../data/mesh/model/security.ts";
import type { Traffic } from "../../data/mesh/traffic.ts";
import type { Box, Call, Picture } from "./boxes.ts";
import { errorFigure, errorTone, flowFigure, isIdle, lockWord } from "./numbers.ts";
import type { PictureKey } from "./picture.ts";

export interface Changes {
  /** What happened to each box and call of the picture, in words; those to which nothing did are absent. */
  readonly of: ReadonlyMap<PictureKey, readonly string[]>;
  /** Titles of the boxes that are no longer there. */
  readonly gone: readonly string[];
}

export const noChanges: Changes = { of: new Map(), gone: [] };

/** A rate that doubled or halved is news, if it is of more than one request a second. */
const jump = 2;
const worthTelling = 1;

/** `null`: there is no refresh before this one. */
export function changesBetween(before: Picture | null, now: Picture): Changes {
  if (before === null || before.boxes.length === 0) return noChanges;
  const of = new Map<PictureKey, readonly string[]>();
  const tell = (key: PictureKey, words: readonly string[]): void => {
    if (words.length > 0) of.set(key, words);
  };
  const boxes = new Map(before.boxes.map((box) => [box.key, box]));
  for (const box of now.boxes) {
    const old = boxes.get(box.key);
    if (old !== box) tell(box.key, old === undefined ? ["new"] : boxChanges(old, box));
    boxes.delete(box.key);
  }
  const calls = new Map(before.calls.map((call) => [call.key, call]));
  for (const call of now.calls) {
    const old = calls.get(call.key);
    if (old !== call) tell(call.key, old === undefined ? ["new"] : callChanges(old, call));
  }
  return { of, gone: [...boxes.values()].map(({ title }) => title) };
}

function boxChanges(old: Box, now: Box): readonly string[] {
  const words = [...trafficChanges(old.traffic, now.traffic), ...weightChanges(old, now)];
  if (old.state !== now.state)
    words.push(now.state === "dead" ? "nothing answers any more" : "answers again");
  if (old.lock !== null && now.lock !== null) words.push(...lockChanges(old.lock, now.lock));
  const trouble = urgent(now).filter((badge) => !urgent(old).includes(badge));
  return [...words, ...trouble];
}

const urgent = ({ badges }: Box): readonly string[] =>
  badges.filter(({ tone }) => tone === "bad").map(({ text }) => text);

const callChanges = (old: Call, now: Call): readonly string[] => [
  ...trafficChanges(old.traffic, now.traffic),
  ...lockChanges(old.lock, now.lock),
];

function trafficChanges(old: Traffic, now: Traffic): string[] {
  if (isIdle(old) !== isIdle(now)) return [isIdle(now) ? "fell idle" : `woke up: ${flowFigure(now).text}`];
  return [...errorChanges(errorsIn(old), errorsIn(now)), ...rateChanges(old, now)];
}

const errorsIn = ({ requests }: Traffic): number => requests?.errors ?? 0;
const rateIn = ({ requests }: Traffic): number => requests?.rate ?? 0;

const errorChanges = (was: number, is: number): readonly string[] =>
  errorTone(was) === errorTone(is) ? [] : [`errors ${errorFigure(was).text} to ${errorFigure(is).text}`];

function rateChanges(old: Traffic, now: Traffic): readonly string[] {
  const [less, more] = [rateIn(old), rateIn(now)];
  const isNews = Math.max(less, more) >= worthTelling && Math.max(less, more) >= jump * Math.min(less, more);
  return isNews ? [`${flowFigure(old).text} to ${flowFigure(now).text}`] : [];
}

function weightChanges(old: Box, now: Box): readonly string[] {
  const before = new Map(old.versions.map((version) => [version.workload, version.weight]));
  return now.versions.flatMap(({ workload, name, weight }) => {
    const was = before.get(workload) ?? null;
    return was === weight || !before.has(workload)
      ? []
      : [`${name} weight ${was ?? "none"} to ${weight ?? "none"}`];
  });
}

function lockChanges(old: Lock, now: Lock): readonly string[] {
  const isSame = old.state === now.state && old.predicted === now.predicted;
  return isSame ? [] : [`lock ${lockWord(old).text} to ${lockWord(now).text}`];
}
