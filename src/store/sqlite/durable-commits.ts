// Makes commits durable without stalling the thread that makes them: one asynchronous fdatasync of the write-ahead log serves
// everybody who waits. Why this is as safe as synchronous=FULL: docs/decisions/0003-durable-commits.md.
import { close, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { StoreError } from '../store-error.ts';

/** Counts commits and brings them to disk. */
export interface DurableCommits {
  /** To be called after each commit that wrote something. */
  committed(): void;
  /** Resolves once every commit counted so far is on disk. Rejects with StoreError 'not-durable' once a sync has failed, for ever. */
  durable(): Promise<void>;
  /** Waits for a sync that is under way, then gives the file up. */
  close(): Promise<void>;
}

const atOnce = Promise.resolve();

/** For databases in memory: nothing survives, so that there is nothing to wait for. */
export function volatileCommits(): DurableCommits {
  return { committed() {}, durable: () => atOnce, close: () => atOnce };
}

/** Syncs the write-ahead log `walFile`, which must exist. */
export function durableCommits(walFile: string): DurableCommits {
  return new LogSyncs(openSync(walFile, 'r+'));
}

class LogSyncs implements DurableCommits {
  readonly #descriptor: number;
  #committed = 0;
  #synced = 0;
  /** A sync that has not read `#committed` yet: whoever comes now is served by it. */
  #gathering: Promise<void> | undefined;
  /** The sync under way and the commits that it covers. */
  #running: Promise<void> | undefined;
  #covered = 0;
  #failure: StoreError | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  committed(): void {
    this.#committed++;
  }

  durable(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#synced === this.#committed) return atOnce;
    if (this.#running !== undefined && this.#covered === this.#committed) return this.#running;
    this.#gathering ??= this.#next(this.#running);
    return this.#gathering;
  }

  async close(): Promise<void> {
    await (this.#gathering ?? this.#running)?.catch(() => {
      // Whoever waited for this sync was told; closing goes on.
    });
    await promisify(close)(this.#descriptor);
  }

  async #next(before: Promise<void> | undefined): Promise<void> {
    // Requests that arrived together commit in the same turn of the event loop: they are to share one sync.
    await (before ?? new Promise<void>((resolve) => setImmediate(resolve)));
    this.#running = this.#gathering;
    this.#gathering = undefined;
    this.#covered = this.#committed;
    try {
      await this.#sync();
      this.#synced = this.#covered;
    } finally {
      this.#running = undefined;
    }
  }

  #sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#descriptor, (error) => {
        if (error === null) return resolve();
        // After a failed sync the kernel may have dropped the pages and call the next one good: nothing can be trusted any more.
        this.#failure = new StoreError('not-durable', 'The write-ahead log could not be synced to disk.', {
          cause: error,
        });
        reject(this.#failure);
      });
    });
  }
}
