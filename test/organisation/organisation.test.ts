// Descriptions of organisations that are refused, with the key that is to blame, and that nothing is changed then.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { applyOrganisation } from '../../src/organisation/apply-organisation.ts';
import { checkOrganisation, OrganisationError, readOrganisation } from '../../src/organisation/organisation-file.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';

const ann = { name: 'ann', password: 'up in the air' };

describe('description of an organisation', () => {
  let directory = '';
  let store: Store;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'easel-organisation-'));
    store = await openStore({ kind: 'sqlite', file: ':memory:' });
    const present = {
      domains: ['old.example'],
      users: [{ name: 'olga', aliases: ['boss'] }],
      groups: [{ address: 'crew' }],
    };
    await applyOrganisation(checkOrganisation(present), { store });
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function faultOf(description: unknown): Promise<string> {
    const file = join(directory, 'org.json');
    await writeFile(file, JSON.stringify(description));
    const error = await readOrganisation(file)
      .then((source) => applyOrganisation(source, { store }))
      .then(
        () => assert.fail('it was taken'),
        (reason: unknown) => reason,
      );
    assert.ok(error instanceof OrganisationError, String(error));
    assert.deepEqual(await store.directory.domains(), ['old.example'], 'nothing was changed');
    assert.equal((await store.directory.users()).length, 1, 'nothing was changed');
    return error.message.replaceAll(directory, '');
  }

  const faults: readonly [what: string, description: unknown, fault: string | RegExp][] = [
    ['an unknown key', { colour: 'red' }, '/org.json: unknown key colour'],
    ['an unknown key of a user', { users: [ann, { name: 'b', colour: 1 }] }, '/org.json: unknown key users[1].colour'],
    [
      'an unknown key of mail',
      { users: [{ name: 'b', mail: [{ path: 'x', flag: 1 }] }] },
      '/org.json: unknown key users[0].mail[0].flag',
    ],
    ['a user without a name', { users: [{ password: 'x' }] }, /^\/org\.json: users\[0\]\.name: /],
    [
      'a telephone number that YAML took for a number',
      { users: [{ name: 'b', phone: 49301 }] },
      '/org.json: users[0].phone: must be text: put it in quotes',
    ],
    ['a domain that is none', { domains: ['no domain'] }, '/org.json: domains[0]: must be a domain name'],
    ['an address that is none', { groups: [{ address: 'a b@c' }] }, /^\/org\.json: groups\[0\]\.address: must be/],
    [
      'a password and a hash',
      { users: [{ ...ann, passwordHash: '$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA' }] },
      '/org.json: users[0].passwordHash: cannot be given together with password',
    ],
    [
      'another hash than argon2id',
      { users: [{ name: 'b', passwordHash: '$2b$10$abc' }] },
      '/org.json: users[0].passwordHash: must be argon2id in PHC form',
    ],
    ['an empty password', { users: [{ name: 'b', password: '' }] }, /^\/org\.json: users\[0\]\.password: /],
    [
      'a domain that is not ours',
      { domains: ['n.example'], users: [{ name: 'a@x.example' }] },
      '/org.json: users[0].name: x.example is not one of the domains',
    ],
    [
      'a user twice',
      { users: [ann, { name: 'ann@old.example' }] },
      '/org.json: users[1].name: ann@old.example is used by users[0].name already',
    ],
    [
      "an alias that is somebody's",
      { users: [{ ...ann, aliases: ['boss'] }] },
      '/org.json: users[0].aliases[0]: boss@old.example belongs to the user olga@old.example',
    ],
    [
      "a user called like a group's address",
      { users: [{ name: 'crew' }] },
      '/org.json: users[0].name: crew@old.example belongs to the group crew@old.example',
    ],
    [
      'a photo that is not there',
      { users: [{ ...ann, photo: 'ann.jpg' }] },
      '/org.json: users[0].photo: /ann.jpg cannot be read (ENOENT)',
    ],
    [
      'a photo that is none',
      { users: [{ ...ann, photo: { base64: 'AAAA' } }] },
      '/org.json: users[0].photo: is neither JPEG nor PNG',
    ],
    [
      'mail that is not there',
      { users: [{ ...ann, mail: [{ path: ['nowhere'] }] }] },
      '/org.json: users[0].mail[0].path: /nowhere cannot be read (ENOENT)',
    ],
    [
      'several faults, each on its line',
      { users: [{ ...ann, photo: 'x' }, { name: 'c@x.example' }] },
      /users\[0\].*\n.*users\[1\]/,
    ],
  ];
  for (const [what, description, fault] of faults)
    it(`names ${what}`, async () => {
      const message = await faultOf(description);
      if (typeof fault === 'string') assert.equal(message, fault);
      else assert.match(message, fault);
    });

  it('names broken YAML and a file that is not there', async () => {
    const file = join(directory, 'org.yaml');
    await writeFile(file, 'users: [');
    await assert.rejects(readOrganisation(file), OrganisationError);
    await assert.rejects(readOrganisation(join(directory, 'none')), /none: cannot be read \(ENOENT\)/);
  });

  it('takes names without a domain for the first domain of the file', async () => {
    const description = {
      domains: ['one.example', 'two.example'],
      users: [ann],
      groups: [{ address: 'all', members: ['ann'] }],
    };
    const { accounts } = await applyOrganisation(checkOrganisation(description), { store });
    assert.deepEqual(accounts, [{ user: 'ann@one.example', password: ann.password }]);
    const group = (await store.directory.groups()).find(({ address }) => address === 'all@one.example');
    assert.deepEqual(group?.members, ['ann@one.example']);
  });

  it('gives, changes and takes away a photo', async () => {
    const put = async (photo: unknown) => {
      const description = { users: [{ name: 'olga', photo }] };
      const { steps } = await applyOrganisation(checkOrganisation(description), { store });
      return steps[0]?.outcome;
    };
    const png = { base64: Buffer.from('89504e470d0a1a0a', 'hex').toString('base64') };
    assert.deepEqual(
      [await put(png), await put(png), await put(null), await put(null)],
      ['changed', 'unchanged', 'changed', 'unchanged'],
    );
  });

  it('answers whatever it is given with an organisation or a fault', () =>
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom('domains', 'users', 'groups', 'x'), (value, key) => {
        for (const description of [value, { [key]: value }, { [key]: [value] }])
          try {
            checkOrganisation(description);
          } catch (error) {
            assert.ok(error instanceof OrganisationError);
          }
      }),
    ));
});
