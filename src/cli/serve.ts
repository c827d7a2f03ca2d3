// `easel serve`: runs the server until it is told to stop; `--ephemeral` for test harnesses.
import { fstatSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { Settings } from '../config.ts';
import type { RunningServer } from '../main.ts';
import { ensureNativeBinding } from '../store/native-binding.ts';
import {
  CommandLineError,
  type DataOptions,
  type OutputOptions,
  tell,
  withDataOptions,
  withOutputOptions,
} from './command-line.ts';
import { connectionText } from './connection-text.ts';
import { progressLine } from './progress-line.ts';

interface ServeOptions extends DataOptions, OutputOptions {
  readonly port?: number;
  readonly host?: string;
  readonly org?: string;
  readonly ephemeral?: true;
}

/** Requests still at work this long after the signal to stop are cut off, milliseconds. */
const shutdownPatience = 20_000;

/** The line that tells a program that the server is ready. */
function readyLine({ url, activesync, lmtp, smtp, accounts }: RunningServer): string {
  return JSON.stringify({ ready: true, url, activesync, lmtp, smtp, accounts, pid: process.pid });
}

/** Resolves when the process is told to stop, or when whoever started it is gone. */
function stopRequested(withInput: boolean): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      // A second signal ends the process at once, as without a handler.
      process.once(signal, () => resolve(signal));
    }
    if (!withInput || !inputCanClose()) return;
    process.stdin.on('end', () => resolve('standard input closed'));
    process.stdin.on('close', () => resolve('standard input closed'));
    process.stdin.on('error', () => resolve('standard input closed'));
    process.stdin.resume();
  });
}

/** A pipe, socket or terminal closes with its other end; /dev/null is at its end from the start and says nothing. */
function inputCanClose(): boolean {
  const input = fstatSync(0);
  return input.isFIFO() || input.isSocket() || process.stdin.isTTY === true;
}

async function start(options: ServeOptions): Promise<RunningServer> {
  const settings: Settings = {
    ...(options.data === undefined ? {} : { data: options.data }),
    listen: {
      ...(options.host === undefined ? {} : { host: options.host }),
      ...(options.port === undefined ? {} : { port: options.port }),
    },
  };
  await ensureNativeBinding(tell);
  // Loaded here only: the other verbs need no server.
  const { startServer } = await import('../main.ts');
  const progress = progressLine();
  return startServer({
    settings,
    configFile: options.config,
    environment: true,
    ephemeral: options.ephemeral === true,
    organisation: options.org,
    onProgress: progress.show,
  }).finally(progress.end);
}

/** A renewed certificate is taken without a restart, as administrators know it of other servers. */
function renewOnHangUp(running: RunningServer): void {
  process.on('SIGHUP', () => {
    running.reloadCertificate().then(
      () => tell('The certificate was read again.'),
      (error: Error) => tell(`The certificate stays as it was: ${error.message}`),
    );
  });
}

async function serve(options: ServeOptions): Promise<void> {
  if (options.ephemeral && options.data !== undefined)
    throw new CommandLineError('--ephemeral keeps nothing: leave --data out');
  const stop = stopRequested(options.ephemeral === true);
  const running = await Promise.race([start(options), stop]);
  if (typeof running === 'string') return process.exit(0);
  process.stdout.write(options.ephemeral || options.json ? `${readyLine(running)}\n` : connectionText(running));
  if (running.config.tls.certificate !== undefined) renewOnHangUp(running);
  const reason = await stop;
  if (!options.ephemeral) tell(`Stopping (${reason}) …`);
  const cut = setTimeout(() => process.exit(1), shutdownPatience);
  await running.close();
  clearTimeout(cut);
  // Standard input, when it is still open, would keep the process.
  process.stdin.destroy();
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

/** Adds the verb `serve` to the program. */
export function registerServe(program: Command): void {
  const verb = program.command('serve').description('run the server');
  withOutputOptions(withDataOptions(verb))
    .option('--port <number>', 'port of HTTP; 0 takes a free one', portNumber)
    .option('--host <address>', 'address to listen on')
    .option('--org <file>', 'apply this organisation before starting')
    .option('--ephemeral', 'for tests: keep everything in memory, take free ports of 127.0.0.1, print one line of JSON')
    .action(serve);
}
