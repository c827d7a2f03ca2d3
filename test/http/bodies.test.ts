// Request bodies: sizes, encodings, pieces and times (MS-ASHTTP section 2.2.1.1.3, Request Body).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { Element, encode, Ping } from '../../wbxml/index.ts';
import {
  ask,
  basic,
  command,
  queryOf,
  sendRaw,
  startTestServer,
  type TestAnswer,
  type TestServer,
  until,
} from './test-server.ts';

const document = encode(new Element(Ping.Ping, [new Element(Ping.HeartbeatInterval, '60')]));
const query = queryOf('Ping');
const mime = { 'Content-Type': 'message/rfc822' };

describe('http: request bodies', () => {
  let server: TestServer;
  let octets: Buffer[] = [];
  before(async () => {
    server = await startTestServer({
      limits: { bodySize: 100_000, idleTime: 200, headersTime: 300, requestTime: 2000 },
      commands: [
        command('Ping'),
        command('SendMail', {
          bodies: () => ['mime'],
          execute: async (_context, body) => {
            if (body.kind === 'mime') octets.push(body.octets);
            return { kind: 'empty' };
          },
        }),
      ],
    });
  });
  beforeEach(() => {
    octets = [];
  });
  after(() => server.stop());

  const sendMail = (body: Buffer, headers: Record<string, string> = {}) =>
    ask(server.port, { query: queryOf('SendMail'), version: '12.1', body, headers: { ...mime, ...headers } });

  it('come through octet by octet, as large as allowed', async () => {
    const body = Buffer.alloc(100_000, 'x\r\n');
    assert.equal((await sendMail(body)).status, 200);
    assert.ok(octets[0]?.equals(body));
  });

  it('may come in chunks, as Android sends mail', async () => {
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { ...mime, authorization: basic('ann'), 'MS-ASProtocolVersion': '12.1' };
      const path = `/Microsoft-Server-ActiveSync?${queryOf('SendMail')}`;
      const outgoing = request({ port: server.port, method: 'POST', path, headers }, ({ statusCode }) =>
        resolve(statusCode),
      );
      outgoing.on('error', reject);
      for (const part of ['Subject: ', 'a\r\n', '\r\nbody']) outgoing.write(part);
      outgoing.end();
    });
    assert.equal(answer, 200);
    assert.equal(octets[0]?.toString(), 'Subject: a\r\n\r\nbody');
  });

  it('may be gzip or deflate', async () => {
    for (const [encoding, body] of [
      ['gzip', gzipSync(document)],
      ['x-gzip', gzipSync(document)],
      ['GZIP', gzipSync(document)],
      ['deflate', deflateSync(document)],
      ['identity', document],
    ] as const) {
      const answer = await ask(server.port, { query, body, headers: { 'Content-Encoding': encoding } });
      assert.equal(answer.status, 200, encoding);
    }
  });

  it('are refused in another encoding, or when they are not what it says', async () => {
    for (const [encoding, body, status] of [
      ['br', document, 415],
      ['gzip, gzip', document, 415],
      ['gzip', document, 400],
      ['gzip', gzipSync(document).subarray(0, -9), 400],
    ] as const) {
      const answer = await ask(server.port, { query, body, headers: { 'Content-Encoding': encoding } });
      assert.equal(answer.status, status, encoding);
    }
  });

  it('are refused with 413 when they inflate beyond the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    assert.ok(bomb.length < 100_000);
    assert.equal((await sendMail(bomb, { 'Content-Encoding': 'gzip' })).status, 413);
    assert.equal(octets.length, 0);
  });

  it('are refused with 413 when they are announced or turn out too large, and the connection is closed', async () => {
    const announced = await sendMail(Buffer.alloc(100_001));
    assert.equal(announced.status, 413);
    assert.equal(announced.headers.connection, 'close');
    const chunk = `${(70_000).toString(16)}\r\n${'x'.repeat(70_000)}\r\n`;
    const text = await sendRaw(
      server.port,
      `${head('SendMail', 'Transfer-Encoding: chunked', mime['Content-Type'])}${chunk}${chunk}0\r\n\r\n`,
      false,
    );
    assert.match(text, /^HTTP\/1\.1 413 /);
  });

  it('of 100 MB are refused without being read, and the client hears it', async () => {
    const socket = connect(server.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    socket.write(head('SendMail', 'Content-Length: 104857600', mime['Content-Type']));
    const block = Buffer.alloc(1024 * 1024);
    let sent = 0;
    while (sent < 100 && !socket.destroyed && text === '') {
      sent++;
      if (!socket.write(block)) await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
    }
    while (text === '' && !socket.destroyed) await once(socket, 'data');
    assert.match(text, /^HTTP\/1\.1 413 /);
    assert.ok(sent < 100, `${sent} MB were sent`);
    socket.destroy();
    assert.equal((await ask(server.port, { query, body: document })).status, 200);
  });

  it('are waited for with 100 Continue only from who may send them', async () => {
    const expecting = (authorization: string, length: number) =>
      new Promise<[continued: boolean, answer: TestAnswer['status'] | undefined]>((resolve, reject) => {
        let continued = false;
        const outgoing = request(
          {
            port: server.port,
            method: 'POST',
            agent: false,
            path: `/Microsoft-Server-ActiveSync?${queryOf('SendMail')}`,
            headers: {
              ...mime,
              authorization,
              Expect: '100-continue',
              'Content-Length': length,
              'MS-ASProtocolVersion': '12.1',
            },
          },
          ({ statusCode }) => {
            resolve([continued, statusCode]);
            outgoing.destroy();
          },
        );
        outgoing.on('continue', () => {
          continued = true;
          outgoing.end(Buffer.alloc(length, 'x'));
        });
        outgoing.on('error', reject);
        outgoing.flushHeaders();
      });
    assert.deepEqual(await expecting(basic('ann'), 10), [true, 200]);
    assert.deepEqual(await expecting(basic('ann', 'wrong'), 10), [false, 401]);
    assert.deepEqual(await expecting(basic('ann'), 200_000), [false, 413]);
  });

  it('that stop coming are answered 408', async () => {
    const text = await sendRaw(
      server.port,
      `${head('SendMail', 'Content-Length: 100', mime['Content-Type'])}half of it`,
      false,
    );
    assert.match(text, /^HTTP\/1\.1 408 /);
    assert.equal(octets.length, 0);
  });

  it('that come a little at a time are cut off in the end', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(head('SendMail', 'Content-Length: 100000', mime['Content-Type']));
    const timer = setInterval(() => socket.write('x'), 50);
    socket.resume();
    await once(socket, 'close');
    clearInterval(timer);
    assert.equal(octets.length, 0);
  });

  it('and headers that never end are cut off', async () => {
    const text = await sendRaw(server.port, 'POST /Microsoft-Server-ActiveSync HTTP/1.1\r\nHost: x\r\nX-Slow: ', false);
    assert.match(text, /^HTTP\/1\.1 408 /);
  });

  it('of clients that go away are forgotten', async () => {
    await sendRaw(server.port, `${head('SendMail', 'Content-Length: 100', mime['Content-Type'])}half of it`);
    assert.equal(octets.length, 0);
    assert.equal((await ask(server.port, { query, body: document })).status, 200);
  });

  it('of clients that go away before anybody looks at the body are forgotten at once', async () => {
    // Nobody has logged in here: verifying the password takes until the client is gone.
    const fresh = await startTestServer({ commands: [command('SendMail', { bodies: () => ['mime'] })] });
    await sendRaw(fresh.port, `${head('SendMail', 'Content-Length: 100', mime['Content-Type'])}half of it`);
    await until(() => fresh.log.length > 0);
    assert.equal(fresh.log[0]?.['gone'], true);
    await fresh.stop();
  });
});

function head(name: string, length: string, type: string): string {
  return [
    `POST /Microsoft-Server-ActiveSync?${queryOf(name)} HTTP/1.1`,
    'Host: localhost',
    `Authorization: ${basic('ann')}`,
    'MS-ASProtocolVersion: 12.1',
    `Content-Type: ${type}`,
    length,
    '\r\n',
  ].join('\r\n');
}
