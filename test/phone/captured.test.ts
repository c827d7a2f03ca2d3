// Requests of real phones as they were captured, with keys and ids put in that mean something here (MS-ASHTTP section 2.2.1, HTTP POST and OPTIONS).
// The captures lie beside the project and are not part of it.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type HttpAnswer, openConnections } from '../../src/client/http-exchange.ts';
import { find, findAll, findNumber, findText, type Phone, versions } from '../../src/client/index.ts';
import { decode, Element, encode } from '../../wbxml/index.ts';
import { assertValidResponse } from '../xsd.ts';
import { letter, TestServer } from './test-server.ts';

const fixtures = new URL('../../../shared/fixtures/', import.meta.url);

/** Types of the folders that the captures name, by the ids that they had there. */
const capturedFolders: Readonly<Record<string, number>> = { 1: 2, 2: 6, 3: 3, 4: 8, 5: 9, 7: 5, 8: 4, 11: 10, 17: 7 };
/** Item statuses that our state demands: an item that only the captured mailbox had, a class that is not kept yet. */
const itemStatuses = new Set([1, 6, 7, 8]);

interface CapturedRequest {
  readonly name: string;
  readonly method: 'OPTIONS' | 'POST';
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

function readRequest(folder: URL, file: string): CapturedRequest {
  const [requestLine = '', ...lines] = readFileSync(new URL(file, folder), 'utf8').trimEnd().split(/\r?\n/);
  const [method = '', target = ''] = requestLine.split(' ');
  const headers = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const);
  const body = new URL(file.replace('.txt', '.wbxml'), folder);
  const ofProxy = new Set(['host', 'connection', 'content-length']);
  return {
    name: file.replace('.req.txt', ''),
    method: method === 'OPTIONS' ? 'OPTIONS' : 'POST',
    query: target.split('?')[1] ?? '',
    headers: Object.fromEntries(headers.filter(([name]) => !ofProxy.has(name.toLowerCase()))),
    body: existsSync(body) ? readFileSync(body) : Buffer.alloc(0),
  };
}

function replaced(element: Element, value: (element: Element, parent: Element | undefined) => string | undefined) {
  const walk = (at: Element, parent: Element | undefined): Element => {
    const content = Array.isArray(at.content) ? at.content.map((child) => walk(child, at)) : at.content;
    return new Element(at.tag, value(at, parent) ?? content);
  };
  return walk(element, undefined);
}

/** One captured device: what it is called, and the keys that it has here. */
class Device {
  readonly #server: TestServer;
  readonly #phone: Phone;
  readonly #connections = openConnections();

  constructor(server: TestServer, deviceId: string, deviceType: string, version: string) {
    this.#server = server;
    const known = versions.find((each) => each === version) ?? '12.1';
    this.#phone = server.phone('anna', { deviceId, deviceType, version: known });
  }

  close(): void {
    this.#connections.close();
  }

