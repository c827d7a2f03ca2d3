// One request at a time for a (partnership, collection): a second one waits briefly, then gives up.

/** Runs work under named locks, first come first served. */
export interface CollectionLocks {
  /**
   * Runs `work` once no other work holds `key`. Gives `busy` when that takes longer than `patience` milliseconds; the work is then not run.
   */
  run<T>(
    key: string,
    work: () => Promise<T>,
    patience?: number,
  ): Promise<{ kind: 'done'; value: T } | { kind: 'busy' }>;
}

/** Locks within this process. `patience` is 10 s unless given: under the 30 s after which phones give up. */
export function collectionLocks(): CollectionLocks {
  const tails = new Map<string, Promise<void>>();
  return {
    async run(key, work, patience = 10_000) {
      const before = tails.get(key);
      let release = () => {};
      const mine = new Promise<void>((resolve) => {
        release = resolve;
      });
      // Whoever comes next waits for this work and for all that this work waits for, even if this one gives up.
      const tail = before === undefined ? mine : before.then(() => mine);
      tails.set(key, tail);
      try {
        if (before !== undefined && !(await settlesWithin(before, patience))) return { kind: 'busy' };
        return { kind: 'done', value: await work() };
      } finally {
        release();
        if (tails.get(key) === tail) tails.delete(key);
      }
    },
  };
}

async function settlesWithin(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([promise.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
