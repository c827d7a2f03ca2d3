// What every verb shares: the options for data and output, the open store, and errors of one line.
import { mkdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { type Config, ConfigError, databaseFile, loadConfig } from '../config.ts';
import { OrganisationError } from '../organisation/organisation-file.ts';
import { ensureNativeBinding, NativeBindingError } from '../store/native-binding.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';

/** Something that whoever typed the command can put right. The message is shown as it is; exit code 1. */
export class CommandLineError extends Error {
  override name = 'CommandLineError';
}

export interface DataOptions {
  readonly data?: string;
  readonly config?: string;
}

export interface OutputOptions {
  readonly json?: true;
}

/** Adds `--data` and `--config`. */
export function withDataOptions(command: Command): Command {
  return command
    .option('--data <dir>', 'data directory (EASEL_DATA, else ./data)')
    .option('--config <file>', 'configuration (EASEL_CONFIG, else easel.yaml of the data directory)');
}

/** Adds `--json`. */
export function withOutputOptions(command: Command): Command {
  return command.option('--json', 'print JSON instead of text');
}

/** A line for people, beside the output. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The configuration that the options and the environment name. */
export function configOf(options: DataOptions): Promise<Config> {
  const settings = options.data === undefined ? {} : { data: options.data };
  return loadConfig({ environment: true, file: options.config, settings });
}

/** Opens the store of the data directory for `work` and closes it afterwards. A server may be running on it. */
export async function withStore<Result>(
  options: DataOptions,
  work: (store: Store, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = await configOf(options);
  await ensureNativeBinding(tell);
  await mkdir(config.data, { recursive: true, mode: 0o700 });
  const store = await openStore({ kind: 'sqlite', file: databaseFile(config) });
  try {
    const result = await work(store, config);
    await store.durable();
    return result;
  } finally {
    await store.close();
  }
}

const expected = [CommandLineError, ConfigError, OrganisationError, NativeBindingError, StoreError];

/** The line or lines that are shown for an error: never a stack trace. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return `unexpected: ${String(error)}`;
  if (expected.some((kind) => error instanceof kind)) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? `unexpected: ${error.message.split('\n')[0]}` : error.message.split('\n')[0]!;
}
