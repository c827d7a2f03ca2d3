// Compiles Easel and its benchmarks the way they are installed: a loader's traces would cost the measured server time and memory.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist/benchmark');

/** Compiles everything, a few seconds, and gives the path of a compiled benchmark file, for example `http/server.js`. */
export function compiledBenchmark(file: string): string {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['-p', root, '--noCheck', '--declaration', 'false', '--outDir', folder];
  execFileSync(process.execPath, [compiler, ...options], { stdio: 'inherit' });
  return join(folder, 'benchmarks', file);
}

/** Flags for the measured process from the environment, for example NODE_FLAGS='--cpu-prof'. */
export const nodeFlags: readonly string[] = process.env['NODE_FLAGS']?.split(' ') ?? [];
