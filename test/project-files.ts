// The project's own files: what git tracks, else (in an unpacked archive) everything that is not installed or built.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

export const projectRoot = resolve(import.meta.dirname, '..');

const notOurs = new Set(['.git', 'coverage', 'dist', 'node_modules']);

function walk(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (notOurs.has(entry.name)) return [];
    const path = join(directory, entry.name);
    return entry.isDirectory() ? walk(path) : [relative(projectRoot, path)];
  });
}

/** Paths from the project root, with `/` between names. */
export function projectFiles(): readonly string[] {
  if (!existsSync(join(projectRoot, '.git'))) return walk(projectRoot);
  const listing = execFileSync('git', ['ls-files', '-z'], {
    cwd: projectRoot,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return listing.split('\0').filter((path) => path !== '' && existsSync(join(projectRoot, path)));
}

export function readProjectFile(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8');
}
