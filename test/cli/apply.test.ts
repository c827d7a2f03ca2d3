// `easel apply`: an organisation from a file, made once, refused whole when the file is wrong.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readProjectFile } from '../project-files.ts';
import { easel, endLeftOvers, inTemporaryDirectory } from './easel-process.ts';

interface Applied {
  readonly steps: readonly {
    readonly kind: string;
    readonly name: string;
    readonly outcome: string;
    readonly messages?: { imported: number; present: number };
  }[];
}

const message = (number: number) =>
  `From: a@example.com\r\nTo: ann@kites.example\r\nSubject: ${number}\r\nMessage-ID: <${number}@example.com>\r\n\r\nHello\r\n`;

describe('easel apply', function () {
  this.timeout(60_000);
  afterEach(endLeftOvers);

  it('makes domains, users, groups and their mail; a second time everything is unchanged', () =>
    inTemporaryDirectory(async (directory) => {
      await mkdir(join(directory, 'letters'));
      for (const number of [1, 2]) await writeFile(join(directory, 'letters', `${number}.eml`), message(number));
      await writeFile(join(directory, 'ann.png'), Buffer.from('89504e470d0a1a0a', 'hex'));
      const file = join(directory, 'org.yaml');
      await writeFile(
        file,
        `domains: [kites.example]
users:
  - name: Ann
    password: up in the air
    aliases: [info]
    displayName: Ann Lark
    phone: "+4930123"
    photo: ann.png
    mail: [{path: letters, folder: Archive}]
  - name: bob@kites.example
    passwordHash: $argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$nGq2Hg9cUCQZfwGm9mQXBVnxQPMrxXrKJ0rjxkYkXyA
    activeSync: false
groups:
  - address: all
    members: [ann, bob, friend@example.com]
`,
      );
      const data = join(directory, 'data');
      const first = await easel(['apply', file, '--data', data, '--json']);
      assert.equal(first.code, 0, first.stderr);
      const { steps } = JSON.parse(first.stdout) as Applied;
      assert.deepEqual(
        steps.map(({ kind, name, outcome }) => [kind, name.replace(directory, ''), outcome]),
        [
          ['domain', 'kites.example', 'created'],
          ['user', 'ann@kites.example', 'created'],
          ['user', 'bob@kites.example', 'created'],
          ['group', 'all@kites.example', 'created'],
          ['mail', 'ann@kites.example: /letters', 'changed'],
        ],
      );
      assert.equal(steps[4]?.messages?.imported, 2);

      const second = await easel(['apply', file, '--data', data, '--json']);
      const again = (JSON.parse(second.stdout) as Applied).steps;
      assert.deepEqual([...new Set(again.map(({ outcome }) => outcome))], ['unchanged']);
      assert.equal(again[4]?.messages?.present, 2);

      const users = JSON.parse((await easel(['user', 'list', '--data', data, '--json'])).stdout) as object[];
      assert.deepEqual(
        users.map((user) =>
          Object.fromEntries(
            Object.entries(user).filter(([name]) =>
              ['address', 'aliases', 'activeSync', 'phone', 'photoSize'].includes(name),
            ),
          ),
        ),
        [
          {
            address: 'ann@kites.example',
            aliases: ['info@kites.example'],
            phone: '+4930123',
            activeSync: true,
            photoSize: 8,
          },
          { address: 'bob@kites.example', aliases: [], phone: '', activeSync: false, photoSize: 0 },
        ],
      );
    }));

  it('changes only what another description says', () =>
    inTemporaryDirectory(async (directory) => {
      const file = join(directory, 'org.json');
      const put = (user: object) =>
        writeFile(file, JSON.stringify({ domains: ['a.example'], users: [user, { name: 'bo' }] }));
      const outcomes = async () => {
        const { stdout } = await easel(['apply', file, '--data', join(directory, 'data'), '--json']);
        return (JSON.parse(stdout) as Applied).steps.map(({ outcome }) => outcome);
      };
      await put({ name: 'al', password: 'first password', title: 'Pilot' });
      assert.deepEqual(await outcomes(), ['created', 'created', 'created']);
      await put({ name: 'al', title: 'Captain' });
      assert.deepEqual(await outcomes(), ['unchanged', 'changed', 'unchanged']);
      await put({ name: 'al', password: 'second password' });
      assert.deepEqual(await outcomes(), ['unchanged', 'changed', 'unchanged']);
      await put({ name: 'al', password: 'second password', title: 'Captain' });
      assert.deepEqual(await outcomes(), ['unchanged', 'unchanged', 'unchanged']);
    }));

  it('the sample can be applied', () =>
    inTemporaryDirectory(async (directory) => {
      const { code, stdout, stderr } = await easel(['apply', 'data/organisation.sample.yaml', '--data', directory]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^user +anna@example\.org +created$/m);
    }));

  it('docs/operations.md explains every key', () => {
    const page = readProjectFile('docs/operations.md');
    const keys = [
      'domains',
      'users',
      'groups',
      'name',
      'password',
      'passwordHash',
      'aliases',
      'displayName',
      'givenName',
      'familyName',
    ];
    const more = [
      'phone',
      'mobile',
      'office',
      'title',
      'company',
      'department',
      'photo',
      'enabled',
      'activeSync',
      'mail',
      'address',
      'members',
    ];
    assert.deepEqual(
      [...keys, ...more].filter((key) => !new RegExp(`^\\| \`([a-z]+\\[\\]\\.)?${key}\``, 'm').test(page)),
      [],
    );
  });
});
