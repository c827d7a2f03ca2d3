// Contract of every engine: domains, users, groups, and whom an address means.
import assert from 'node:assert/strict';
import type { UserId } from '../../src/protocol/ids.ts';
import type { PutUserOutcome, User } from '../../src/store/directory-store.ts';
import { contract, mail, office, writtenOne } from './engine.ts';

function userOf(outcome: PutUserOutcome): User {
  assert.ok('user' in outcome, outcome.kind);
  return outcome.user;
}

export const directoryContract = contract('directory', (context) => {
  beforeEach(async () => {
    await context.store.directory.putDomain('Example.org');
    await context.store.directory.putDomain('example.net');
  });

  it('keeps domains in lower case, each once', async () => {
    const { directory } = context.store;
    assert.equal(await directory.putDomain('EXAMPLE.ORG'), false);
    assert.equal(await directory.putDomain('third.example'), true);
    assert.deepEqual(await directory.domains(), ['example.net', 'example.org', 'third.example']);
  });

  it('makes a user with defaults, then changes what is named, and says when nothing changed', async () => {
    const { directory } = context.store;
    const made = await directory.putUser('Ada', 'Example.ORG', {
      displayName: 'Ada L.',
      aliases: ['Countess@example.net', 'al'],
    });
    assert.equal(made.kind, 'created');
    const user = userOf(made);
    assert.deepEqual(user, {
      id: user.id,
      mailboxId: user.mailboxId,
      name: 'ada',
      domain: 'example.org',
      addresses: ['ada@example.org', 'countess@example.net', 'al@example.org'],
      displayName: 'Ada L.',
      givenName: '',
      familyName: '',
      phone: '',
      mobile: '',
      office: '',
      title: '',
      company: '',
      department: '',
      passwordHash: '',
      enabled: true,
      activeSyncEnabled: true,
    });
    assert.deepEqual(await directory.putUser('ADA', 'example.org', { displayName: 'Ada L.' }), {
      kind: 'unchanged',
      user,
    });
    const fields = { title: 'Countess', passwordHash: '$argon2id$x', enabled: false, activeSyncEnabled: false };
    const changed = await directory.putUser('ada', 'example.org', fields);
    assert.deepEqual(changed, { kind: 'changed', user: { ...user, ...fields } });
    assert.deepEqual(await directory.user(user.id), { ...user, ...fields });
    const without = await directory.putUser('ada', 'example.org', { aliases: [] });
    assert.deepEqual(userOf(without).addresses, ['ada@example.org']);
    assert.deepEqual(await directory.resolve('countess@example.net'), { kind: 'unknown' });
    assert.deepEqual(await (await context.reopen()).directory.user(user.id), userOf(without));
  });

  it('keeps a photo until it is taken away', async () => {
    const { directory } = context.store;
    const photo = Buffer.from([0xff, 0xd8, 0, 1]);
    const { id } = userOf(await directory.putUser('ada', 'example.org', { photo }));
    assert.deepEqual((await directory.user(id))?.photo, photo);
    assert.equal((await directory.putUser('ada', 'example.org', { photo })).kind, 'unchanged');
    const other = Buffer.from('other');
    assert.equal((await directory.putUser('ada', 'example.org', { photo: other })).kind, 'changed');
    assert.deepEqual((await directory.user(id))?.photo, other);
    assert.equal((await directory.putUser('ada', 'example.org', { photo: null })).kind, 'changed');
    const bare = await directory.user(id);
    assert.ok(bare !== undefined && !('photo' in bare));
  });

  it('an address has one meaning', async () => {
    const { directory } = context.store;
    await directory.putUser('ada', 'example.org', { aliases: ['info'] });
    await directory.putGroup({ address: 'all@example.org', displayName: 'All', members: [] });
    assert.deepEqual(await directory.putUser('bob', 'example.org', { aliases: ['x', 'INFO@example.org'] }), {
      kind: 'address-taken',
      address: 'info@example.org',
    });
    assert.deepEqual(await directory.putUser('info', 'example.org', {}), {
      kind: 'address-taken',
      address: 'info@example.org',
    });
    assert.deepEqual(await directory.putUser('all', 'example.org', {}), {
      kind: 'address-taken',
      address: 'all@example.org',
    });
    assert.equal(
      await directory.putGroup({ address: 'Info@example.org', displayName: '', members: [] }),
      'address-taken',
    );
    assert.equal((await directory.users()).length, 1);
    assert.deepEqual(await directory.resolve('x@example.org'), { kind: 'unknown' });
  });

  it('refuses addresses outside our domains', async () => {
    const { directory } = context.store;
    assert.deepEqual(await directory.putUser('ada', 'elsewhere.example', {}), { kind: 'unknown-domain' });
    assert.deepEqual(await directory.putUser('ada', 'example.org', { aliases: ['a@elsewhere.example'] }), {
      kind: 'unknown-domain',
    });
    assert.equal(
      await directory.putGroup({ address: 'g@elsewhere.example', displayName: '', members: [] }),
      'unknown-domain',
    );
    assert.deepEqual(await directory.users(), []);
  });

  it('finds a user by login name, address or alias, with and without domain', async () => {
    const { directory } = context.store;
    const ada = userOf(await directory.putUser('ada', 'example.org', { aliases: ['countess'] }));
    const twin = userOf(await directory.putUser('bob', 'example.org', {}));
    await directory.putUser('bob', 'example.net', { aliases: ['ada2'] });
    const logins: [string, string | undefined, UserId | undefined][] = [
      ['Ada', undefined, ada.id],
      ['ada', 'EXAMPLE.org', ada.id],
      ['countess', undefined, ada.id],
      ['countess', 'example.org', ada.id],
      ['ADA@example.org', undefined, ada.id],
      ['countess@example.org', 'ignored.example', ada.id],
      ['bob', undefined, undefined],
      ['bob', 'example.org', twin.id],
      ['ada', 'example.net', undefined],
      ['nobody', undefined, undefined],
      ['', undefined, undefined],
    ];
    for (const [name, domain, id] of logins) {
      assert.equal((await directory.userByLogin(name, domain))?.id, id, `${name} in ${domain}`);
    }
  });

  it('a login name counts before the alias of another', async () => {
    const { directory } = context.store;
    await directory.putUser('ada', 'example.org', { aliases: ['bob@example.net'] });
    const bob = userOf(await directory.putUser('bob', 'example.org', {}));
    assert.equal((await directory.userByLogin('bob', undefined))?.id, bob.id);
  });

  it('keeps groups, members in lower case and once', async () => {
    const { directory } = context.store;
    const group = {
      address: 'All@Example.org',
      displayName: 'All',
      members: ['Ada@example.org', 'ada@example.org', 'out@side.example'],
    };
    const kept = { address: 'all@example.org', displayName: 'All', members: ['ada@example.org', 'out@side.example'] };
    assert.equal(await directory.putGroup(group), 'created');
    assert.equal(await directory.putGroup(group), 'unchanged');
    assert.deepEqual(await directory.groups(), [kept]);
    assert.deepEqual(await directory.resolve('ALL@example.org'), { kind: 'group', group: kept });
    assert.equal(await directory.putGroup({ ...group, members: [] }), 'changed');
    assert.equal(await directory.removeGroup('all@EXAMPLE.org'), true);
    assert.equal(await directory.removeGroup('all@example.org'), false);
    assert.deepEqual(await directory.resolve('all@example.org'), { kind: 'unknown' });
    assert.equal((await directory.putUser('all', 'example.org', {})).kind, 'created');
  });

  it('knows whom an address means', async () => {
    const { directory } = context.store;
    const user = userOf(await directory.putUser('ada', 'example.org', { aliases: ['al'] }));
    assert.deepEqual(await directory.resolve(' AL@Example.org '), { kind: 'user', user });
    assert.deepEqual(await directory.resolve('nobody@example.net'), { kind: 'unknown' });
    assert.deepEqual(await directory.resolve('ada@elsewhere.example'), { kind: 'outside' });
    assert.deepEqual(await directory.resolve(''), { kind: 'outside' });
  });

  it('removes a user with the mailbox, the devices and the addresses; a successor has none of it', async () => {
    const { store } = context;
    const { directory } = store;
    const ada = await office(store, 'ada');
    const item = await writtenOne(store, ada.mailbox, mail(ada.inbox, 1));
    assert.equal(await directory.removeUser(ada.user), true);
    assert.equal(await directory.removeUser(ada.user), false);
    assert.equal(await directory.user(ada.user), undefined);
    assert.equal(await directory.userByLogin('ada', 'example.org'), undefined);
    assert.deepEqual(await store.devices.list(ada.user), []);
    assert.equal(await store.mailboxes.item(ada.mailbox, item), undefined);
    assert.deepEqual(await store.mailboxes.folders(ada.mailbox), []);
    assert.equal(await store.mailboxes.counter(ada.mailbox), 0);
    const next = await office(store, 'ada');
    assert.ok(next.user !== ada.user && next.mailbox !== ada.mailbox && next.inbox !== ada.inbox);
    assert.equal(await store.mailboxes.item(next.mailbox, item), undefined);
  });
});
