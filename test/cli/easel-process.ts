// `easel …` as a real process, as whoever types it has it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../project-files.ts';

const program = join(projectRoot, 'src/cli/easel.ts');
const loader = import.meta.resolve('tsx');

export interface EaselOptions {
  /** What standard input holds before it closes; there is none when absent. */
  readonly input?: string;
  /** Variables besides those of the tests themselves, of which none begins with EASEL_. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The line that a server prints when it is ready. */
export interface Ready {
  readonly ready: boolean;
  readonly url: string;
  readonly activesync: string;
  readonly lmtp: string;
  readonly smtp: string;
  readonly accounts: readonly { readonly user: string; readonly password: string }[];
  readonly pid: number;
}

export interface Running {
  readonly child: ChildProcess;
  /** The first line of standard output. */
  readonly line: string;
  readonly ready: Ready;
  /** Resolves when it has ended. */
  readonly finished: Promise<Finished>;
}

const alive = new Set<ChildProcess>();

/** Kills what a failed test has left running; to be called after each test. */
export function endLeftOvers(): void {
  for (const child of alive) child.kill('SIGKILL');
}

function start(args: readonly string[], options: EaselOptions, stdin: 'pipe' | 'ignore') {
  const variables = Object.entries(process.env).filter(([name]) => !name.startsWith('EASEL_'));
  const child = spawn(process.execPath, ['--import', loader, program, ...args], {
    cwd: options.directory ?? projectRoot,
    env: { ...Object.fromEntries(variables), ...options.variables },
    stdio: [stdin, 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  alive.add(child);
  const finished = once(child, 'close').then(([code]): Finished => {
    alive.delete(child);
    return { code: code as number | null, stdout, stderr };
  });
  return { child, finished };
}

/** Runs a verb to its end. */
export function easel(args: readonly string[], options: EaselOptions = {}): Promise<Finished> {
  const { child, finished } = start(args, options, options.input === undefined ? 'ignore' : 'pipe');
  child.stdin?.end(options.input);
  return finished;
}

/** Starts `easel serve` and waits until it is ready. Rejects with what it said when it ends before. */
export async function easelServe(
  args: readonly string[],
  options: EaselOptions & { readonly stdin?: 'pipe' | 'ignore' } = {},
): Promise<Running> {
  const { child, finished } = start(['serve', ...args], options, options.stdin ?? 'pipe');
  const lines = createInterface({ input: child.stdout! });
  const first = new Promise<string>((resolve) => lines.once('line', resolve));
  const line = await Promise.race([first, finished.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  const ready = line.startsWith('{') ? (JSON.parse(line) as Ready) : (undefined as unknown as Ready);
  return { child, line, ready, finished };
}

/** A directory for `use`, removed afterwards. */
export async function inTemporaryDirectory<Result>(use: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'easel-test-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
