// Partnerships as requests make them (MS-ASHTTP section 2.2.1.1.1.2.3, Device ID).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { CommandContext } from '../../src/commands/command.ts';
import { Element, Ping } from '../../wbxml/index.ts';
import { ask, basic, command, queryOf, startTestServer, type TestServer, until } from './test-server.ts';

const withStatus = {
  statusDocument: (status: number) => new Element(Ping.Ping, [new Element(Ping.Status, String(status))]),
};

describe('http: devices', () => {
  let server: TestServer;
  let context: CommandContext | undefined;
  beforeEach(async () => {
    const execute = async (of: CommandContext) => {
      context = of;
      return { kind: 'empty' } as const;
    };
    server = await startTestServer({
      commands: [command('Ping', { ...withStatus, execute })],
      limits: { devicesPerUser: 2 },
    });
  });
  afterEach(() => server.stop());

  const from = (device: string, more: { version?: string; headers?: Record<string, string> } = {}) =>
    ask(server.port, { query: `Cmd=Ping&User=ann&DeviceId=${device}&DeviceType=Phone`, ...more });
  const devices = () => server.store.devices.list(server.user.id);

  it('get a partnership with their first request', async () => {
    await from('D1', { headers: { 'User-Agent': 'Phone/1.0' } });
    const [device] = await devices();
    assert.equal(device?.deviceId, 'D1');
    assert.equal(device.deviceType, 'Phone');
    assert.equal(device.userAgent, 'Phone/1.0');
    assert.equal(context?.device.id, device.id);
    assert.equal(context.mailbox, server.user.mailboxId);
    assert.equal(context.user.name, 'ann');
  });

  it('that only check an account get none: DeviceId validate', async () => {
    for (const name of ['validate', 'Validate']) {
      assert.equal((await from(name)).status, 200);
      assert.equal(context?.device.id, 0);
      assert.equal(context.device.deviceId, name);
    }
    assert.deepEqual(await devices(), []);
  });

  it('beyond the limit are told MaximumDevicesReached, or 403 up to 12.1 (MS-ASCMD R4980)', async () => {
    for (const name of ['D1', 'D2']) assert.equal((await from(name)).body.length, 0);
    const third = await from('D3');
    assert.equal(third.status, 200);
    assert.match(third.body.toString('latin1'), /177/);
    assert.equal((await from('D3', { version: '12.1' })).status, 403);
    assert.equal((await from('D1')).body.length, 0);
    assert.equal((await devices()).length, 2);
  });

  it('are written to at most once a minute while nothing changes', async () => {
    let writes = 0;
    const update = server.store.devices.update.bind(server.store.devices);
    server.store.devices.update = async (...change) => {
      writes++;
      await update(...change);
    };
    const seen = async () => (await devices())[0];
    server.clock = Math.ceil(Date.now() / 60_000) * 60_000 + 60_000;
    // The write comes after the answer; the next request's answer comes after the write.
    for (let count = 0; count < 5; count++) await from('D1', { headers: { 'User-Agent': `Samsung/${count}` } });
    assert.equal(writes, 1);
    assert.equal((await seen())?.userAgent, 'Samsung/0');
    assert.equal((await seen())?.protocolVersion, 14.1);
    server.clock += 60_000;
    for (let count = 0; count < 3; count++) await from('D1');
    assert.equal(writes, 2);
    assert.equal((await seen())?.lastSeen, server.clock);
    for (let count = 0; count < 3; count++) await from('D1', { version: '16.1' });
    assert.equal(writes, 3);
    assert.equal((await seen())?.protocolVersion, 16.1);
  });

  it('are those of who logged in, whatever the query calls the user (MS-ASHTTP R485)', async () => {
    await ask(server.port, { query: 'Cmd=Ping&User=bob&DeviceId=D1&DeviceType=Phone' });
    assert.equal(context?.user.name, 'ann');
    assert.equal((await devices()).length, 1);
  });

  it('without User-Agent, as Windows Phone is, are served', async () => {
    await from('D1');
    assert.equal((await devices())[0]?.userAgent, '');
  });
});

