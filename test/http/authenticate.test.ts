// Logins: forms of the name, charsets, what is remembered, what is slowed (MS-ASHTTP section 2.2.1.1.2.2, Authorization).
import assert from 'node:assert/strict';
import { hashPassword } from '../../src/directory/passwords.ts';
import { type Authenticator, createAuthenticator, type Logins } from '../../src/http/authenticate.ts';
import { parseBasic } from '../../src/http/credentials.ts';
import { defaultAuthenticationLimits } from '../../src/http/settings.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { ask, basic, command, queryOf, startTestServer } from './test-server.ts';

const limits = { ...defaultAuthenticationLimits, failuresPerAccount: 3, failuresPerAddress: 6 };
const home = '192.0.2.1';

describe('http: credentials', () => {
  it('are read in every form of the user name', () => {
    const password = 'a:b';
    for (const [user, name, domain] of [
      ['ann', 'ann', undefined],
      ['Ann@Example.COM', 'ann@example.com', undefined],
      ['EXAMPLE\\ann', 'ann', 'example'],
      ['\\ann', 'ann', undefined],
      ['EXAMPLE\\ann@example.com', 'ann@example.com', undefined],
    ] as const) {
      assert.deepEqual(parseBasic(basic(user, password)), [{ name, domain, password }], user);
    }
  });

  it('are read as UTF-8, then as ISO-8859-1', () => {
    const passwords = (header: string) => parseBasic(header).map(({ password }) => password);
    assert.deepEqual(passwords(basic('ann', 'pässwörd', 'utf8')), ['pässwörd', 'pÃ¤sswÃ¶rd']);
    assert.deepEqual(passwords(basic('ann', 'pässwörd', 'latin1')), ['pässwörd']);
    assert.deepEqual(passwords(basic('ann', 'plain')), ['plain']);
  });

  it('are none in other headers', () => {
    for (const header of [
      '',
      'Basic',
      'Basic !!!!',
      'Bearer abc',
      'Basic YW5u',
      basic('', 'x'),
      basic('a\nb', 'x'),
      basic('x'.repeat(400), 'x'),
    ]) {
      assert.deepEqual(parseBasic(header), [], header);
    }
  });
});

