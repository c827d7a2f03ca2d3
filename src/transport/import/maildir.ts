// Reads a Maildir: messages of `cur` and `new`, flags from the names, and the subfolders of Maildir++ (`.Name.Sub`) or nested Maildirs.
// The format: cr.yp.to/proto/maildir.html; Maildir++: inter7.com/courierimap/README.maildirquota.html. Neither is an RFC.
import type { Dirent } from 'node:fs';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageState, SourceEntry } from './source.ts';
import { maximumImportedMessage, reasonOf } from './source.ts';

const day = 86_400_000;
const maximumDepth = 20;
const ownDirectories = new Set(['cur', 'new', 'tmp']);

/** Whether a directory is a Maildir. */
export function isMaildir(entries: readonly Dirent[]): boolean {
  return entries.some((entry) => entry.isDirectory() && entry.name === 'cur');
}

/** Flags after `:2,` (or `;2,` and `!2,` where a colon cannot be in a name). */
export function stateFromName(name: string): MessageState {
  const letters = /[:;!]2,([A-Za-z]*)$/.exec(name)?.[1] ?? '';
  return {
    read: letters.includes('S'),
    flagged: letters.includes('F'),
    replied: letters.includes('R'),
    forwarded: letters.includes('P'),
    draft: letters.includes('D'),
    trashed: letters.includes('T'),
  };
}

/**
 * When it was delivered. IMAP servers keep the INTERNALDATE as the file's modification time, which is never later than the name's; a later
 * one comes from a copy that did not preserve it, and then the time of the name counts.
 */
export function deliveryTime(name: string, modified: number): number | undefined {
  const seconds = /^(\d{9,10})[.,_]/.exec(name)?.[1];
  if (seconds === undefined) return undefined;
  const named = Number(seconds) * 1000;
  return modified <= named + day ? Math.floor(modified) : named;
}

/** A folder name of IMAP, RFC 3501 section 5.1.3 (Mailbox International Naming Convention), as Unicode. */
export function decodeFolderName(name: string): string {
  return name.replace(/&([A-Za-z0-9+,]*)-/g, (whole, encoded: string) => {
    if (encoded === '') return '&';
    const octets = Buffer.from(encoded.replaceAll(',', '/'), 'base64');
    if (octets.length === 0 || octets.length % 2 !== 0) return whole;
    return octets.swap16().toString('utf16le');
  });
}

async function readMessage(path: string, name: string, folder: readonly string[]): Promise<SourceEntry> {
  try {
    const { size, mtimeMs } = await stat(path);
    if (size > maximumImportedMessage) {
      return { kind: 'unreadable', origin: path, reason: `larger than ${maximumImportedMessage} octets` };
    }
    const received = deliveryTime(name, mtimeMs);
    const message = {
      kind: 'message',
      origin: path,
      folder,
      octets: await readFile(path),
      state: stateFromName(name),
    } as const;
    return { ...message, fallbackDate: mtimeMs, ...(received === undefined ? {} : { received }) };
  } catch (error) {
    return { kind: 'unreadable', origin: path, reason: reasonOf(error) };
  }
}

async function* readMessages(directory: string, folder: readonly string[]): AsyncGenerator<SourceEntry> {
  for (const part of ['cur', 'new']) {
    let names: string[];
    try {
      names = await readdir(join(directory, part));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        yield { kind: 'unreadable', origin: join(directory, part), reason: reasonOf(error) };
      }
      continue;
    }
    // Names begin with the time of delivery: in this order, what came first is imported first.
    for (const name of names.sort()) {
      if (!name.startsWith('.')) yield readMessage(join(directory, part, name), name, folder);
    }
  }
}

/** Directories within, in order of their names; what cannot be listed is an entry itself. */
async function subdirectories(directory: string): Promise<readonly Dirent[] | SourceEntry> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const inner = entries.filter((entry) => entry.isDirectory() && !ownDirectories.has(entry.name));
    return inner.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    return { kind: 'unreadable', origin: directory, reason: reasonOf(error) };
  }
}

/** A Maildir and the Maildirs in it. */
export async function* readMaildir(
  directory: string,
  folder: readonly string[],
  depth = 0,
): AsyncGenerator<SourceEntry> {
  if (depth > maximumDepth) {
    yield { kind: 'unreadable', origin: directory, reason: `nested more than ${maximumDepth} deep` };
    return;
  }
  yield { kind: 'folder', folder };
  yield* readMessages(directory, folder);
  const inner = await subdirectories(directory);
  if ('kind' in inner) {
    yield inner;
    return;
  }
  for (const { name } of inner) {
    const path = join(directory, name);
    if (!(await exists(join(path, 'cur')))) continue;
    const names = name.startsWith('.') ? name.slice(1).split('.') : [name];
    yield* readMaildir(path, [...folder, ...names.filter((one) => one !== '').map(decodeFolderName)], depth + 1);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
