// A server without HTTP: commands run against a real store, requests and answers pass through WBXML, answers are validated.
import assert from 'node:assert/strict';
import { pino } from 'pino';
import type { CommandContext, CommandQuery, RequestBody } from '../../src/commands/command.ts';
import { commands } from '../../src/commands/index.ts';
import type { CommandSettings, Services } from '../../src/commands/services.ts';
import { newEmailProperties } from '../../src/content/email-properties.ts';
import { errorAnswer } from '../../src/http/error-response.ts';
import { derive } from '../../src/mime/derive.ts';
import { type FolderId, type ItemId, type PartnershipId, serverIdOf } from '../../src/protocol/ids.ts';
import type { ProtocolVersion } from '../../src/protocol/version.ts';
import type { Partnership } from '../../src/store/device-store.ts';
import type { User } from '../../src/store/directory-store.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { collectionLocks } from '../../src/sync/collection-locks.ts';
import { heldRequests } from '../../src/sync/held-requests.ts';
import { defaultSubmissionLimits, mailSubmission } from '../../src/transport/mail-submission.ts';
import { AirSync as A, decode, Element, encode, type Tag } from '../../wbxml/index.ts';
import { assertValidResponse } from '../xsd.ts';

export const allVersions: readonly ProtocolVersion[] = [12.1, 14, 14.1, 16, 16.1];

const log = pino({ level: 'silent' });

const defaults: CommandSettings = {
  minimumHeartbeat: 60,
  maximumHeartbeat: 3540,
  maximumPingFolders: 200,
  maximumSyncCollections: 512,
  maximumMessageSize: 1024 * 1024,
  maximumResponseSize: 4 * 1024 * 1024,
  allowNonProvisionable: true,
};

const plainQuery: CommandQuery = { saveInSent: false, acceptMultiPart: false };

/** An element with children or a value. */
export function el(tag: Tag, ...content: (Element | undefined)[] | [string | number | Buffer]): Element {
  const [first] = content;
  if (typeof first === 'string' || Buffer.isBuffer(first)) return new Element(tag, first);
  if (typeof first === 'number') return new Element(tag, String(first));
  const children = (content as (Element | undefined)[]).filter((child) => child !== undefined);
  return new Element(tag, children.length === 0 ? undefined : children);
}

/** The children of an element that have a tag. */
export function childrenOf(element: Element, tag: Tag): Element[] {
  return Array.isArray(element.content) ? element.content.filter((child) => child.tag === tag) : [];
}

/** The first element on a way down; undefined where there is none. */
export function at(element: Element, ...path: Tag[]): Element | undefined {
  return path.reduce<Element | undefined>((found, tag) => found && childrenOf(found, tag)[0], element);
}

/** The text at the end of a way down; undefined where there is none. */
export function textAt(element: Element, ...path: Tag[]): string | undefined {
  const found = at(element, ...path);
  if (found === undefined) return undefined;
  assert.ok(found.content === undefined || typeof found.content === 'string');
  return found.content ?? '';
}

/** What came back. */
export interface Answer {
  readonly kind: 'document' | 'empty' | 'octets' | 'http';
  /** The document of a `document`. */
  readonly root?: Element;
  /** The HTTP status of an `http`. */
  readonly status?: number;
  readonly parts: readonly Buffer[];
}

export interface Request {
  readonly query?: Partial<CommandQuery>;
  readonly policyKey?: number;
  readonly signal?: AbortSignal;
  readonly settings?: Partial<CommandSettings>;
}

/** One device of one user. */
export class TestDevice {
  readonly bench: Bench;
  readonly user: User;
  readonly deviceId: string;
  readonly deviceType: string;
  version: ProtocolVersion;

  constructor(bench: Bench, user: User, deviceId: string, version: ProtocolVersion, deviceType = 'Test') {
    this.bench = bench;
    this.user = user;
    this.deviceId = deviceId;
    this.version = version;
    this.deviceType = deviceType;
  }

  async partnership(): Promise<Partnership> {
    const claim = { deviceId: this.deviceId, deviceType: this.deviceType, userAgent: 'Test/1' };
    const kept = await this.bench.store.devices.findOrCreate(this.user.id, claim, 10);
    assert.ok(kept);
    return this.deviceId === 'validate' ? { ...kept, id: 0 as PartnershipId } : kept;
  }

  async context(request: Request = {}): Promise<CommandContext> {
    return {
      version: this.version,
      user: this.user,
      mailbox: this.user.mailboxId,
      device: await this.partnership(),
      query: { ...plainQuery, ...request.query },
      policyKey: request.policyKey,
      services: { ...this.bench.services, settings: { ...defaults, ...request.settings } },
      signal: request.signal ?? new AbortController().signal,
      log,
    };
  }

  /** Sends a document, an empty body or a message; gives the answer, or the Status that stands for the whole of it. */
  async send(name: string, sent: Element | Buffer | undefined, request: Request = {}): Promise<Answer> {
    const command = commands.find((each) => each.name === name);
    assert.ok(command, `no command ${name}`);
    const body = bodyOf(sent);
    assert.ok(command.bodies(this.version).includes(body.kind), `${name} takes no ${body.kind} body`);
    const context = await this.context(request);
    const reply = await command.execute(context, body).catch((error: unknown) => {
      const { answer, unexpected } = errorAnswer(error, command, this.version);
      if (unexpected) throw error;
      return answer;
    });
    if (reply.kind === 'http') return { kind: 'http', status: reply.status, parts: [] };
    if (reply.kind !== 'document') return { kind: reply.kind, parts: [] };
    const root = decode(encode(reply.root));
    if (this.bench.validates) assertValidResponse(name, root);
    return { kind: 'document', root, parts: ('parts' in reply ? reply.parts : undefined) ?? [] };
  }

