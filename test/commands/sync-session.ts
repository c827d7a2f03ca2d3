// A server and its devices for tests of Sync over real HTTP: mail that lies there from the start, requests as elements, answers validated at the end.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EasClient,
  find,
  findNumber,
  type Properties,
  type ServerCommand,
  type SyncAnswer,
  type SyncCollectionAnswer,
  type SyncCollectionRequest,
  type SyncRequest,
  type Version,
} from '../../src/client/index.ts';
import type { Settings } from '../../src/config.ts';
import { type RunningServer, startServer } from '../../src/main.ts';
import { AirSync as A, decode, type Element } from '../../wbxml/index.ts';
import { LmtpSession } from '../lmtp.ts';
import { assertValidResponses } from '../xsd.ts';
import { el } from './bench.ts';

/** Numbers of the default folders (MS-ASCMD section 2.2.3.186.3, Type (FolderSync)). */
export const Folder = { Inbox: 2, Drafts: 3, Deleted: 4, Sent: 5, Outbox: 6, Calendar: 8, Contacts: 9 } as const;

type Success = Extract<SyncAnswer, { kind: 'answer' }>;

/** One device. Keeps the key of each folder as it goes. */
export class SyncDevice {
  readonly client: EasClient;
  readonly keys = new Map<string, string>();
  private folders = new Map<number, string>();

  constructor(client: EasClient) {
    this.client = client;
  }

  async setUp(): Promise<this> {
    const { adds } = await this.client.folderSync('0');
    for (const { serverId, type } of adds) if (!this.folders.has(type)) this.folders.set(type, serverId);
    return this;
  }

  folder(type: number = Folder.Inbox): string {
    const id = this.folders.get(type);
    assert.ok(id);
    return id;
  }

  /** Sends a Sync of one collection; `syncKey` is the last one unless given. Keeps the new key. */
  async sync(collection: Partial<SyncCollectionRequest> = {}, more: Partial<SyncRequest> = {}): Promise<SyncAnswer> {
    const collectionId = collection.collectionId ?? this.folder();
    const syncKey = collection.syncKey ?? this.keys.get(collectionId) ?? '0';
    const answer = await this.client.sync({ collections: [{ ...collection, collectionId, syncKey }], ...more });
    this.keep(answer);
    return answer;
  }

  /** Takes over the keys of an answer. */
  keep(answer: SyncAnswer): void {
    if (answer.kind === 'empty') return;
    for (const { collectionId, syncKey, status } of answer.collections) {
      if (status === 1 && syncKey !== undefined) this.keys.set(collectionId, syncKey);
    }
  }

  /** Sends a Sync of one collection and gives what its answer says of it, which must be something. */
  async one(collection: Partial<SyncCollectionRequest> = {}): Promise<SyncCollectionAnswer> {
    return onlyCollection(await this.sync(collection));
  }

  /** Begins anew with a folder and gets its items: those of a first window. */
  async first(collection: Partial<SyncCollectionRequest> = {}): Promise<SyncCollectionAnswer> {
    const { options: _, ...others } = collection;
    await this.one({ ...(collection.collectionId ? { collectionId: collection.collectionId } : {}), syncKey: '0' });
    return this.one({ windowSize: 512, ...others, ...(collection.options ? { options: collection.options } : {}) });
  }

  /** Sends a Sync document as it is; gives the root of the answer. */
  async raw(...children: (Element | undefined)[]): Promise<Element | undefined> {
    const { status, root } = await this.client.send('Sync', el(A.Sync, ...children));
    assert.equal(status, 200);
    return root;
  }

  /** As {@link raw} for one collection with its key, whose other children are given. */
  async rawCollection(...children: (Element | undefined)[]): Promise<Element | undefined> {
    const collectionId = this.folder();
    const named = children.some((child) => child?.tag === A.SyncKey);
    const key = named ? undefined : el(A.SyncKey, this.keys.get(collectionId) ?? '0');
    return this.raw(el(A.Collections, el(A.Collection, key, el(A.CollectionId, collectionId), ...children)));
  }
}

/** The status of the whole answer, else of its first collection. */
export function statusOf(root: Element | undefined): number | undefined {
  return findNumber(root, 'AirSync:Status') ?? findNumber(root, 'Collections/Collection/AirSync:Status');
}

/** The Status of the whole answer; undefined when it has none. */
export function globalStatus(root: Element | undefined): number | undefined {
  return findNumber(root, 'AirSync:Status');
}

