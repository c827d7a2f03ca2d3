// Moves the write-ahead log into the database file from a worker thread, so that its syncs stall nobody. The worker is plain
// JavaScript text: it runs the same from the sources and from compiled files.
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** Octets of log after which a checkpoint is due, and from which on the log is to be started anew. */
const dueOctets = 8 * 1024 * 1024;
const largeFrames = 16_384;
/** Milliseconds after the first change that no checkpoint has covered. */
const dueMilliseconds = 30_000;
/** What a small commit adds to the log: five pages. */
const commitOctets = 20_480;

const workerText = `
const { parentPort, workerData } = require('node:worker_threads');
const Database = require(workerData.module);
let connection;
function run(order) {
  if (connection === undefined) {
    connection = new Database(workerData.file, { timeout: 50, fileMustExist: true });
    connection.pragma('synchronous = NORMAL');
  }
  const checkpoint = (mode) => connection.pragma('wal_checkpoint(' + mode + ')')[0];
  // The passive one does the bulk and holds up nobody; the other one then finds little left and holds writers up briefly.
  const { log } = checkpoint('PASSIVE');
  if (order === 'idle') checkpoint('TRUNCATE');
  else if (log > workerData.largeFrames) checkpoint('RESTART');
}
parentPort.on('message', (order) => {
  if (order === 'close') {
    if (connection !== undefined) connection.close();
    parentPort.close();
    return;
  }
  try {
    run(order);
    parentPort.postMessage(undefined);
  } catch (error) {
    parentPort.postMessage(error.message);
  }
});
`;

/** When and how the log is moved into the database. */
export interface Checkpoints {
  /** To be called after each commit, with the octets of messages that it wrote, if any. */
  wrote(octets: number): void;
  /** Stops the worker. */
  close(): Promise<void>;
}

export const noCheckpoints: Checkpoints = { wrote() {}, close: () => Promise.resolve() };

/** Checkpoints of `file`. `onError` hears of one that failed; the next one tries again. */
export function checkpoints(file: string, onError: (error: Error) => void): Checkpoints {
  return new WorkerCheckpoints(file, onError);
}

class WorkerCheckpoints implements Checkpoints {
  readonly #file: string;
  readonly #onError: (error: Error) => void;
  #worker: Worker | undefined;
  #running = false;
  #octets = 0;
  #timer: NodeJS.Timeout | undefined;
  #octetsAtTimer = 0;
  #closed = false;

  constructor(file: string, onError: (error: Error) => void) {
    this.#file = file;
    this.#onError = onError;
  }

  wrote(octets: number): void {
    this.#octets += octets + commitOctets;
    if (this.#octets >= dueOctets) this.#start('busy');
    else if (this.#timer === undefined) this.#watch();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.ref();
    worker.postMessage('close');
    await ended;
  }

  #watch(): void {
    this.#octetsAtTimer = this.#octets;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#octets > 0) this.#start(this.#octets === this.#octetsAtTimer ? 'idle' : 'busy');
    }, dueMilliseconds);
    this.#timer.unref();
  }

  #start(order: 'busy' | 'idle'): void {
    if (this.#running || this.#closed) return;
    this.#running = true;
    this.#octets = 0;
    this.#worker ??= this.#spawn();
    this.#worker.postMessage(order);
  }

  #spawn(): Worker {
    const module = createRequire(import.meta.url).resolve('better-sqlite3');
    const worker = new Worker(workerText, {
      eval: true,
      execArgv: [],
      workerData: { module, file: this.#file, largeFrames },
    });
    worker.unref();
    worker.on('message', (failure: string | undefined) => {
      this.#running = false;
      if (failure !== undefined)
        this.#onError(new Error(`The write-ahead log could not be moved into the database: ${failure}`));
    });
    worker.on('error', (error: Error) => this.#onError(error));
    worker.on('exit', () => {
      this.#running = false;
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }
}