  /** Syncs a folder once; gives the key for the next time and what was told, for example `Add 5:17`. */
  async sync(folder: FolderId, key: string, ...options: Element[]): Promise<{ key: string; told: string[] }> {
    const fields = [el(A.SyncKey, key), el(A.CollectionId, String(folder)), ...options];
    const { root } = await this.send('Sync', el(A.Sync, el(A.Collections, el(A.Collection, ...fields))));
    if (root === undefined) return { key, told: [] };
    const answered = at(root, A.Collections, A.Collection);
    assert.ok(answered);
    const told = (at(answered, A.Commands)?.content as Element[] | undefined) ?? [];
    return {
      key: textAt(answered, A.SyncKey) ?? key,
      told: told.map((each) => `${each.tag.name} ${textAt(each, A.ServerId)}`),
    };
  }

  /** Syncs a folder until it has all of it; gives the key. */
  async prime(folder: FolderId, ...options: Element[]): Promise<string> {
    let { key } = await this.sync(folder, '0', ...options);
    for (;;) {
      const next = await this.sync(folder, key);
      if (next.told.length === 0) return next.key;
      key = next.key;
    }
  }

  /** Sends and gives the document of the answer, which must be one. */
  async ask(name: string, sent: Element | undefined, request: Request = {}): Promise<Element> {
    const { root, kind, status } = await this.send(name, sent, request);
    assert.ok(root, `answered ${kind} ${status ?? ''} and no document`);
    return root;
  }
}

function bodyOf(sent: Element | Buffer | undefined): RequestBody {
  if (sent === undefined) return { kind: 'empty' };
  return Buffer.isBuffer(sent) ? { kind: 'mime', octets: sent } : { kind: 'document', root: decode(encode(sent)) };
}

/** A store with two users, and the services around it. */
export class Bench {
  readonly store: Store;
  readonly services: Services;
  readonly ann: User;
  readonly bob: User;
  /** Whether answers are held to their schemas; not in tests of many thousand answers, for each is a process. */
  validates = true;

  private constructor(store: Store, ann: User, bob: User) {
    this.store = store;
    this.ann = ann;
    this.bob = bob;
    this.services = {
      store,
      submission: mailSubmission({
        store,
        limits: { ...defaultSubmissionLimits, messageSize: defaults.maximumMessageSize },
        hostname: 'mail.example.test',
        logger: log,
        now: Date.now,
      }),
      settings: defaults,
      locks: collectionLocks(),
      held: heldRequests(store.notifier),
      now: Date.now,
    };
  }

  static async open(): Promise<Bench> {
    const store = await openStore({ kind: 'sqlite', file: ':memory:' });
    await store.directory.putDomain('example.test');
    const user = async (name: string) => {
      const outcome = await store.directory.putUser(name, 'example.test', {
        displayName: name,
        passwordHash: '-',
        aliases: [`${name}.alias@example.test`],
      });
      assert.ok('user' in outcome);
      return outcome.user;
    };
    return new Bench(store, await user('ann'), await user('bob'));
  }

  /** A device of Ann's. */
  device(version: ProtocolVersion, deviceId = 'device1', deviceType = 'Test'): TestDevice {
    return new TestDevice(this, this.ann, deviceId, version, deviceType);
  }

  /** The default folder of a type in a user's mailbox. */
  async folder(type: number, user = this.ann): Promise<FolderId> {
    const folder = await this.store.mailboxes.folderOfType(user.mailboxId, type);
    assert.ok(folder);
    return folder.id;
  }

  /** Puts a message into a folder. */
  async deliver(
    message: string | Buffer,
    folderId: FolderId,
    user = this.ann,
  ): Promise<{ id: ItemId; serverId: string }> {
    const octets = Buffer.isBuffer(message) ? message : Buffer.from(message.replaceAll(/\r?\n/g, '\r\n'));
    const { message: derived, bodies } = derive(octets);
    const outcome = await this.store.delivery.submit({
      message: { octets, derived, bodies },
      deliveries: [
        {
          mailbox: user.mailboxId,
          folderId,
          properties: newEmailProperties(derived, { read: false }),
          received: Date.now(),
          by: 0,
        },
      ],
    });
    const delivery = outcome.kind === 'done' ? outcome.deliveries[0] : undefined;
    assert.ok(delivery?.kind === 'delivered');
    return { id: delivery.itemId, serverId: serverIdOf(folderId, delivery.itemId) };
  }
}

/** Waits until something holds; fails after ten seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < end, 'waited in vain');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A plain message. */
export function plainMessage(subject: string, text = 'Hello'): string {
  return `From: Bob <bob@example.test>\nTo: ann@example.test\nSubject: ${subject}\nMessage-ID: <${subject}@example.test>\n\n${text}\n`;
}