/** The answer as an answer about collections. */
export function answered(answer: SyncAnswer): Success {
  assert.equal(answer.kind, 'answer', 'the answer is empty');
  return answer as Success;
}

export function onlyCollection(answer: SyncAnswer): SyncCollectionAnswer {
  const { collections, status } = answered(answer);
  assert.equal(collections.length, 1, `Status ${status}, ${collections.length} collections`);
  return collections[0] as SyncCollectionAnswer;
}

/** What the server told, in short: `Add 2:5`. */
export function told(answer: SyncCollectionAnswer): string[] {
  return answer.commands.map(({ kind, serverId }) => `${kind} ${serverId}`);
}

/** The properties of an item that an answer tells of; the only one, or the one with this ServerId. */
export function propertiesIn(answer: SyncCollectionAnswer, serverId?: string): Properties {
  const command = answer.commands.find((each) => serverId === undefined || each.serverId === serverId);
  assert.ok(command !== undefined && 'properties' in command, `nothing of ${serverId ?? 'any item'}`);
  return command.properties;
}

/** Items of an answer by their subject. */
export function bySubject(answer: SyncCollectionAnswer): Map<string, ServerCommand & { properties: Properties }> {
  return new Map(
    answer.commands.flatMap((command) =>
      'properties' in command ? [[String(command.properties['Email:Subject'] ?? ''), command] as const] : [],
    ),
  );
}

/** A running server with the users ann and bob. */
export class SyncSession {
  readonly running: RunningServer;
  private readonly lmtp: LmtpSession;
  private readonly clients: EasClient[] = [];
  private readonly answers: Element[] = [];

  private constructor(running: RunningServer) {
    this.running = running;
    this.lmtp = new LmtpSession(running.lmtp ?? '');
  }

  /** `mail` is imported into Ann's inbox, unchanged. */
  static async start(mail: readonly (string | Buffer)[] = [], settings: Settings = {}): Promise<SyncSession> {
    const directory = mkdtempSync(join(tmpdir(), 'easel-sync-'));
    const path = mail.map((octets, index) => {
      const file = join(directory, `${index}.eml`);
      writeFileSync(file, Buffer.isBuffer(octets) ? octets : octets.replaceAll(/\r?\n/g, '\r\n'));
      return file;
    });
    const organisation = {
      domains: ['example.test'],
      users: [
        { name: 'ann', password: 'secret', ...(path.length === 0 ? {} : { mail: [{ path }] }) },
        { name: 'bob', password: 'secret' },
      ],
    };
    try {
      const logged = { log: { level: 'silent' as const }, ...settings };
      return new SyncSession(await startServer({ ephemeral: true, settings: logged, organisation }));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** A device that has synchronized its folders. */
  async device(version: Version, user: 'ann' | 'bob' = 'ann'): Promise<SyncDevice> {
    const client = new EasClient({
      url: this.running.activesync,
      user,
      password: 'secret',
      version,
      deviceId: `SYNC${this.clients.length}`,
      onExchange: ({ command, status, body }) => {
        if (command === 'Sync' && status === 200 && body.length > 0) this.answers.push(decode(body));
      },
    });
    this.clients.push(client);
    return new SyncDevice(client).setUp();
  }

  async deliver(octets: string | Buffer, user: 'ann' | 'bob' = 'ann'): Promise<void> {
    const message = Buffer.isBuffer(octets) ? octets : Buffer.from(octets.replaceAll(/\r?\n/g, '\r\n'));
    await this.lmtp.deliver({ sender: 'out@example.net', recipients: [`${user}@example.test`], octets: message });
  }

  /** Closes everything; then fails when an answer was not as its schema has it. */
  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    await this.lmtp.close();
    await this.running.close();
    assertValidResponses('Sync', this.answers);
  }
}

let letters = 0;

/** A message with headers of its own. */
export function mail(subject: string, body = 'Hello', headers: Readonly<Record<string, string>> = {}): string {
  letters++;
  const fields = {
    From: '"Olaf Out" <olaf@example.net>',
    To: 'ann@example.test',
    Subject: subject,
    'Message-ID': `<sync.${letters}@example.net>`,
    Date: new Date(Date.now() - letters * 1000).toUTCString(),
    'MIME-Version': '1.0',
    ...headers,
  };
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')}\n${body}`;
}

/** Whether an answer names an element anywhere. */
export function has(root: Element | undefined, path: string): boolean {
  return find(root, path) !== undefined;
}
