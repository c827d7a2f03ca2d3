// Sees to it that better-sqlite3's native part is there: npm 11, or a setting of the user, may hold back the script that builds it.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';

const rebuildArguments = ['rebuild', 'better-sqlite3', '--ignore-scripts=false', '--foreground-scripts'];

/** The native part is missing and could not be built; the message says what to type. */
export class NativeBindingError extends Error {
  override name = 'NativeBindingError';
}

/** Why the binding does not load; undefined when it does. */
function fault(): string | undefined {
  try {
    new Database(':memory:').close();
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}

/** The directory whose node_modules holds better-sqlite3. */
function installation(): string {
  const entry = createRequire(import.meta.url).resolve('better-sqlite3');
  return resolve(entry.slice(0, entry.lastIndexOf('node_modules')));
}

function rebuild(directory: string): Promise<{ readonly succeeded: boolean; readonly output: string }> {
  return new Promise((done) => {
    const child = spawn('npm', rebuildArguments, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk).slice(-4000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => done({ succeeded: false, output: error.message }));
    child.on('close', (code) => done({ succeeded: code === 0, output }));
  });
}

/** Builds what is missing, once, which takes a minute or two. Throws {@link NativeBindingError}. */
export async function ensureNativeBinding(tell: (line: string) => void): Promise<void> {
  const before = fault();
  if (before === undefined) return;
  const directory = installation();
  tell(
    'The native part of better-sqlite3 is missing, because npm held its install script back. Building it, once: a minute or two …',
  );
  const { succeeded, output } = await rebuild(directory);
  const after = succeeded ? fault() : undefined;
  if (succeeded && after === undefined) return;
  const lastWords = after ?? output.trim().split('\n').slice(-5).join(' | ');
  throw new NativeBindingError(
    `better-sqlite3 could not be built (${lastWords}). In ${directory} type: npm ${rebuildArguments.join(' ')} ` +
      '(it needs python3, make and a C++ compiler when no ready-made binary can be fetched)',
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await ensureNativeBinding((line) => process.stderr.write(`${line}\n`));
