/**
 * A small seedable generator (mulberry32, public domain): shares jitter as real ones do, and a run with the same seed can be
 * repeated to the byte.
 */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number, uniform in [0, n). */
  below(n: number): number;
  /** True with this probability; 0 and below never, 1 and above always. */
  chance(probability: number): boolean;
  /** Standard normal. */
  normal(): number;
  /** How many arrivals, where `mean` are expected. */
  poisson(mean: number): number;
}

/** Above this mean, Knuth's product needs too many draws, and the normal curve is as good. */
const MANY = 30;

export function randomOf(seed: number): Random {
  const next = mulberry32(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    normal,
    below: (n) => Math.floor(next() * n),
    chance: (probability) => probability >= 1 || (probability > 0 && next() < probability),
    poisson(mean) {
      if (mean <= 0) return 0;
      if (mean > MANY) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
      const limit = Math.exp(-mean);
      let arrivals = 0;
      for (let product = next(); product > limit; product *= next()) arrivals += 1;
      return arrivals;
    },
  };
}

function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
