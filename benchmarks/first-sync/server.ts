// The servers that run.ts measures, each in a process of its own. `easel DIR` is ours with a full mailbox; `plain DIR` reads the same bodies from a SQLite
// file and writes them to the socket.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { newEmailProperties } from '../../src/content/email-properties.ts';
import { startServer } from '../../src/main.ts';
import { derive } from '../../src/mime/derive.ts';
import { openStore } from '../../src/store/open-store.ts';
import { type BenchmarkMail, mails } from './mails.ts';

export interface Facts {
  readonly port: number;
  /** Of the process so far, user and system. */
  readonly cpuMicroseconds: number;
}

const [kind = 'easel', folder = '', count = '10000'] = process.argv.slice(2);

async function fill(file: string): Promise<void> {
  const store = await openStore({ kind: 'sqlite', file });
  const user = await store.directory.userByLogin('ann', undefined);
  const inbox = user === undefined ? undefined : await store.mailboxes.folderOfType(user.mailboxId, 2);
  if (user === undefined || inbox === undefined) throw new Error('no mailbox to fill');
  for (const { octets, received } of mails(Number(count))) {
    const { message, bodies } = derive(octets);
    const properties = newEmailProperties(message, { read: false });
    const delivery = { mailbox: user.mailboxId, folderId: inbox.id, properties, received, by: 0 as const };
    await store.delivery.submit({ message: { octets, derived: message, bodies }, deliveries: [delivery] });
  }
  await store.durable();
  await store.close();
}

async function startEasel(): Promise<number> {
  const settings = {
    data: folder,
    listen: { host: '127.0.0.1', port: 0 },
    lmtp: { enabled: false },
    smtp: { enabled: false },
    log: { level: 'warn' as const },
  };
  const organisation = { domains: ['example.test'], users: [{ name: 'ann@example.test', password: 'secret' }] };
  await (await startServer({ settings, organisation })).close();
  await fill(join(folder, 'easel.db'));
  return (await startServer({ settings, organisation })).bound.port;
}

/** Answers `/FROM/COUNT` with so many bodies, newest first, as they come from the database. */
function startPlain(): Promise<number> {
  const database = new Database(join(folder, 'plain.db'));
  database.pragma('journal_mode = WAL');
  database.exec('CREATE TABLE mail (id INTEGER PRIMARY KEY, body TEXT)');
  const insert = database.prepare('INSERT INTO mail (body) VALUES (?)');
  database.transaction((list: Iterable<BenchmarkMail>) => {
    for (const { body } of list) insert.run(body);
  })(mails(Number(count)));
  const select = database
    .prepare<[number, number], string>('SELECT body FROM mail WHERE id < ? ORDER BY id DESC LIMIT ?')
    .pluck();
  const server = createServer((request, response) => {
    const [, from, limit] = (request.url ?? '').split('/').map(Number);
    const octets = Buffer.from(select.all(from ?? 0, limit ?? 0).join(''), 'utf8');
    request.resume();
    request.on('end', () => response.end(octets));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

const port = kind === 'easel' ? await startEasel() : await startPlain();
function facts(): Facts {
  const { user, system } = process.cpuUsage();
  return { port, cpuMicroseconds: user + system };
}
process.on('message', () => process.send?.(facts()));
process.on('disconnect', () => process.exit());
process.send?.(facts());
