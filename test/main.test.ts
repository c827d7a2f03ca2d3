// startServer as a program that embeds Easel uses it.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { ConfigError } from '../src/config.ts';
import { type RunningServer, StartError, startServer } from '../src/main.ts';
import { OrganisationError } from '../src/organisation/organisation-file.ts';

const quiet = { log: { level: 'silent' } } as const;
const organisation = { domains: ['kites.example'], users: [{ name: 'ann', password: 'up in the air' }] };

function isOpen(address: string | undefined): Promise<boolean> {
  assert.ok(address !== undefined);
  const { hostname, port } = new URL(address.includes('://') ? address : `tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

describe('startServer', function () {
  this.timeout(30_000);
  let running: RunningServer | undefined;
  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  it('serves an organisation given as an object and knows its accounts', async () => {
    running = await startServer({ ephemeral: true, organisation, settings: quiet });
    assert.deepEqual(running.accounts, [{ user: 'ann@kites.example', password: 'up in the air' }]);
    const authorization = `Basic ${Buffer.from('ann:up in the air').toString('base64')}`;
    const answer = await fetch(running.activesync, { method: 'OPTIONS', headers: { authorization } });
    assert.equal(answer.status, 200);
  });

  it('runs several servers in one process', async () => {
    running = await startServer({ ephemeral: true, organisation, settings: quiet });
    const other = await startServer({ ephemeral: true, organisation, settings: quiet });
    assert.notEqual(other.url, running.url);
    await other.close();
    assert.equal(await isOpen(running.url), true);
  });

  it('closes everything it opened, once, even with connections open', async () => {
    running = await startServer({ ephemeral: true, organisation, settings: quiet });
    const { url, lmtp, smtp } = running;
    const agent = new Agent({ keepAlive: true });
    await new Promise((resolve, reject) => {
      request(url, { agent }, (answer) => answer.resume().once('end', resolve))
        .once('error', reject)
        .end();
    });
    await Promise.all([running.close(), running.close()]);
    for (const address of [url, lmtp, smtp]) assert.equal(await isOpen(address), false, address);
    agent.destroy();
  });

  it('opens no mail listeners when they are switched off', async () => {
    const settings = { ...quiet, lmtp: { enabled: false }, smtp: { enabled: false } };
    running = await startServer({ ephemeral: true, organisation, settings });
    assert.deepEqual([running.lmtp, running.smtp], [undefined, undefined]);
  });

  it('rejects with what is wrong and leaves nothing open', async () => {
    await assert.rejects(startServer({ ephemeral: true, settings: { colour: 1 } as object }), ConfigError);
    await assert.rejects(startServer({ ephemeral: true, organisation: { users: [{ name: '' }] } }), OrganisationError);
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const settings = { ...quiet, listen: { port } };
    await assert.rejects(startServer({ ephemeral: true, organisation, settings }), StartError);
    taken.close();
  });

  it('rejects when the certificate cannot be read', () =>
    assert.rejects(
      startServer({
        ephemeral: true,
        organisation,
        settings: { ...quiet, tls: { certificate: '/none.pem', key: '/none.pem' } },
      }),
      (error) => error instanceof StartError && /\/none\.pem/.test(error.message),
    ));
});
