// `easel serve` as a process: what it prints, how it ends, what it finds again.
import assert from 'node:assert/strict';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { easel, easelServe, endLeftOvers, inTemporaryDirectory, type Ready, type Running } from './easel-process.ts';

const freePorts = { EASEL_LMTP_PORT: '0', EASEL_SMTP_PORT: '0' };

function basic(account: Ready['accounts'][number] | undefined): Record<string, string> {
  assert.ok(account);
  return { authorization: `Basic ${Buffer.from(`${account.user}:${account.password}`).toString('base64')}` };
}

async function end({ child, finished }: Running) {
  child.kill('SIGTERM');
  return finished;
}

describe('easel serve', function () {
  this.timeout(60_000);
  afterEach(endLeftOvers);

  it('--ephemeral prints one line of JSON, serves the demo and ends on SIGTERM', async () => {
    const running = await easelServe(['--ephemeral']);
    const { line, ready, child } = running;
    const names = ['ready', 'url', 'activesync', 'lmtp', 'smtp', 'accounts', 'pid'];
    assert.deepEqual(Object.keys(ready), names);
    assert.equal(ready.ready, true);
    assert.match(ready.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(ready.activesync, `${ready.url}/Microsoft-Server-ActiveSync`);
    assert.match(ready.lmtp, /^127\.0\.0\.1:\d+$/);
    assert.match(ready.smtp, /^127\.0\.0\.1:\d+$/);
    assert.equal(ready.pid, child.pid);
    assert.ok(ready.accounts.length >= 3);
    const answer = await fetch(ready.activesync, { method: 'OPTIONS', headers: basic(ready.accounts[0]) });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('ms-asprotocolversions') ?? '', /^12\.1,.*16\.1$/);
    const refused = await fetch(ready.activesync, {
      method: 'OPTIONS',
      headers: basic({ user: ready.accounts[0]?.user ?? '', password: 'wrong' }),
    });
    assert.equal(refused.status, 401);
    const { code, stdout } = await end(running);
    assert.equal(code, 0);
    assert.equal(stdout, `${line}\n`);
  });

  it('--ephemeral ends when its standard input closes', async () => {
    const { child, finished } = await easelServe(['--ephemeral']);
    child.stdin?.end();
    assert.equal((await finished).code, 0);
  });

  it('--ephemeral lives on without a standard input that could close', async () => {
    const running = await easelServe(['--ephemeral'], { stdin: 'ignore' });
    const answer = await fetch(running.ready.activesync, {
      method: 'OPTIONS',
      headers: basic(running.ready.accounts[0]),
    });
    assert.equal(answer.status, 200);
    assert.equal((await end(running)).code, 0);
  });

  it('--ephemeral takes nothing from a data directory and leaves nothing behind', () =>
    inTemporaryDirectory(async (directory) => {
      await writeFile(join(directory, 'easel.yaml'), 'nonsense: true\n');
      const running = await easelServe(['--ephemeral'], { variables: { EASEL_DATA: directory }, directory });
      await end(running);
      await assert.rejects(stat(join(directory, 'easel.db')), { code: 'ENOENT' });
      await assert.rejects(stat(join(directory, 'data')), { code: 'ENOENT' });
      const refused = await easel(['serve', '--ephemeral', '--data', directory]);
      assert.deepEqual([refused.code, refused.stderr], [1, 'easel: --ephemeral keeps nothing: leave --data out\n']);
    }));

  it('--ephemeral --org serves the organisation that a file describes', () =>
    inTemporaryDirectory(async (directory) => {
      const file = join(directory, 'org.json');
      await writeFile(
        file,
        JSON.stringify({ domains: ['kites.example'], users: [{ name: 'ann', password: 'up in the air' }] }),
      );
      const running = await easelServe(['--ephemeral', '--org', file]);
      assert.deepEqual(running.ready.accounts, [{ user: 'ann@kites.example', password: 'up in the air' }]);
      const answer = await fetch(running.ready.activesync, {
        method: 'OPTIONS',
        headers: basic(running.ready.accounts[0]),
      });
      assert.equal(answer.status, 200);
      await end(running);
    }));

  it('the first start makes the demo, the second finds it', () =>
    inTemporaryDirectory(async (directory) => {
      const args = ['--data', directory, '--port', '0', '--host', '127.0.0.1', '--json'];
      const first = await easelServe(args, { variables: freePorts });
      const { stderr } = await end(first);
      assert.match(stderr, /Making the demo organisation/);
      const second = await easelServe(args, { variables: freePorts });
      assert.deepEqual(second.ready.accounts, first.ready.accounts);
      const answer = await fetch(second.ready.activesync, {
        method: 'OPTIONS',
        headers: basic(first.ready.accounts[1]),
      });
      assert.equal(answer.status, 200);
      const again = await end(second);
      assert.doesNotMatch(again.stderr, /Making the demo organisation/);
      for (const name of ['easel.db', 'secret-demo.json'])
        assert.equal((await stat(join(directory, name))).mode & 0o077, 0, `${name} is for its owner only`);
    }));

  it('without --json it says what to type into a phone', () =>
    inTemporaryDirectory(async (directory) => {
      const running = await easelServe(['--data', directory, '--port', '0'], {
        variables: { ...freePorts, EASEL_LOG_LEVEL: 'silent' },
      });
      const { stdout, code } = await end(running);
      assert.equal(code, 0);
      assert.match(stdout, /Server +\S+:\d+/);
      assert.match(stdout, /User, password +\S+@\S+ +\S+/);
      assert.match(stdout, /SSL +off/);
      assert.match(stdout, /Without TLS, passwords cross the network in the clear/);
      assert.match(stdout, /LMTP 127\.0\.0\.1:\d+, SMTP 127\.0\.0\.1:\d+/);
    }));

  it('a second server on one data directory is refused, and a killed one leaves no lock', () =>
    inTemporaryDirectory(async (directory) => {
      const args = ['--data', directory, '--port', '0', '--json'];
      const first = await easelServe(args, { variables: freePorts });
      const refused = await easel(['serve', ...args], { variables: freePorts });
      assert.equal(refused.code, 1);
      assert.equal(refused.stderr, `easel: ${directory}: another Easel server is running on this data directory\n`);
      const list = await easel(['user', 'list', '--data', directory, '--json']);
      assert.equal(list.code, 0, 'verbs work beside a running server');
      first.child.kill('SIGKILL');
      await first.finished;
      const second = await easelServe(args, { variables: freePorts });
      assert.equal(second.ready.accounts.length, first.ready.accounts.length);
      await end(second);
    }));

  it('obeys at once what other verbs change beside it', () =>
    inTemporaryDirectory(async (directory) => {
      const running = await easelServe(['--data', directory, '--port', '0', '--json'], { variables: freePorts });
      const { activesync, accounts } = running.ready;
      const [account] = accounts;
      assert.ok(account);
      const status = async (password: string) =>
        (await fetch(activesync, { method: 'OPTIONS', headers: basic({ user: account.user, password }) })).status;
      const user = (verb: string, ...options: readonly string[]) =>
        easel(['user', verb, account.user, '--data', directory, ...options], { input: 'another one' });
      assert.equal(await status(account.password), 200);
      await user('password', '--password-stdin');
      assert.deepEqual([await status(account.password), await status('another one')], [401, 200]);
      await user('disable', '--activesync');
      assert.equal(await status('another one'), 403);
      await user('disable');
      assert.equal(await status('another one'), 401);
      await user('remove');
      assert.equal(await status('another one'), 401);
      await end(running);
    }));

  it('says in one line why it cannot start', () =>
    inTemporaryDirectory(async (directory) => {
      const taken = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => taken.once('listening', resolve));
      taken.unref();
      const { port } = taken.address() as AddressInfo;
      const cases: readonly [readonly string[], number, RegExp][] = [
        [
          ['--port', String(port), '--host', '127.0.0.1'],
          1,
          /^easel: HTTP: port \d+ of 127\.0\.0\.1 is in use; choose another port$/,
        ],
        [['--port', 'many'], 2, /A port is a number from 0 to 65535/],
        [['--colour'], 2, /unknown option '--colour'/],
        [['--config', join(directory, 'none.yaml')], 1, /^easel: .*none\.yaml: cannot be read \(ENOENT\)$/],
        [['--org', join(directory, 'none.yaml')], 1, /^easel: .*none\.yaml: cannot be read \(ENOENT\)$/],
      ];
      for (const [args, code, text] of cases) {
        const result = await easel(['serve', '--ephemeral', ...args]);
        assert.equal(result.code, code, args.join(' '));
        assert.equal(result.stdout, '');
        const lines = result.stderr
          .trim()
          .split('\n')
          .filter((line) => !line.startsWith('Making the demo'));
        assert.equal(lines.length, 1, result.stderr);
        assert.match(lines[0] ?? '', text);
      }
      taken.close();
    }));

  it('reads easel.yaml of the data directory and names a key that it does not know', () =>
    inTemporaryDirectory(async (directory) => {
      const file = join(directory, 'easel.yaml');
      await writeFile(file, 'listen:\n  prot: 1\n');
      await chmod(file, 0o600);
      const result = await easel(['serve', '--data', directory]);
      assert.deepEqual([result.code, result.stderr], [1, `easel: ${file}: unknown key listen.prot\n`]);
    }));
});
