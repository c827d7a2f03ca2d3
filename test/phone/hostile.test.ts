// Requests that no phone sends: each is answered with a well-formed error, in bounded time, and changes nothing (design invariant).
import assert from 'node:assert/strict';
import * as http from 'node:http';
import fc from 'fast-check';
import {
  folderCreateRequest,
  folderDeleteRequest,
  folderSyncRequest,
  folderUpdateRequest,
} from '../../src/client/folders.ts';
import { type EasAnswer, leaf, node, type Phone, type Version } from '../../src/client/index.ts';
import { itemOperationsRequest } from '../../src/client/item-operations.ts';
import { itemEstimateRequest, moveItemsRequest } from '../../src/client/items.ts';
import { pingRequest } from '../../src/client/ping.ts';
import { provisionRequest } from '../../src/client/provisioning.ts';
import { settingsRequest } from '../../src/client/settings.ts';
import { syncRequest } from '../../src/client/sync-request.ts';
import { AirSync, Calendar, ComposeMail, decode, Element, Email, encode, Ping } from '../../wbxml/index.ts';
import { letter, TestServer } from './test-server.ts';

const hostileVersions: readonly Version[] = ['12.1', '14.1', '16.1'];
const runsPerCommand = 40;

/** A request of each command that is in order, to be spoilt. */
function requests(inbox: string, item: string): Readonly<Record<string, Element>> {
  return {
    FolderSync: folderSyncRequest('0'),
    FolderCreate: folderCreateRequest('1', { parentId: '0', displayName: 'spoilt', type: 12 }),
    FolderUpdate: folderUpdateRequest('1', { serverId: inbox, parentId: '0', displayName: 'spoilt' }),
    FolderDelete: folderDeleteRequest('1', inbox),
    Sync: syncRequest({
      collections: [
        {
          syncKey: '1',
          collectionId: inbox,
          getChanges: true,
          windowSize: 5,
          options: { filterType: 2, bodyPreferences: [{ type: 2, truncationSize: 10 }] },
          commands: [{ kind: 'Change', serverId: item, data: [leaf(Email.Read, true)] }],
        },
      ],
    }),
    GetItemEstimate: itemEstimateRequest([{ collectionId: inbox, syncKey: '1' }], false),
    MoveItems: moveItemsRequest([{ serverId: `${inbox}:999999`, from: inbox, to: '999999' }]),
    // Without a body it would repeat an older one and be held.
    Ping: pingRequest({ heartbeatInterval: 1, folders: [{ id: inbox, class: 'Email' }] }),
    ItemOperations: itemOperationsRequest([{ collectionId: inbox, serverId: item, bodyPreferences: [{ type: 4 }] }]),
    Settings: settingsRequest({ deviceInformation: { model: 'spoilt' }, userInformation: true }),
    Provision: provisionRequest(undefined),
    SendMail: node(
      ComposeMail.SendMail,
      leaf(ComposeMail.ClientId, 'spoilt'),
      leaf(ComposeMail.Mime, Buffer.from('x')),
    ),
  };
}

function elementsOf(root: Element): Element[] {
  const found: Element[] = [];
  const walk = (at: Element) => {
    found.push(at);
    if (Array.isArray(at.content)) at.content.forEach(walk);
  };
  walk(root);
  return found;
}

const oddValues: readonly Element['content'][] = [
  undefined,
  '',
  '-1',
  '99999999999999999999',
  'NaN',
  '1e3',
  '0x10',
  ' 1 ',
  '\u202e',
  '../../../etc/passwd',
  "'; DROP TABLE items; --",
  'x'.repeat(100_000),
  Buffer.from([0, 1, 2, 255]),
  [new Element(Calendar.Subject, 'elsewhere')],
];

/** Spoils a request: another value, an element twice, left out, or a foreign one. */
const spoilt = (root: Element) =>
  fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...oddValues)).map(([at, how, value]) => {
    const copy = decode(encode(root));
    const elements = elementsOf(copy);
    const target = elements[at % elements.length]!;
    if (how === 0) target.content = value;
    else if (Array.isArray(target.content)) {
      if (how === 1) target.content.push(...target.content.slice(0, 1));
      else if (how === 2) target.content.splice(0, 1);
      else target.content.push(new Element(Calendar.Subject, 'elsewhere'));
    } else target.content = value;
    return encode(copy);
  });

