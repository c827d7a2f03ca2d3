// Octets that no client sends: whatever comes in, the answer is well-formed or the connection ends, and the server lives on.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Element, encode, Ping } from '../../wbxml/index.ts';
import { ask, basic, command, queryOf, sendRaw, startTestServer, type TestServer } from './test-server.ts';

const document = encode(new Element(Ping.Ping, [new Element(Ping.HeartbeatInterval, '60')]));
const target = `/Microsoft-Server-ActiveSync?${queryOf('Ping')}`;

function post(lines: readonly string[], body: string | Buffer = ''): Buffer {
  const head = [
    `POST ${target} HTTP/1.1`,
    'Host: localhost',
    `Authorization: ${basic('ann')}`,
    'MS-ASProtocolVersion: 14.1',
    ...lines,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}

describe('http: attacks', () => {
  let server: TestServer;
  let executed = 0;
  before(async () => {
    const execute = async () => {
      executed++;
      return { kind: 'empty' } as const;
    };
    server = await startTestServer({
      commands: [command('Ping', { execute })],
      limits: { urlLength: 2000, headerSize: 8192, keepAliveTime: 100, headersTime: 1000 },
    });
  });
  beforeEach(() => {
    executed = 0;
  });
  afterEach('the server still answers, and nothing went wrong inside', async () => {
    const answer = await ask(server.port, { query: queryOf('Ping'), body: document });
    assert.equal(answer.status, 200);
    assert.deepEqual(
      server.log.filter(({ level }) => Number(level) > 30),
      [],
    );
  });
  after(() => server.stop());

  const statusesOf = (text: string) =>
    [...text.matchAll(/^HTTP\/1\.1 ([0-9]{3}) /gm)].map(([, status]) => Number(status));

  const type = 'Content-Type: application/vnd.ms-sync.wbxml';
  const chunk = `${document.length.toString(16)}\r\n${document.toString('latin1')}\r\n0\r\n\r\n`;
  for (const [what, octets, status, mayRun] of [
    ['a method that is none', Buffer.from('GARBAGE / HTTP/1.1\r\nHost: x\r\n\r\n'), 501],
    ['a TLS greeting', Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'), 501],
    ['another HTTP version', Buffer.from(`POST ${target} HTTP/9.9\r\nHost: x\r\n\r\n`), 400],
    ['HTTP/1.1 without Host', Buffer.from(`POST ${target} HTTP/1.1\r\nContent-Length: 0\r\n\r\n`), 400],
    ['two lengths', post([type, 'Content-Length: 0', `Content-Length: ${document.length}`], document), 400],
    ['a length that is no number', post([type, 'Content-Length: 1e3'], document), 400],
    ['a negative length', post([type, 'Content-Length: -1'], document), 400],
    ['an endless length', post([type, 'Content-Length: 99999999999999999999999'], document), 400],
    [
      'a length and chunks (request smuggling)',
      post([type, 'Content-Length: 5', 'Transfer-Encoding: chunked'], chunk),
      400,
    ],
    ['an unknown transfer encoding', post([type, 'Transfer-Encoding: gzip'], document), 400],
    ['chunked twice', post([type, 'Transfer-Encoding: chunked, identity'], chunk), 400],
    ['a chunk that has no length', post([type, 'Transfer-Encoding: chunked'], 'zz\r\n'), 400],
    ['a chunk too long for its length', post([type, 'Transfer-Encoding: chunked'], '2\r\nabcdef\r\n0\r\n\r\n'), 400],
    ['a header without colon', post(['nonsense']), 400],
    ['a blank before the colon', post(['X-A : 1']), 400],
    ['a NUL in a header', post(['X-A: a\0b']), 400],
    ['a folded header', post(['X-A: a\r\n b']), 400],
    ['headers without end', post([`X-A: ${'x'.repeat(10_000)}`]), 431],
    [
      'a target without end',
      Buffer.from(
        `POST /Microsoft-Server-ActiveSync?${'x'.repeat(3000)} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`,
      ),
      414,
    ],
    ['blanks in the target', Buffer.from('POST /Microsoft-Server-ActiveSync?a b HTTP/1.1\r\nHost: x\r\n\r\n'), 400],
    ['CONNECT', Buffer.from('CONNECT mail.example.com:25 HTTP/1.1\r\nHost: x\r\n\r\n'), undefined],
    ['an upgrade', post(['Connection: Upgrade', 'Upgrade: h2c', 'Content-Length: 0']), 200, true],
    ['an unknown expectation', post(['Expect: the-worst', 'Content-Length: 0']), 417],
  ] as const) {
    it(`by ${what} get ${status ?? 'no answer'}`, async () => {
      const statuses = statusesOf(await sendRaw(server.port, octets, false));
      assert.deepEqual(statuses, status === undefined ? [] : [status]);
      assert.equal(executed, mayRun ? 1 : 0);
    });
  }

  it('by a second request smuggled into a body are no request', async () => {
    const inner = `POST ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('ann')}\r\nMS-ASProtocolVersion: 14.1\r\nContent-Length: 0\r\n\r\n`;
    const text = await sendRaw(
      server.port,
      post(['Content-Type: text/plain', `Content-Length: ${inner.length}`], inner),
    );
    assert.equal(statusesOf(text).length, 1);
    assert.equal(executed, 0);
  });

  it('by many requests on one connection are answered in order', async () => {
    const one = post([type, `Content-Length: ${document.length}`], document);
    const wrong = post(['Content-Length: 0'].concat('X-A: 1')).toString('latin1').replace('Cmd=Ping', 'Cmd=Nope');
    const octets = Buffer.concat([one, Buffer.from(wrong, 'latin1'), one]);
    assert.deepEqual(statusesOf(await sendRaw(server.port, octets, false)), [200, 501, 200]);
  });

  it('by bodies cut off anywhere run nothing', async () => {
    const whole = post([type, `Content-Length: ${document.length}`], document);
    const cuts = Array.from({ length: 24 }, (_, index) => Math.floor((whole.length * index) / 24));
    await Promise.all([...cuts, whole.length - 1].map((cut) => sendRaw(server.port, whole.subarray(0, cut))));
    assert.equal(executed, 0);
  });

  it('by random octets, raw and as bodies, get well-formed errors', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (octets) => {
        const raw = await sendRaw(server.port, Buffer.from(octets));
        assert.match(raw, /^$|^HTTP\/1\.1 [45]\d\d /);
        const body = Buffer.from(octets);
        for (const headers of [{}, { 'Content-Encoding': 'gzip' }, { 'Content-Type': 'message/rfc822' }]) {
          const answer = await ask(server.port, { query: queryOf('Ping'), version: '12.1', body, headers });
          assert.equal(answer.status, 400);
        }
        const query = Buffer.from(octets).toString('base64').replaceAll('+', '%2B');
        assert.ok([400, 501, 200].includes((await ask(server.port, { query })).status));
      }),
      { numRuns: 60 },
    );
  });

  it('by damaged documents get an error or an answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(document.length - 1), fc.nat(255), fc.boolean(), async (at, octet, cut) => {
        const body = cut ? document.subarray(0, Math.max(1, at)) : Buffer.from(document);
        if (!cut) body[at] = octet;
        const { status } = await ask(server.port, { query: queryOf('Ping'), version: '12.1', body });
        assert.ok(status === 200 || status === 400, String(status));
      }),
      { numRuns: 100 },
    );
  });

  it('by more connections than allowed are dropped, and the rest served', async () => {
    const small = await startTestServer({ commands: [command('Ping')], limits: { connections: 3 } });
    const idle = Array.from({ length: 3 }, () => sendRaw(small.port, 'POST ', false));
    assert.equal(await sendRaw(small.port, post(['Content-Length: 0'])), '');
    await small.http.close(0);
    assert.deepEqual((await Promise.all(idle)).length, 3);
    await small.store.close();
  });
});
