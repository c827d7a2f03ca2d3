// Lets so many works go on at the same time, so many more wait, and turns the rest away.

export interface Turnstile {
  /** Runs `work` when its turn comes; undefined at once when too many wait. */
  pass<T>(work: () => Promise<T>): Promise<T | undefined>;
}

export function turnstile(atOnce: number, waiting: number): Turnstile {
  const queue: (() => void)[] = [];
  let inside = 0;
  return {
    async pass(work) {
      if (inside >= atOnce) {
        if (queue.length >= waiting) return undefined;
        // Whoever leaves hands the place on, so `inside` does not change.
        await new Promise<void>((resolve) => queue.push(resolve));
      } else {
        inside++;
      }
      try {
        return await work();
      } finally {
        const next = queue.shift();
        if (next === undefined) inside--;
        else next();
      }
    },
  };
}
