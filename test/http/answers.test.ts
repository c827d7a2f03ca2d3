// Answers: headers, multipart, gzip, durability, keep-alive, logs (MS-ASHTTP section 2.2.2, HTTP POST Response).
import assert from 'node:assert/strict';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Command, CommandReply } from '../../src/commands/command.ts';
import { clientAddress } from '../../src/http/client-address.ts';
import { frameParts } from '../../src/http/multipart.ts';
import { decode, Element, encode, FolderHierarchy, ItemOperations, Ping } from '../../wbxml/index.ts';
import { ask, basic, command, queryOf, startTestServer, type TestServer } from './test-server.ts';

const body = new Element(Ping.Ping, [new Element(Ping.HeartbeatInterval, '60')]);
const query = queryOf('ItemOperations');
const document = (text: string) =>
  new Element(ItemOperations.ItemOperations, [new Element(ItemOperations.Status, text)]);

describe('http: answers', () => {
  let server: TestServer;
  let reply: CommandReply = { kind: 'empty' };
  let seen: Parameters<Command['execute']>[0] | undefined;
  const durable: string[] = [];

  before(async () => {
    const execute: Command['execute'] = async (context) => {
      seen = context;
      durable.push('executed');
      return reply;
    };
    const folderSync = command('FolderSync', {
      execute: async () => ({ kind: 'document', root: new Element(FolderHierarchy.FolderSync) }),
    });
    server = await startTestServer({ commands: [command('ItemOperations', { execute }), folderSync] });
    const { store } = server;
    const wait = store.durable.bind(store);
    store.durable = async () => {
      durable.push('durable');
      await wait();
    };
  });
  after(() => server.stop());
  beforeEach(() => {
    durable.length = 0;
  });

  it('are WBXML with the headers that Exchange sends (MS-ASHTTP R196, R199, R201, R205, R219)', async () => {
    reply = { kind: 'document', root: document('1') };
    const answer = await ask(server.port, { query, body });
    assert.deepEqual(answer.body, encode(reply.root));
    const { headers } = answer;
    assert.equal(headers['content-type'], 'application/vnd.ms-sync.wbxml');
    assert.equal(headers['content-length'], String(answer.body.length));
    assert.equal(headers['cache-control'], 'private');
    assert.equal(headers['ms-server-activesync'], '15.2');
    assert.ok(Math.abs(Date.parse(String(headers.date)) - Date.now()) < 5000);
    assert.equal(headers['content-encoding'], undefined);
    assert.equal(headers['x-powered-by'], undefined);
    assert.equal(headers['x-ms-rp'], undefined);
  });

  it('carry the short type for who sent it', async () => {
    const answer = await ask(server.port, { query, body, headers: { 'Content-Type': 'application/vnd.ms-sync' } });
    assert.equal(answer.headers['content-type'], 'application/vnd.ms-sync');
  });

  it('may be empty: 200, Content-Length 0, no Content-Type (MS-ASHTTP R212)', async () => {
    reply = { kind: 'empty' };
    const { status, headers } = await ask(server.port, { query, body });
    assert.deepEqual([status, headers['content-length'], headers['content-type']], [200, '0', undefined]);
  });

  it('may be octets of another type (MS-ASHTTP R203)', async () => {
    const octets = Buffer.from([0, 1, 2, 255]);
    reply = { kind: 'octets', contentType: 'image/png', octets };
    const answer = await ask(server.port, { query, body });
    assert.equal(answer.headers['content-type'], 'image/png');
    assert.deepEqual(answer.body, octets);
  });

  it('leave only when what they tell of is on disk', async () => {
    await ask(server.port, { query, body });
    assert.deepEqual(durable, ['executed', 'durable']);
  });

  it('tell a store that cannot sync as an error', async () => {
    const { store } = server;
    const wait = store.durable;
    store.durable = () => Promise.reject(new Error('disk full'));
    assert.equal((await ask(server.port, { query, body, version: '12.1' })).status, 500);
    store.durable = wait;
    assert.equal((await ask(server.port, { query, body, version: '12.1' })).status, 200);
  });

  it('carry the versions and commands where the whole hierarchy is asked for (MS-ASHTTP R1202)', async () => {
    const folderSync = (key: string) =>
      ask(server.port, {
        query: queryOf('FolderSync'),
        body: new Element(FolderHierarchy.FolderSync, [new Element(FolderHierarchy.SyncKey, key)]),
      });
    const { headers } = await folderSync('0');
    assert.equal(headers['x-ms-rp'], '12.1,14.0,14.1,16.0,16.1');
    assert.equal(headers['ms-asprotocolversions'], '12.1,14.0,14.1,16.0,16.1');
    assert.equal(headers['ms-asprotocolcommands'], 'ItemOperations,FolderSync');
    assert.equal((await folderSync('1')).headers['x-ms-rp'], undefined);
  });

  describe('in several parts', () => {
    it('are framed by offsets and lengths (MS-ASCMD R5505, R5509 to R5517)', async () => {
      const parts = [Buffer.from('first'), Buffer.alloc(0), Buffer.alloc(100_000, 7)];
      reply = { kind: 'document', root: document('1'), parts };
      const answer = await ask(server.port, {
        query,
        body,
        headers: { 'MS-ASAcceptMultiPart': 'T', 'Accept-Encoding': 'gzip' },
      });
      assert.equal(answer.headers['content-type'], 'application/vnd.ms-sync.multipart');
      assert.equal(answer.headers['content-encoding'], undefined);
      const count = answer.body.readUInt32LE(0);
      const read = Array.from({ length: count }, (_, index) => {
        const offset = answer.body.readUInt32LE(4 + 8 * index);
        return answer.body.subarray(offset, offset + answer.body.readUInt32LE(8 + 8 * index));
      });
      assert.deepEqual(read, [encode(document('1')), ...parts]);
      assert.equal(answer.body.length, 4 + 8 * count + read.reduce((sum, part) => sum + part.length, 0));
    });

    it('are framed so, octet by octet', () => {
      const framed = Buffer.concat(frameParts([Buffer.from('ab'), Buffer.from('c')]));
      assert.equal(framed.toString('hex'), '02000000 14000000 02000000 16000000 01000000 616263'.replaceAll(' ', ''));
    });

    it('are asked for by the header or by a bit of the base64 query (MS-ASHTTP R94, R154, R155, R440)', async () => {
      reply = { kind: 'empty' };
      for (const [value, expected] of [
        ['T', true],
        ['t', true],
        ['F', false],
        ['', false],
      ] as const) {
        await ask(server.port, { query, body, headers: { 'MS-ASAcceptMultiPart': value } });
        assert.equal(seen?.query.acceptMultiPart, expected, value);
      }
      const base64 = Buffer.from('8d130904036465760002535007 01 02'.replaceAll(' ', ''), 'hex').toString('base64');
      await ask(server.port, { query: base64, body, version: undefined });
      assert.equal(seen?.query.acceptMultiPart, true);
      assert.equal(seen?.version, 14.1);
    });
  });

  describe('as gzip', () => {
    const asked = (accept: string | undefined) =>
      ask(server.port, { query, body, headers: accept === undefined ? {} : { 'Accept-Encoding': accept } });

    it('are what was asked for, with their own length (MS-ASHTTP R197, R214)', async () => {
      reply = { kind: 'document', root: document('text '.repeat(1000)) };
      for (const accept of ['gzip', 'deflate, GZIP;q=0.5', '*', 'gzip, deflate, br, zstd']) {
        const answer = await asked(accept);
        assert.equal(answer.headers['content-encoding'], 'gzip', accept);
        assert.equal(answer.headers['content-length'], String(answer.body.length));
        assert.equal(answer.headers.vary, 'Accept-Encoding');
        assert.deepEqual(gunzipSync(answer.body), encode(reply.root));
      }
    });

    it('are not sent to who does not ask (MS-ASHTTP R215, R412)', async () => {
      for (const accept of [undefined, '', 'identity', 'gzip;q=0', '*;q=0.000', 'br', 'gzip;q=0, *']) {
        const answer = await asked(accept);
        assert.equal(answer.headers['content-encoding'], undefined, accept);
        assert.deepEqual(answer.body, encode(document('text '.repeat(1000))));
      }
    });

    it('are not made of little, of what does not shrink, or of attachments', async () => {
      const noise = Buffer.from(Array.from({ length: 5000 }, () => Math.floor(Math.random() * 256)));
      const replies: CommandReply[] = [
        { kind: 'document', root: document('short') },
        {
          kind: 'document',
          root: new Element(ItemOperations.ItemOperations, [new Element(ItemOperations.Data, noise)]),
        },
        { kind: 'octets', contentType: 'image/jpeg', octets: Buffer.alloc(5000) },
      ];
      for (reply of replies) assert.equal((await asked('gzip')).headers['content-encoding'], undefined, reply.kind);
    });
  });

  it('of 20 MB arrive whole', async () => {
    const large = Buffer.alloc(20_000_000, 'octets ');
    reply = {
      kind: 'document',
      root: new Element(ItemOperations.ItemOperations, [new Element(ItemOperations.Data, large)]),
    };
    const answer = await ask(server.port, { query, body, headers: { 'Accept-Encoding': 'gzip' } });
    const { content } = decode(answer.body);
    assert.ok(Array.isArray(content) && Buffer.isBuffer(content[0]?.content) && content[0].content.equals(large));
  });

  it('leave the connection open for the next request, also after errors', async () => {
    reply = { kind: 'empty' };
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    const one = (path: string, method: string, authorization: string, octets?: Buffer) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = {
          authorization,
          'MS-ASProtocolVersion': '14.1',
          ...(octets === undefined ? {} : { 'Content-Type': 'application/vnd.ms-sync.wbxml' }),
        };
        const outgoing = request({ port: server.port, method, path, headers, agent }, (response: IncomingMessage) => {
          sockets.add(response.socket);
          response.resume().on('end', () => resolve(response.statusCode));
        });
        outgoing.on('error', reject);
        outgoing.end(octets);
      });
    const path = `/Microsoft-Server-ActiveSync?${query}`;
    const octets = encode(body);
    assert.equal(await one(path, 'POST', basic('ann'), octets), 200);
    assert.equal(await one(path, 'POST', basic('ann', 'wrong'), octets), 401);
    assert.equal(await one('/Microsoft-Server-ActiveSync?Cmd=X', 'POST', basic('ann'), octets), 501);
    assert.equal(await one(path, 'GET', basic('ann')), 405);
    assert.equal(await one('/elsewhere', 'GET', basic('ann')), 404);
    assert.equal(await one(path, 'OPTIONS', basic('ann')), 200);
    assert.equal(sockets.size, 1);
    agent.destroy();
  });

  it('stand in the log, one line each, with who, what, how long and how much', async () => {
    reply = { kind: 'document', root: document('5') };
    const answer = await ask(server.port, { query, body });
    const line = server.log.findLast(({ requestId }) => requestId === answer.headers['request-id']);
    assert.ok(typeof line?.['milliseconds'] === 'number' && line['milliseconds'] >= 0);
    delete line['milliseconds'];
    delete line['time'];
    assert.deepEqual(line, {
      level: 30,
      msg: 'request',
      requestId: answer.headers['request-id'],
      user: 'ann',
      device: 'Device1',
      deviceType: 'Phone',
      command: 'ItemOperations',
      version: '14.1',
      http: 200,
      status: '5',
      bytesIn: encode(body).length,
      bytesOut: answer.body.length,
    });
  });

  it('need not stand in the log', async () => {
    const quiet = await startTestServer({ commands: [command('Ping')], settings: { logRequests: false } });
    await ask(quiet.port, { query: queryOf('Ping') });
    await quiet.stop();
    assert.deepEqual(quiet.log, []);
  });

  it('come from further routes where the endpoint has no say', async () => {
    server.http.router.get('/hello', (context) => {
      context.body = 'hello';
    });
    const text = await new Promise((resolve) =>
      get({ port: server.port, path: '/hello' }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      }),
    );
    assert.equal(text, 'hello');
  });
});

