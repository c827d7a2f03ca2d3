// A real server process on a directory of its own that can be killed and started again, always at the same address.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hashPassword } from '../../src/directory/passwords.ts';
import { derive } from '../../src/mime/derive.ts';
import { applyOrganisation } from '../../src/organisation/apply-organisation.ts';
import { checkOrganisation } from '../../src/organisation/organisation-file.ts';
import type { ItemId } from '../../src/protocol/ids.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { inboxDelivery } from '../../src/transport/delivery.ts';
import { LmtpSession } from '../lmtp.ts';
import { agesInDays } from './actions.ts';

/** Mail that comes in while the server is down. */
export interface OldMail {
  readonly user: string;
  readonly subject: string;
  readonly ageInDays: number;
}

/** The message under a subject. */
export function messageOf(user: string, subject: string, from = 'outside@example.net'): Buffer {
  const id = `${subject.replaceAll(' ', '.')}@model.example.net`;
  const header = [`From: ${from}`, `To: ${user}@${domain}`, `Subject: ${subject}`, `Message-ID: <${id}>`];
  return Buffer.from(`${header.join('\r\n')}\r\nDate: ${new Date().toUTCString()}\r\n\r\nText of ${subject}.\r\n`);
}

/** Mail of every age that is in each mailbox at the beginning. */
export function firstMail(user: string): readonly OldMail[] {
  return [...agesInDays, ...agesInDays].map((ageInDays, index) => ({
    user,
    subject: `${user} old ${index}`,
    ageInDays,
  }));
}

const dayInMilliseconds = 24 * 60 * 60 * 1000;
const password = 'model';
const domain = 'model.example';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export class ModelServer {
  readonly password = password;
  readonly domain = domain;
  readonly users: readonly string[];
  url = '';
  lmtp = new LmtpSession('');
  /** How often the process was killed. */
  kills = 0;
  readonly #directory: string;
  readonly #argument: string;
  #process: ChildProcess | undefined;

  private constructor(directory: string, ports: readonly [http: number, lmtp: number], users: readonly string[]) {
    this.#directory = directory;
    this.#argument = JSON.stringify({ data: directory, httpPort: ports[0], lmtpPort: ports[1] });
    this.users = users;
  }

  /** Makes the directory with so many users, and starts the process. */
  static async create(userCount: number): Promise<ModelServer> {
    const directory = await mkdtemp(join(tmpdir(), 'easel-model-'));
    const users = Array.from({ length: userCount }, (_, index) => `model${index}`);
    const server = new ModelServer(directory, [await freePort(), await freePort()], users);
    await server.#withStore(async (store) => {
      const passwordHash = await hashPassword(password);
      const organisation = { domains: [domain], users: users.map((name) => ({ name, passwordHash })) };
      await applyOrganisation(checkOrganisation(organisation), { store });
      await receive(store, users.flatMap(firstMail));
    });
    await server.#start();
    return server;
  }

  async #withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await openStore({ kind: 'sqlite', file: join(this.#directory, 'easel.db') });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  async #start(): Promise<void> {
    const script = fileURLToPath(new URL('serve-directory.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, this.#argument], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process = child;
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith('{"url"')) continue;
      const ready = JSON.parse(line);
      this.url = ready.url;
      this.lmtp = new LmtpSession(ready.lmtp);
      return;
    }
    throw new Error(`the server ended with ${child.exitCode ?? child.signalCode} before it was ready`);
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    await this.lmtp.close();
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  /** Kills the process, lets mail with old dates come in, and starts it again. */
  async restart(mails: readonly OldMail[]): Promise<void> {
    this.kills++;
    await this.#end('SIGKILL');
    if (mails.length > 0) await this.#withStore((store) => receive(store, mails));
    await this.#start();
  }

  /** Sends a request, kills the process `delay` milliseconds later, and starts it again. Undefined when no answer came. */
  async killDuring<T>(send: () => Promise<T>, delay: number): Promise<T | undefined> {
    const answer = send().catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'ECONNREFUSED' || error.code === 'EPIPE') return undefined;
      throw error;
    });
    await new Promise((resolve) => setTimeout(resolve, delay));
    await this.restart([]);
    return answer;
  }

  /** Ends the process for good and gives the subjects of all mail in some mailboxes, read from the store itself. */
  async endAndRead(users: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    await this.#end('SIGTERM');
    return this.#withStore(async (store) => {
      const subjects = new Map<string, readonly string[]>();
      for (const user of users) subjects.set(user, await subjectsIn(store, user));
      return subjects;
    });
  }

  /** Ends the process and removes the directory. */
  async close(): Promise<void> {
    await this.#end('SIGTERM');
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function receive(store: Store, mails: readonly OldMail[]): Promise<void> {
  for (const { user, subject, ageInDays } of mails) {
    const found = await store.directory.userByLogin(user, domain);
    if (found === undefined) throw new Error(`no user ${user}`);
    const octets = messageOf(user, subject);
    const { message: derived, bodies } = derive(octets);
    const message = { octets, derived, bodies };
    const received = Date.now() - ageInDays * dayInMilliseconds;
    await store.delivery.submit({ message, deliveries: [await inboxDelivery(store, found, message, { received })] });
  }
  await store.durable();
}

async function subjectsIn(store: Store, user: string): Promise<readonly string[]> {
  const found = await store.directory.userByLogin(user, domain);
  if (found === undefined) throw new Error(`no user ${user}`);
  const mailbox = found.mailboxId;
  const snapshot = await store.mailboxes.counter(mailbox);
  const subjects: string[] = [];
  for (const folder of await store.mailboxes.folders(mailbox)) {
    let cursor: { readonly sortDate: number; readonly id: ItemId } | undefined;
    for (;;) {
      const range = { snapshot, cursor, floor: Number.MIN_SAFE_INTEGER, limit: 1000 };
      const items = await store.mailboxes.backfill(mailbox, folder.id, range);
      subjects.push(...items.flatMap(({ message }) => (message === undefined ? [] : [message.derived.subject])));
      const last = items.at(-1);
      if (last === undefined) break;
      cursor = { sortDate: last.sortDate, id: last.id };
    }
  }
  return subjects;
}