const wellFormedErrors = new Set([200, 400, 403, 411, 413, 415, 449, 500, 501, 505]);

describe('hostile requests', () => {
  let server: TestServer;
  let phone: Phone;
  let inbox: string;
  let atFirst: readonly string[];
  const everything = async () => {
    const fresh = server.phone('anna');
    await fresh.setUp();
    await fresh.syncMail();
    const items = [...fresh.replicas.values()].flatMap((replica) => [...replica.items.keys()]);
    return [...[...fresh.folders.values()].map(({ serverId, displayName }) => `${serverId} ${displayName}`), ...items];
  };

  before(async () => {
    server = await TestServer.start();
    for (let count = 0; count < 3; count++) await server.deliver('anna', letter());
    phone = server.phone('anna');
    await phone.setUp();
    inbox = phone.folder(2).serverId;
    await phone.sync(inbox);
    atFirst = await everything();
  });
  // Folders and mail are as before, and the server serves.
  afterEach(async () => assert.deepEqual(await everything(), atFirst));
  after(() => server.close());

  function check(command: string, answer: EasAnswer): void {
    assert.ok(wellFormedErrors.has(answer.status), `${command}: HTTP ${answer.status}`);
    assert.notEqual(answer.status, 500, `${command}: HTTP 500`);
    if (answer.root !== undefined) assert.equal(answer.root.tag.name, command);
  }

  const commands = Object.keys(requests('1', '1:1'));
  for (const command of commands) {
    it(`${command}: random bytes, cut and spoilt bodies`, async () => {
      const [item = ''] = phone.replica(inbox).items.keys();
      const root = requests(inbox, item)[command]!;
      const whole = encode(root);
      const body = fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.concat([Buffer.from([3, 1, 0x6a, 0]), bytes])),
        fc.nat(whole.length - 1).map((length) => whole.subarray(0, length)),
        fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => {
          const copy = Buffer.from(whole);
          copy[at] = byte;
          return copy;
        }),
        spoilt(root),
        spoilt(root),
      );
      const attacker = server.phone('anna', { deviceId: 'HOSTILE', timeout: 10_000 });
      const run = fc.asyncProperty(body, fc.constantFrom(...hostileVersions), async (octets, version) => {
        attacker.client.version = version;
        check(command, await attacker.client.send(command, octets));
      });
      await fc.assert(run, { numRuns: runsPerCommand, seed: 1 });
    });

    it(`${command}: wrong content types, no body, a document of another command`, async () => {
      const other = command === 'Ping' ? folderSyncRequest('0') : pingRequest({ heartbeatInterval: 1 });
      for (const version of hostileVersions) {
        phone.client.version = version;
        for (const contentType of ['text/plain', 'message/rfc822', 'application/json', '', 'x'.repeat(1000)]) {
          check(command, await phone.client.send(command, Buffer.from('hello'), { contentType }));
        }
        check(command, await phone.client.send(command, other));
        if (command !== 'Ping' && command !== 'Sync') check(command, await phone.client.send(command));
      }
      phone.client.version = '14.1';
    });
  }

  it('10,000 folders in a Ping: Status 6 with the bound', async () => {
    const folders = Array.from({ length: 10_000 }, (_, index) => ({ id: String(index + 1), class: 'Email' }));
    const answer = await phone.client.ping({ heartbeatInterval: 60, folders });
    assert.deepEqual([answer.status, answer.maxFolders], [6, 200]);
  });

  it('WindowSize and counts beyond all bounds', async () => {
    const settings = { windowSize: 2_000_000_000 };
    await phone.sync(inbox, [], settings);
    const collections = Array.from({ length: 2000 }, (_, index) => ({ syncKey: '0', collectionId: String(index + 1) }));
    const answer = await phone.client.sync({ collections });
    assert.ok(answer.kind === 'answer' && answer.status === 15 && answer.limit !== undefined);
    const moves = Array.from({ length: 20_000 }, () => ({ serverId: '1:1', from: '1', to: '2' }));
    check('MoveItems', await phone.client.send('MoveItems', moveItemsRequest(moves)));
  });

  it('10,000 levels, and a length of 2^32-1', async () => {
    const deep = Buffer.concat([Buffer.from([3, 1, 0x6a, 0]), Buffer.alloc(10_000, 0x45), Buffer.alloc(10_000, 1)]);
    check('Sync', await phone.client.send('Sync', deep));
    const long = Buffer.from([3, 1, 0x6a, 0, 0x45, 0xc3, 0x8f, 0xff, 0xff, 0xff, 0x7f, 1, 1]);
    check('Sync', await phone.client.send('Sync', long));
  });

  it('elements that are unknown, in the request and in item data', async () => {
    const [serverId = ''] = phone.replica(inbox).items.keys();
    const data = [new Element(Ping.MaxFolders, '5'), new Element(Calendar.Subject, 'no mail has it')];
    const { replies } = await phone.sync(inbox, [{ kind: 'Change', serverId, data }]);
    assert.ok(replies.every(({ status }) => status === 6 || status === 1));
    const unknown = node(AirSync.Sync, new Element(Ping.Folders, [new Element(Ping.Folder)]));
    check('Sync', await phone.client.send('Sync', unknown));
  });

  it('unknown commands, methods, versions, keys and queries', async () => {
    const url = new URL(server.running.activesync);
    const authorization = `Basic ${Buffer.from('anna:secret of anna').toString('base64')}`;
    const send = (method: string, query: string, headers: Readonly<Record<string, string>> = {}) =>
      new Promise<number>((resolve, reject) => {
        const path = `${url.pathname}${query}`;
        const all = { authorization, 'ms-asprotocolversion': '14.1', 'content-length': '0', ...headers };
        const request = http.request({ host: url.hostname, port: url.port, method, path, headers: all }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode ?? 0));
        });
        request.on('error', reject).end();
      });
    const usual = 'User=anna&DeviceId=HOSTILE&DeviceType=Odd';
    assert.equal(await send('POST', `?Cmd=Nonsense&${usual}`), 501);
    assert.equal(await send('POST', ''), 400);
    // From 14.0 on a missing or wrong DeviceId is Status 108 in a document.
    assert.equal(await send('POST', '?Cmd=Sync'), 200);
    assert.equal(await send('POST', `?Cmd=FolderSync&User=anna&DeviceType=Odd&DeviceId=${'9'.repeat(5000)}`), 200);
    for (const version of ['0', '15.0', 'x', '1e9', '16.9']) {
      const status = await send('POST', `?Cmd=FolderSync&${usual}`, { 'ms-asprotocolversion': version });
      assert.ok([400, 505].includes(status), `version ${version}: HTTP ${status}`);
    }
    for (const key of ['-1', 'x', '99999999999999']) {
      const status = await send('POST', `?Cmd=FolderSync&${usual}`, { 'x-ms-policykey': key });
      assert.ok([200, 400, 449].includes(status), `policy key ${key}: HTTP ${status}`);
    }
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'TRACE']) {
      const status = await send(method, `?Cmd=Sync&${usual}`);
      assert.ok([400, 405, 501].includes(status), `${method}: HTTP ${status}`);
    }
    const queries = fc
      .uint8Array({ minLength: 1, maxLength: 60 })
      .map((bytes) => Buffer.from(bytes).toString('base64'));
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        const status = await send('POST', `?${encodeURIComponent(query)}`);
        assert.ok(status !== 500 && status >= 200, `${query}: HTTP ${status}`);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('a body of 100 MB: 413, without reading it all', async () => {
    const body = Buffer.alloc(100 * 1024 * 1024);
    const outcome = await phone.client.send('Sync', body, { timeout: 20_000 }).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code,
    );
    // A server that does not read on may close the connection before the answer has been read.
    assert.ok(outcome === 413 || outcome === 'ECONNRESET' || outcome === 'EPIPE', String(outcome));
  });
});