describe('http: the address of a client', () => {
  const address = (trusted: readonly string[], peer: string, forwarded?: string) =>
    clientAddress(trusted)({
      socket: { remoteAddress: peer },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    } as unknown as IncomingMessage);

  it('is the peer, unless the peer is a trusted proxy', () => {
    assert.equal(address([], '::ffff:192.0.2.1', '203.0.113.7'), '192.0.2.1');
    assert.equal(address(['10.0.0.0/8'], '192.0.2.1', '203.0.113.7'), '192.0.2.1');
    assert.equal(address(['10.0.0.0/8'], '10.1.2.3', '203.0.113.7'), '203.0.113.7');
    assert.equal(address(['10.0.0.0/8'], '10.1.2.3'), '10.1.2.3');
    assert.equal(address(['::1'], '::1', '[2001:db8::1]:443'), '2001:db8::1');
  });

  it('is the nearest hop that is not trusted: what stands before it may be forged', () => {
    const trusted = ['10.0.0.0/8', '192.0.2.0/24'];
    assert.equal(address(trusted, '10.0.0.1', '1.1.1.1, 203.0.113.7:5000, 192.0.2.9'), '203.0.113.7');
    assert.equal(address(trusted, '10.0.0.1', 'nonsense, 192.0.2.9'), '192.0.2.9');
    assert.equal(address(trusted, '10.0.0.1', '10.0.0.5, 10.0.0.6'), '10.0.0.5');
  });

  it('cannot be configured with something else', () => {
    for (const proxy of ['proxy.example.com', '10.0.0.0/99', '10.0.0.0/8/8', '']) {
      assert.throws(() => clientAddress([proxy]), RangeError, proxy);
    }
  });
});
