import type { Sample, Vector } from "./value.ts";

/**
 * The `k` largest samples, largest first (`smallest`: the other way round). Which of several equal ones stay depends on
 * Prometheus' heap, so this is the same heap: container/heap of Go, NaN counting as the first to go.
 */
export function topOf(samples: Vector, k: number, smallest: boolean): Vector {
  const outranked = smallest
    ? (a: number, b: number): boolean => a > b
    : (a: number, b: number): boolean => a < b;
  const less = (a: Sample, b: Sample): boolean => Number.isNaN(a.value) || outranked(a.value, b.value);
  const heap: Sample[] = [];
  for (const sample of samples) {
    const least = heap[0];
    if (heap.length < k || least === undefined) {
      push(heap, sample, less);
    } else if (outranked(least.value, sample.value) || Number.isNaN(least.value)) {
      pop(heap, less);
      push(heap, sample, less);
    }
  }
  return heap.sort((a, b) => Number(less(a, b)) - Number(less(b, a)));
}

type Less = (a: Sample, b: Sample) => boolean;

function push(heap: Sample[], sample: Sample, less: Less): void {
  heap.push(sample);
  let index = heap.length - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!swapIfLess(heap, index, parent, less)) return;
    index = parent;
  }
}

function pop(heap: Sample[], less: Less): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const child = isLess(heap, left + 1, left, less) ? left + 1 : left;
    if (!swapIfLess(heap, child, index, less)) return;
    index = child;
  }
}

function isLess(heap: readonly Sample[], index: number, other: number, less: Less): boolean {
  const [a, b] = [heap[index], heap[other]];
  return a !== undefined && b !== undefined && less(a, b);
}

function swapIfLess(heap: Sample[], index: number, other: number, less: Less): boolean {
  const [a, b] = [heap[index], heap[other]];
  if (a === undefined || b === undefined || !less(a, b)) return false;
  heap[index] = b;
  heap[other] = a;
  return true;
}
