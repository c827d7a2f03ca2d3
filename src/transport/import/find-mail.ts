// Finds the mail at a path: a Maildir, an mbox file, an .eml file, or a directory of these.
import type { Dirent } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isMaildir, readMaildir } from './maildir.ts';
import { beginsMbox, readMbox, stateFromFields } from './mbox.ts';
import type { SourceEntry } from './source.ts';
import { maximumImportedMessage, reasonOf } from './source.ts';

const maximumDepth = 20;

async function startsLikeMbox(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0);
    return beginsMbox(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

async function readEml(path: string, folder: readonly string[]): Promise<SourceEntry> {
  const { size, mtimeMs } = await stat(path);
  if (size > maximumImportedMessage) {
    return { kind: 'unreadable', origin: path, reason: `larger than ${maximumImportedMessage} octets` };
  }
  const octets = await readFile(path);
  return { kind: 'message', origin: path, folder, octets, state: stateFromFields(octets), fallbackDate: mtimeMs };
}

/** A file named by the user: whatever is no mbox is one message. */
async function* readFileEntry(path: string, folder: readonly string[]): AsyncGenerator<SourceEntry> {
  try {
    if (!/\.eml$/i.test(path) && (await startsLikeMbox(path))) yield* readMbox(path, folder);
    else yield await readEml(path, folder);
  } catch (error) {
    yield { kind: 'unreadable', origin: path, reason: reasonOf(error) };
  }
}

/** A file found in a directory: .eml, and mbox files whatever their name (Thunderbird gives them none that tells). */
async function* readFound(directory: string, name: string, folder: readonly string[]): AsyncGenerator<SourceEntry> {
  const path = join(directory, name);
  try {
    if (/\.eml$/i.test(name)) yield await readEml(path, folder);
    else if (await startsLikeMbox(path))
      yield* readMbox(path, [...folder, basename(name).replace(/\.(?:mbox|mbx)$/i, '')]);
  } catch (error) {
    yield { kind: 'unreadable', origin: path, reason: reasonOf(error) };
  }
}

async function* readDirectory(
  directory: string,
  folder: readonly string[],
  depth: number,
): AsyncGenerator<SourceEntry> {
  let entries: Dirent[];
  try {
    entries = await readdir(directory, { withFileTypes: true });
  } catch (error) {
    yield { kind: 'unreadable', origin: directory, reason: reasonOf(error) };
    return;
  }
  if (isMaildir(entries)) {
    yield* readMaildir(directory, folder);
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isFile()) yield* readFound(directory, entry.name, folder);
    else if (entry.isDirectory() && depth < maximumDepth)
      yield* readDirectory(join(directory, entry.name), folder, depth + 1);
  }
}

/**
 * All mail at a path, one message at a time in memory.
 * @throws when there is nothing at the path.
 */
export async function* findMail(path: string): AsyncGenerator<SourceEntry> {
  if ((await stat(path)).isDirectory()) yield* readDirectory(path, [], 0);
  else yield* readFileEntry(path, []);
}
