// The client against a scripted HTTP server: what it sends, and what it makes of answers.
import assert from 'node:assert/strict';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  AnswerTimeoutError,
  EasClient,
  EasStatusError,
  find,
  findAll,
  findText,
  HttpStatusError,
  leaf,
  MalformedAnswerError,
  node,
} from '../../src/client/index.ts';
import { AirSync, decode, type Element, encode, FolderHierarchy, Provision } from '../../wbxml/index.ts';

interface Asked {
  readonly command: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly root: Element | undefined;
  readonly body: Buffer;
}
type Script = (asked: Asked, response: http.ServerResponse) => void;

const folders = node(
  FolderHierarchy.FolderSync,
  leaf(FolderHierarchy.Status, 1),
  leaf(FolderHierarchy.SyncKey, '7'),
  node(FolderHierarchy.Changes, leaf(FolderHierarchy.Count, 0)),
);

function provisioned(key: number, status = 1): Element {
  return node(
    Provision.Provision,
    leaf(Provision.Status, 1),
    node(
      Provision.Policies,
      node(
        Provision.Policy,
        leaf(Provision.PolicyType, 'MS-EAS-Provisioning-WBXML'),
        leaf(Provision.Status, status),
        leaf(Provision.PolicyKey, key),
      ),
    ),
  );
}

function answer(response: http.ServerResponse, root: Element | undefined, headers: http.OutgoingHttpHeaders = {}) {
  const body = root === undefined ? Buffer.alloc(0) : encode(root);
  response.writeHead(200, { 'Content-Type': 'application/vnd.ms-sync.wbxml', ...headers }).end(body);
}

describe('client: requests and answers', () => {
  let server: http.Server;
  let script: Script = () => {};
  let asked: Asked[] = [];
  let client: EasClient;
  const connect = (options: Partial<ConstructorParameters<typeof EasClient>[0]> = {}) =>
    new EasClient({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/Microsoft-Server-ActiveSync`,
      user: 'anna',
      password: 'pässword',
      ...options,
    });

  before((done) => {
    server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        const command = new URL(request.url ?? '', 'http://host').searchParams.get('Cmd') ?? '';
        const wbxml = request.headers['content-type'] === 'application/vnd.ms-sync.wbxml' && body.length > 0;
        const each = { command, headers: request.headers, root: wbxml ? decode(body) : undefined, body };
        asked.push(each);
        script(each, response);
      });
    });
    server.listen(0, '127.0.0.1', done);
  });
  beforeEach(() => {
    asked = [];
    client = connect();
  });
  afterEach(() => client.close());
  after((done) => {
    server.closeAllConnections();
    server.close(done);
  });

  it('sends credentials in UTF-8, its version and its policy key', async () => {
    script = (_, response) => answer(response, folders);
    client.policyKey = 77;
    assert.equal((await client.folderSync('0')).syncKey, '7');
    const { headers, root } = asked[0]!;
    assert.equal(headers.authorization, `Basic ${Buffer.from('anna:pässword').toString('base64')}`);
    assert.equal(headers['ms-asprotocolversion'], '14.1');
    assert.equal(headers['x-ms-policykey'], '77');
    assert.equal(findText(root, 'SyncKey'), '0');
  });

  for (const demand of ['HTTP 449', 'Status 142', 'Status 143', 'Status 144']) {
    it(`provisions in two phases after ${demand} and repeats the very command`, async () => {
      let key = 0;
      script = ({ command, headers }, response) => {
        if (command === 'Provision') {
          key += 100;
          answer(response, provisioned(key));
        } else if (headers['x-ms-policykey'] === '200') answer(response, folders);
        else if (demand === 'HTTP 449') response.writeHead(449).end('provision first');
        else {
          const status = Number(demand.slice(-3));
          answer(response, node(FolderHierarchy.FolderSync, leaf(FolderHierarchy.Status, status)));
        }
      };
      assert.equal((await client.folderSync('0')).status, 1);
      assert.deepEqual(
        asked.map(({ command }) => command),
        ['FolderSync', 'Provision', 'Provision', 'FolderSync'],
      );
      assert.deepEqual(asked[0]!.body, asked[3]!.body);
      assert.equal(findText(asked[2]!.root, 'Policies/Policy/PolicyKey'), '100');
      assert.notEqual(find(asked[1]!.root, 'DeviceInformation'), undefined);
    });
  }

  it('gives up when the policy is refused, and when it may not provision', async () => {
    script = ({ command }, response) =>
      command === 'Provision' ? answer(response, provisioned(0, 3)) : response.writeHead(449).end();
    await assert.rejects(client.folderSync('0'), EasStatusError);
    const unwilling = connect({ provision: false });
    await assert.rejects(
      unwilling.folderSync('0'),
      (error) => error instanceof HttpStatusError && error.status === 449,
    );
    unwilling.close();
  });

  it('undoes gzip and reuses its connection', async () => {
    const ports = new Set<number | undefined>();
    script = (_, response) => {
      ports.add(response.req.socket.remotePort);
      const body = gzipSync(encode(folders));
      response
        .writeHead(200, { 'Content-Type': 'application/vnd.ms-sync.wbxml', 'Content-Encoding': 'gzip' })
        .end(body);
    };
    await client.folderSync('0');
    await client.folderSync('0');
    assert.equal(ports.size, 1);
  });

  it('takes an empty Sync answer for no change, and refuses one for other commands', async () => {
    script = (_, response) => answer(response, undefined);
    assert.deepEqual(await client.sync(undefined), { kind: 'empty' });
    assert.equal(asked[0]!.headers['content-length'], '0');
    await assert.rejects(client.ping(undefined), MalformedAnswerError);
  });

  it('writes a whole Sync request in the order of the specification', async () => {
    script = (_, response) => answer(response, node(AirSync.Sync, leaf(AirSync.Status, 4)));
    const result = await client.sync({
      collections: [
        {
          syncKey: '1',
          collectionId: '5',
          getChanges: true,
          windowSize: 10,
          options: { filterType: 2, mimeSupport: 2, bodyPreferences: [{ type: 4 }, { type: 1, truncationSize: 500 }] },
          commands: [{ kind: 'Fetch', serverId: '5:1' }],
        },
      ],
      wait: 1,
      windowSize: 50,
      partial: true,
    });
    assert.deepEqual(result, { kind: 'answer', status: 4, collections: [] });
    const { root } = asked[0]!;
    const named = (path: string) =>
      findAll(root, path).flatMap(({ content }) => (Array.isArray(content) ? content.map(({ tag }) => tag.name) : []));
    assert.deepEqual(named('Collections/Collection'), [
      'SyncKey',
      'CollectionId',
      'GetChanges',
      'WindowSize',
      'Options',
      'Commands',
    ]);
    assert.equal(findAll(root, 'Collections/Collection/Options/BodyPreference').length, 2);
    assert.notEqual(find(root, 'Partial'), undefined);
  });

  it('gives up after its time, and when told to', async () => {
    script = () => {};
    const hurried = connect({ timeout: 30 });
    await assert.rejects(hurried.folderSync('0'), AnswerTimeoutError);
    hurried.close();
    const abort = new AbortController();
    const ping = client.ping({ heartbeatInterval: 60 }, { signal: abort.signal });
    abort.abort(new Error('the network changed'));
    await assert.rejects(ping, /the network changed/);
  });

  it('says that a path is misspelt instead of finding nothing', () => {
    assert.throws(() => find(folders, 'SynKey'), TypeError);
  });
});