  /** Our id for a folder of the capture. */
  #folder(captured: string): string {
    const type = capturedFolders[captured];
    return type === undefined ? captured : this.#phone.folder(type).serverId;
  }

  /** The key that the device needs for a collection; a first Sync when it has none yet. */
  async #keyOf(collectionId: string, captured: string): Promise<string> {
    if (captured === '0') return '0';
    const replica = this.#phone.replica(collectionId);
    if (replica.syncKey === '0') {
      const begin = this.#phone.prepare(collectionId);
      this.#phone.absorb(begin, await this.#phone.client.sync({ collections: [begin] }));
    }
    return replica.syncKey;
  }

  async #adapted(root: Element): Promise<Element> {
    if (this.#phone.folderSyncKey === '0') await this.#phone.syncFolders();
    const keys = new Map<Element, string>();
    for (const collection of findAll(root, 'Collections/Collection')) {
      const id = this.#folder(findText(collection, 'CollectionId') ?? '');
      keys.set(collection, await this.#keyOf(id, findText(collection, 'SyncKey') ?? ''));
    }
    return replaced(root, ({ tag, content }, parent) => {
      const text = typeof content === 'string' ? content : '';
      if (tag.name === 'CollectionId' || (tag.name === 'Id' && tag.namespace === 'Ping')) return this.#folder(text);
      if (tag.name === 'ServerId' && tag.namespace === 'AirSync') return text.replace(/^\d+/, (id) => this.#folder(id));
      if (tag.name === 'PolicyKey') return String(this.#phone.client.policyKey);
      if (tag.name !== 'SyncKey') return undefined;
      if (tag.namespace === 'FolderHierarchy') return text === '0' ? '0' : this.#phone.folderSyncKey;
      return parent && keys.get(parent);
    });
  }

  /** The key of a policy that the device acknowledged, where the captured request had one. */
  async #policyKey(): Promise<number> {
    if (this.#phone.client.policyKey === 0) await this.#phone.client.provision();
    return this.#phone.client.policyKey;
  }

  async #adaptedQuery(query: string): Promise<string> {
    if (query.includes('DeviceId=')) {
      return query.replace(/User=[^&]*/, (form) => (form.includes('%5C') ? 'User=domain%5Canna' : 'User=anna'));
    }
    const bytes = Buffer.from(query, 'base64');
    const at = 5 + (bytes[4] ?? 0);
    if (bytes[at] === 4) bytes.writeUInt32LE(await this.#policyKey(), at + 1);
    return bytes.toString('base64');
  }

  /** Sends a captured request. */
  async replay({ method, query, headers, body }: CapturedRequest): Promise<HttpAnswer & { sent: Element | undefined }> {
    const hasKey = Number(headers['X-MS-PolicyKey'] ?? 0) !== 0;
    const policy: Record<string, string> = hasKey ? { 'X-MS-PolicyKey': String(await this.#policyKey()) } : {};
    const sent = body.length === 0 ? undefined : await this.#adapted(decode(body, { unknown: 'skip' }));
    const answer = await this.#connections.exchange({
      method,
      url: `${this.#server.running.activesync}${query === '' ? '' : `?${await this.#adaptedQuery(query)}`}`,
      headers: {
        ...headers,
        ...policy,
        Authorization: `Basic ${Buffer.from('anna:secret of anna').toString('base64')}`,
      },
      ...(sent === undefined ? {} : { body: encode(sent) }),
      timeout: 20_000,
    });
    return { ...answer, sent };
  }

  /** Checks what came back, and takes over the keys. */
  absorb(command: string, answer: HttpAnswer, sent: Element | undefined): void {
    assert.equal(answer.status, 200, `HTTP ${answer.status}`);
    if (command === 'OPTIONS') return;
    if (answer.body.length === 0) {
      assert.equal(command, 'Sync');
      return;
    }
    const root = decode(answer.body);
    assert.equal(root.tag.name, command);
    assertValidResponse(command, root);
    const policyKey = findNumber(root, 'Policies/Policy/PolicyKey');
    if (policyKey !== undefined) this.#phone.client.policyKey = policyKey;
    if (command === 'FolderSync') this.#phone.folderSyncKey = findText(root, 'SyncKey') ?? '';
    const status = findNumber(root, 'Status');
    // Nothing is remembered of a Ping that this server never got.
    const allowed = command === 'Ping' ? (sent === undefined ? [2, 3] : [1, 2]) : [1, undefined];
    assert.ok(allowed.includes(status), `Status ${status}`);
    for (const collection of findAll(root, 'Collections/Collection')) {
      assert.equal(findNumber(collection, 'AirSync:Status'), 1);
      const id = findText(collection, 'CollectionId') ?? '';
      this.#phone.replica(id).syncKey = findText(collection, 'SyncKey') ?? '';
      const replies = find(collection, 'Responses')?.content;
      for (const reply of Array.isArray(replies) ? replies : []) {
        assert.ok(itemStatuses.has(findNumber(reply, 'AirSync:Status') ?? 0), 'the status of a reply');
      }
    }
  }
}

/** Who sent a request: by its query, or its User-Agent for OPTIONS. */
function identity({ query, headers }: CapturedRequest): { id: string; type: string; version: string } {
  const plain = new URLSearchParams(query);
  const version = headers['MS-ASProtocolVersion'] ?? '12.1';
  if (query.includes('DeviceId=')) {
    return { id: plain.get('DeviceId') ?? '', type: plain.get('DeviceType') ?? '', version };
  }
  if (query === '') return { id: 'OPTIONS', type: 'unknown', version };
  const bytes = Buffer.from(query, 'base64');
  const length = bytes[4] ?? 0;
  const id = bytes.subarray(5, 5 + length);
  return { id: id.toString('hex'), type: 'WP8', version: (Number(bytes[0]) / 10).toFixed(1) };
}

const captures = existsSync(fixtures)
  ? readdirSync(fixtures, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== 'single-requests',
    )
  : [];

describe('captured requests of real phones', () => {
  if (captures.length === 0) {
    it('left out: the captures (../shared/fixtures) are not there');
    return;
  }
  let server: TestServer;
  const devices = new Map<string, Device>();
  before(async () => {
    server = await TestServer.start();
    for (let count = 0; count < 5; count++) await server.deliver('anna', letter());
  });
  after(async () => {
    for (const device of devices.values()) device.close();
    await server.close();
  });

  for (const { name } of captures) {
    it(`are accepted and answered well: ${name}`, async () => {
      const folder = new URL(`${name}/`, fixtures);
      const files = readdirSync(folder).filter((file) => file.endsWith('.req.txt'));
      for (const file of files.sort()) {
        const request = readRequest(folder, file);
        const { id, type, version } = identity(request);
        const device = devices.get(id) ?? new Device(server, id, type, version);
        devices.set(id, device);
        const command = request.method === 'OPTIONS' ? 'OPTIONS' : (file.split(/[-.]/).at(-3) ?? '');
        const replay = device.replay(request);
        // A Ping that watches the Inbox ends when mail comes in; one that watches other folders is superseded by the next.
        if (command === 'Ping') await server.deliver('anna', letter());
        if (command === 'Ping' && request.body.length > 0 && !pingsInbox(request)) {
          replay.catch(() => {});
          continue;
        }
        const answer = await replay;
        try {
          device.absorb(command, answer, answer.sent);
        } catch (error) {
          if (error instanceof Error) error.message = `${request.name}: ${error.message}`;
          throw error;
        }
      }
    });
  }
});

function pingsInbox({ body }: CapturedRequest): boolean {
  return findAll(decode(body), 'Folders/Folder/Id').some(({ content }) => content === '1');
}