describe('http: authentication', () => {
  let store: Store;
  let authenticator: Authenticator;
  let time: number;
  /** Lookups by name: each stands for one password that was verified. */
  let lookups: number;
  let hash: string;

  before(async () => {
    hash = await hashPassword('pässwörd');
  });
  beforeEach(async () => {
    store = await openStore({ kind: 'sqlite', file: ':memory:' });
    await store.directory.putDomain('example.com');
    await store.directory.putUser('ann', 'example.com', {
      passwordHash: hash,
      enabled: true,
      aliases: ['anna@example.com'],
    });
    time = Date.now();
    lookups = 0;
    const logins: Logins = {
      user: (id) => store.directory.user(id),
      domains: () => store.directory.domains(),
      userByLogin: (name, domain) => {
        lookups++;
        return store.directory.userByLogin(name, domain);
      },
    };
    authenticator = createAuthenticator(logins, limits, () => time);
  });
  afterEach(() => store.close());

  const login = async (header: string, address = home) => (await authenticator.authenticate(header, address)).kind;
  const right = basic('ann@example.com', 'pässwörd');

  it('takes a user name, an address, an alias, and DOMAIN\\user with the full or the first part of the domain', async () => {
    for (const user of ['ann', 'ann@example.com', 'anna@example.com', 'EXAMPLE\\ann', 'example.com\\ann', '\\ann']) {
      assert.equal(await login(basic(user, 'pässwörd')), 'user', user);
    }
    for (const user of ['nobody', 'ann@example.org', 'OTHER\\ann']) {
      assert.equal(await login(basic(user, 'pässwörd')), 'refused', user);
    }
  });

  it("takes Outlook's ISO-8859-1 as well as UTF-8, composed or not", async () => {
    assert.equal(await login(basic('ann', 'pässwörd', 'latin1')), 'user');
    assert.equal(await login(basic('ann', 'pässwörd'.normalize('NFD'))), 'user');
  });

  it('refuses wrong passwords, no header, overlong ones, and users without a password', async () => {
    await store.directory.putUser('new', 'example.com', { enabled: true });
    assert.equal((await authenticator.authenticate(undefined, home)).kind, 'refused');
    for (const header of [basic('ann', 'x'), basic('ann', ''), basic('new', ''), basic('ann', 'x'.repeat(5000))]) {
      assert.equal(await login(header), 'refused');
    }
  });

  it('verifies a password once, and again when it was not used for five minutes', async () => {
    for (let count = 0; count < 5; count++) assert.equal(await login(right), 'user');
    assert.equal(lookups, 1);
    time += limits.credentialTime;
    assert.equal(await login(right), 'user');
    assert.equal(lookups, 1);
    time += limits.credentialTime + 1;
    assert.equal(await login(right), 'user');
    assert.equal(lookups, 2);
  });

  it('keeps a credential while a request is held on it, but not for ever', async () => {
    const first = await authenticator.authenticate(right, home);
    assert.ok(first.kind === 'user');
    for (let held = 0; held < 3; held++) {
      time += 55 * 60_000;
      authenticator.touch(first.credential);
      assert.equal(await login(right), 'user');
    }
    assert.equal(lookups, 1);
    for (let held = 0; held < 11; held++) {
      time += 60 * 60_000;
      authenticator.touch(first.credential);
    }
    assert.equal(await login(right), 'user');
    assert.equal(lookups, 2);
  });

  it('verifies once for several requests at the same time', async () => {
    const kinds = await Promise.all(Array.from({ length: 8 }, () => login(right)));
    assert.deepEqual(new Set(kinds), new Set(['user']));
    assert.equal(lookups, 1);
  });

  it('forgets a credential at once when the password changes or the account is disabled', async () => {
    assert.equal(await login(right), 'user');
    await store.directory.putUser('ann', 'example.com', { passwordHash: await hashPassword('other') });
    assert.equal(await login(right), 'refused');
    const other = basic('ann', 'other');
    assert.equal(await login(other), 'user');
    await store.directory.putUser('ann', 'example.com', { enabled: false });
    assert.equal(await login(other), 'refused');
    await store.directory.putUser('ann', 'example.com', { enabled: true });
    assert.equal(await login(other), 'user');
    const user = await store.directory.userByLogin('ann', undefined);
    assert.ok(user);
    await store.directory.removeUser(user.id);
    assert.equal(await login(other), 'refused');
  });

  it('slows an account after a few failures, for longer each time, whoever asks by whichever name', async () => {
    for (let count = 0; count < 3; count++)
      assert.equal(
        await login(basic(['ann', 'ann@example.com', 'EXAMPLE\\ann'][count]!, 'guess'), `192.0.2.${count}`),
        'refused',
      );
    const slowed = await authenticator.authenticate(right, '192.0.2.9');
    assert.deepEqual(slowed, { kind: 'slowed', retryAfterSeconds: 1 });
    time += 1000;
    assert.equal(await login(basic('ann', 'guess 4')), 'refused');
    assert.deepEqual(await authenticator.authenticate(right, home), { kind: 'slowed', retryAfterSeconds: 2 });
    time += 2000;
    assert.equal(await login(right), 'user');
    assert.equal(await login(basic('ann', 'guess 5')), 'refused');
    assert.equal(await login(basic('ann', 'guess 6')), 'refused');
  });

  it('slows accounts that do not exist just the same', async () => {
    for (let count = 0; count < 3; count++)
      assert.equal(await login(basic('nobody', 'x'), `192.0.2.${count}`), 'refused');
    assert.equal(await login(basic('nobody', 'x')), 'slowed');
  });

  it('never slows a credential that is remembered', async () => {
    assert.equal(await login(right), 'user');
    for (let count = 0; count < 8; count++) await login(basic('ann', `guess ${count}`));
    assert.equal(await login(basic('ann', 'guess')), 'slowed');
    assert.equal(await login(right), 'user');
  });

  it('slows an address that tries many accounts, an IPv6 network as one, and forgets it after a while', async () => {
    for (let count = 0; count < 6; count++)
      assert.equal(await login(basic(`user${count}`, 'x'), `2001:db8::${count}:1`), 'refused');
    assert.equal(await login(basic('user9', 'x'), '2001:db8:0:0:ffff::1'), 'slowed');
    assert.equal(await login(basic('user9', 'x'), '2001:db8:0:1::1'), 'refused');
    time += limits.failureMemory + 1;
    assert.equal(await login(basic('user9', 'x'), '2001:db8::1'), 'refused');
  });

  it('counts attempts at the same time', async () => {
    const kinds = await Promise.all(Array.from({ length: 10 }, (_, count) => login(basic('ann', `guess ${count}`))));
    assert.equal(kinds.filter((kind) => kind === 'refused').length, 3);
    assert.equal(kinds.filter((kind) => kind === 'slowed').length, 7);
  });

  it('turns logins away when too many wait, and does not count them as failures', async () => {
    const narrow = createAuthenticator(
      store.directory,
      { ...limits, parallelVerifications: 1, waitingVerifications: 1 },
      () => time,
    );
    const attempts = ['a', 'b', 'c', 'd', 'e'].map((user, index) =>
      narrow.authenticate(basic(user, 'x'), `198.51.100.${index}`),
    );
    const kinds = (await Promise.all(attempts)).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['refused', 'refused', 'slowed', 'slowed', 'slowed']);
    for (let count = 0; count < 3; count++)
      assert.equal((await narrow.authenticate(basic('e', 'x'), home)).kind, 'refused');
  });

  it('takes about as long for nobody as for somebody', async () => {
    const spent = { ann: 0n, nobody: 0n };
    for (let count = 0; count < 12; count++) {
      for (const user of ['ann', 'nobody'] as const) {
        time += limits.failureMemory + 1;
        const start = process.hrtime.bigint();
        await login(basic(user, `wrong ${count}`));
        // The first ones warm up.
        if (count > 1) spent[user] += process.hrtime.bigint() - start;
      }
    }
    const ratio = Number(spent.nobody) / Number(spent.ann);
    assert.ok(ratio > 0.4 && ratio < 2.5, `ratio ${ratio.toFixed(2)}`);
  });
});