describe('http: held requests', () => {
  const holding = () => {
    const events: string[] = [];
    let started = () => {};
    const execute = (context: CommandContext) =>
      new Promise<{ kind: 'empty' }>((resolve) => {
        assert.equal(context.signal, context.signal);
        context.signal.addEventListener('abort', () => {
          events.push('aborted');
          resolve({ kind: 'empty' });
        });
        events.push('held');
        started();
      });
    return {
      events,
      command: command('Ping', { execute }),
      held: () => new Promise<void>((resolve) => (started = resolve)),
    };
  };
  const open = (port: number) => {
    const outgoing = request({
      port,
      method: 'POST',
      path: `/Microsoft-Server-ActiveSync?${queryOf('Ping')}`,
      headers: { authorization: basic('ann'), 'MS-ASProtocolVersion': '14.1', connection: 'keep-alive' },
      agent: false,
    });
    outgoing.on('error', () => {});
    outgoing.end();
    return outgoing;
  };

  it('end when their client goes away', async () => {
    const hold = holding();
    const server = await startTestServer({ commands: [hold.command] });
    const held = hold.held();
    const outgoing = open(server.port);
    await held;
    outgoing.destroy();
    await until(() => server.log.length > 0);
    assert.deepEqual(hold.events, ['held', 'aborted']);
    assert.equal(server.log[0]?.['gone'], true);
    await server.stop();
  });

  it('end with an answer when the server shuts down, which then takes no more', async () => {
    const hold = holding();
    const server = await startTestServer({ commands: [hold.command] });
    const held = hold.held();
    const outgoing = open(server.port);
    const answered = once(outgoing, 'response');
    await held;
    const start = Date.now();
    await server.stop();
    const [response] = await answered;
    assert.equal(response.statusCode, 200);
    assert.equal(response.headers.connection, 'close');
    assert.ok(Date.now() - start < 900, 'it did not wait for its patience to end');
    await assert.rejects(ask(server.port, { query: queryOf('Ping') }));
  });

  it('do not count as work, but too much work is turned away with 503 and Retry-After (MS-ASHTTP R273, R288)', async () => {
    const releases: (() => void)[] = [];
    const execute = () => new Promise<{ kind: 'empty' }>((resolve) => releases.push(() => resolve({ kind: 'empty' })));
    let heldCount = 0;
    const server = await startTestServer({
      commands: [command('Ping', { execute })],
      limits: { concurrentRequests: 2, retryAfterSeconds: 7 },
      services: {
        held: {
          get count() {
            return heldCount;
          },
          open: () => assert.fail(),
          supersede: () => {},
        },
      },
    });
    const two = [ask(server.port, { query: queryOf('Ping') }), ask(server.port, { query: queryOf('Ping') })];
    await until(() => releases.length === 2);
    const third = await ask(server.port, { query: queryOf('Ping') });
    assert.equal(third.status, 503);
    assert.equal(third.headers['retry-after'], '7');
    heldCount = 2;
    const fourth = ask(server.port, { query: queryOf('Ping') });
    await until(() => releases.length === 3);
    for (const release of releases) release();
    assert.deepEqual(
      (await Promise.all([...two, fourth])).map(({ status }) => status),
      [200, 200, 200],
    );
    await server.stop();
  });

  it('that are finished are not aborted', async () => {
    let signal: AbortSignal | undefined;
    const execute = async (context: CommandContext) => {
      signal = context.signal;
      return { kind: 'empty' } as const;
    };
    const server = await startTestServer({ commands: [command('Ping', { execute })] });
    await ask(server.port, { query: queryOf('Ping') });
    await server.stop();
    assert.equal(signal?.aborted, false);
  });
});
