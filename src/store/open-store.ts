// Opens a store of the kind asked for. An engine is one folder and one line here.
import { type ChangeNotifier, localNotifier } from './change-notifier.ts';
import { sqliteStore } from './sqlite/sqlite-store.ts';
import type { Store } from './store.ts';

/** Which engine and where. */
export interface StoreOptions {
  readonly kind: 'sqlite';
  /** Path of the database file, whose folder must exist; `:memory:` keeps everything in memory and loses it on close. */
  readonly file: string;
  /** One within this process unless given. */
  readonly notifier?: ChangeNotifier;
  /** The clock, in milliseconds since 1970; the computer's unless given. */
  readonly now?: () => number;
  /** Hears of failures that no caller waits for (a checkpoint, clearing away); a warning of the process unless given. */
  readonly onBackgroundError?: (error: Error) => void;
}

/** Opens the store and brings its schema up to date. Rejects with StoreError when it is of a newer version or not ours. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { file, notifier = localNotifier(), now = Date.now } = options;
  const { onBackgroundError = (error: Error) => process.emitWarning(error) } = options;
  const engines = { sqlite: () => sqliteStore({ file, notifier, now, onBackgroundError }) };
  return engines[options.kind]();
}