describe('http: authentication over the wire', () => {
  it('asks for credentials with 401, slows with 503 and Retry-After (MS-ASHTTP R273), and logs the address but no secret', async () => {
    const server = await startTestServer({
      commands: [command('Sync')],
      settings: { authentication: limits, trustedProxies: ['127.0.0.0/8'] },
    });
    const guess = (word: string) =>
      ask(server.port, {
        query: queryOf('Sync'),
        authorization: basic('ann', word),
        headers: { 'X-Forwarded-For': '203.0.113.7' },
      });
    for (const word of ['Zebra-1', 'Zebra-2', 'Zebra-3']) {
      const { status, headers } = await guess(word);
      assert.equal(status, 401);
      assert.equal(headers['www-authenticate'], 'Basic realm="Easel", charset="UTF-8"');
    }
    const slowed = await guess('Zebra-4');
    assert.equal(slowed.status, 503);
    assert.equal(slowed.headers['retry-after'], '1');
    assert.equal(server.log.at(-1)?.['address'], '203.0.113.7');
    const text = JSON.stringify(server.log);
    for (const word of ['Zebra', 'Basic ', 'argon2', Buffer.from('ann:Zebra-1').toString('base64')]) {
      assert.ok(!text.includes(word), word);
    }
    await server.stop();
  });
});
