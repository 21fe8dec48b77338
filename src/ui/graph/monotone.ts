/** Numbers in order, as near as whole numbers can be to numbers that are not (isotonic regression by pooling what is in each other's way). */

/** Never falling, nearest to `wishes` in the least squares. */
export function monotone(wishes: readonly number[]): readonly number[] {
  const pools: { readonly sum: number; readonly count: number }[] = [];
  for (const wish of wishes) {
    let pool = { sum: wish, count: 1 };
    for (
      let last = pools.at(-1);
      last !== undefined && last.sum / last.count > pool.sum / pool.count;
      last = pools.at(-1)
    ) {
      pools.pop();
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ sum, count }) => Array.from({ length: count }, () => Math.round(sum / count)));
}

/** Each at least one more than the one before, between `first` and `last`, which leave room for all of them. */
export function increasing(
  wishes: readonly number[],
  { first, last }: { readonly first: number; readonly last: number },
): readonly number[] {
  const top = last - wishes.length + 1;
  return monotone(wishes.map((wish, index) => wish - index)).map(
    (row, index) => Math.min(top, Math.max(first, row)) + index,
  );
}
