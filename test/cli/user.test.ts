// `easel user` and `easel group` as processes.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyPassword } from '../../src/directory/passwords.ts';
import { openStore } from '../../src/store/open-store.ts';
import { easel, endLeftOvers } from './easel-process.ts';

describe('easel user', function () {
  this.timeout(60_000);
  let data = '';
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'easel-user-'));
  });
  after(() => rm(data, { recursive: true, force: true }));
  afterEach(endLeftOvers);

  const run = (args: string, input?: string) =>
    easel([...args.split(' '), '--data', data], input === undefined ? {} : { input });

  async function user(name: string) {
    const store = await openStore({ kind: 'sqlite', file: join(data, 'easel.db') });
    try {
      return await store.directory.userByLogin(name, undefined);
    } finally {
      await store.close();
    }
  }

  it('adds the first user with a domain and a password from standard input', async () => {
    const { code, stdout, stderr } = await run(
      'user add Ann@Kites.example --password-stdin --alias info',
      'up in the air\nrest',
    );
    assert.deepEqual([code, stdout, stderr], [0, 'ann@kites.example: created\n', '']);
    const ann = await user('ann');
    assert.deepEqual(ann?.addresses, ['ann@kites.example', 'info@kites.example']);
    assert.ok(await verifyPassword(ann?.passwordHash ?? '', 'up in the air'));
  });

  it('refuses what cannot be, in one line', async () => {
    const cases: readonly [args: string, input: string | undefined, code: number, fault: RegExp][] = [
      ['user add ann@kites.example --password-stdin', 'x', 1, /^easel: there is a user ann@kites\.example already$/],
      [
        'user add bob@other.example --password-stdin',
        'x',
        1,
        /^easel: other\.example is not one of the domains \(kites\.example\); --add-domain/,
      ],
      [
        'user add info@kites.example --password-stdin',
        'x',
        1,
        /^easel: (there is a user|info@kites\.example belongs to)/,
      ],
      ['user add bob --password-stdin', 'x', 1, /^easel: bob: must be an address/],
      ['user add bob@kites.example --password-stdin', '', 1, /^easel: a password has 1 to 1024 characters$/],
      ['user add bob@kites.example', undefined, 1, /^easel: no terminal to ask for the password on/],
      ['user add bob@kites.example --password geheim', undefined, 2, /^error: unknown option '--password'/],
      ['user disable nobody', undefined, 1, /^easel: there is no user nobody/],
      ['user frobnicate', undefined, 2, /^error: unknown command 'frobnicate'/],
    ];
    for (const [args, input, code, fault] of cases) {
      const result = await run(args, input);
      assert.equal(result.code, code, args);
      assert.match(result.stderr.split('\n')[0] ?? '', fault);
      assert.doesNotMatch(result.stderr, /^ +at /m);
    }
  });

  it('changes the password, shuts out and lets in again', async () => {
    assert.equal(
      (await run('user password ann --password-stdin --json', 'a new one')).stdout,
      '{\n  "user": "ann@kites.example",\n  "outcome": "changed"\n}\n',
    );
    assert.ok(await verifyPassword((await user('ann'))?.passwordHash ?? '', 'a new one'));
    assert.equal((await run('user disable ann')).stdout, 'ann@kites.example: changed\n');
    assert.equal((await user('ann'))?.enabled, false);
    assert.equal((await run('user disable ann')).stdout, 'ann@kites.example: unchanged\n');
    assert.match((await run('user list')).stdout, /^ann@kites\.example +disabled +info@kites\.example$/m);
    await run('user enable ann');
    await run('user disable ann --activesync');
    assert.deepEqual([(await user('ann'))?.enabled, (await user('ann'))?.activeSyncEnabled], [true, false]);
  });

  it('shows nothing secret', async () => {
    const { stdout } = await run('user list --json');
    assert.doesNotMatch(stdout, /argon2|passwordHash/);
    assert.equal((JSON.parse(stdout) as { address: string }[])[0]?.address, 'ann@kites.example');
  });

  it('keeps distribution lists', async () => {
    assert.equal(
      (await run('group put all@kites.example ann@kites.example friend@example.com')).stdout,
      'all@kites.example: created\n',
    );
    assert.match(
      (await run('group list')).stdout,
      /^all@kites\.example +all +ann@kites\.example, friend@example\.com$/m,
    );
    assert.equal((await run('group remove all@kites.example')).stdout, 'all@kites.example: removed\n');
    assert.equal((await run('group remove all@kites.example')).code, 1);
  });

  it('removes a user for good', async () => {
    assert.equal((await run('user remove ann')).stdout, 'ann@kites.example: removed\n');
    assert.equal(await user('ann'), undefined);
  });
});
