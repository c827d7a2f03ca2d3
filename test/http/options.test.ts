// What OPTIONS offers (MS-ASHTTP section 2.2.4, HTTP OPTIONS Response).
import assert from 'node:assert/strict';
import { pino } from 'pino';
import { createHttpServer } from '../../src/http/http-server.ts';
import { defaultHttpSettings } from '../../src/http/settings.ts';
import { ask, basic, command, startTestServer, type TestServer } from './test-server.ts';

describe('http: OPTIONS', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ commands: ['Sync', 'FolderSync', 'Ping'].map((name) => command(name)) });
  });
  after(() => server.stop());

  it('offers the versions in ascending order without blanks, and exactly the commands that exist (MS-ASHTTP R1107)', async () => {
    const { status, headers, body } = await ask(server.port, { method: 'OPTIONS' });
    assert.equal(status, 200);
    assert.equal(headers['ms-asprotocolversions'], '12.1,14.0,14.1,16.0,16.1');
    assert.equal(headers['ms-asprotocolcommands'], 'Sync,FolderSync,Ping');
    assert.equal(headers['allow'], 'OPTIONS,POST');
    assert.equal(headers['content-length'], '0');
    assert.equal(headers['cache-control'], 'private');
    assert.match(String(headers['ms-server-activesync']), /^15\.2/);
    assert.equal(body.length, 0);
  });

  it("answers Samsung's and Outlook's OPTIONS, which carry a query and an old version", async () => {
    const query = 'Cmd=OPTIONS&User=ann&DeviceId=validate&DeviceType=Android';
    const { status, headers } = await ask(server.port, { method: 'OPTIONS', query, version: '2.5' });
    assert.equal(status, 200);
    assert.equal(headers['ms-asprotocolversions'], '12.1,14.0,14.1,16.0,16.1');
    assert.deepEqual(await server.store.devices.list(server.user.id), []);
  });

  it('matches the path without case, with a slash at its end, and in an absolute request target', async () => {
    for (const path of [
      '/microsoft-server-activesync',
      '/Microsoft-Server-ActiveSync/',
      'http://mail.example.com/Microsoft-Server-ActiveSync',
    ]) {
      assert.equal((await ask(server.port, { method: 'OPTIONS', path })).status, 200, path);
    }
    for (const path of ['/', '/Microsoft-Server-ActiveSyncs', '/x/Microsoft-Server-ActiveSync']) {
      assert.equal((await ask(server.port, { method: 'OPTIONS', path })).status, 404, path);
    }
  });

  it('wants credentials (MS-ASHTTP R2371), and says 403 where ActiveSync is disabled (MS-ASHTTP R180)', async () => {
    const without = await ask(server.port, { method: 'OPTIONS', authorization: null });
    assert.equal(without.status, 401);
    assert.match(String(without.headers['www-authenticate']), /^Basic realm="/);
    assert.equal(without.headers['ms-asprotocolversions'], undefined);
    assert.equal((await ask(server.port, { method: 'OPTIONS', authorization: basic('bob') })).status, 403);
  });

  it('refuses to start with a command that ActiveSync has not, or one name twice', () => {
    const { services } = server;
    const start = (...names: string[]) =>
      createHttpServer({
        commands: names.map((name) => command(name)),
        services,
        settings: defaultHttpSettings,
        logger: pino({ level: 'silent' }),
      });
    assert.throws(() => start('Teleport'), /no command Teleport/);
    assert.throws(() => start('Sync', 'Sync'), /same name/);
  });
});
