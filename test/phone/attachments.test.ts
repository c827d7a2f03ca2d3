// Attachments, inline and multipart, whole and in ranges (MS-ASCMD section 2.2.1.11, ItemOperations; MS-ASAIRS section 2.2.2.5, Attachment).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { listProperty, type Phone, type Properties, textProperty, versions } from '../../src/client/index.ts';
import { letter, TestServer } from './test-server.ts';

/** Octets that compress badly and hold every value. */
function noise(length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let count = 0; count * 32 < length; count++) {
    blocks.push(createHash('sha256').update(`${length} ${count}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

const contents: Readonly<Record<string, Buffer>> = {
  'small.bin': noise(1000),
  'large.bin': noise(5 * 1024 * 1024),
  'Übergröße 한국.txt': Buffer.from('text\r\n'),
};

function mixed(): string {
  const parts = Object.entries(contents).map(([name, octets]) => {
    const base64 = octets.toString('base64').replaceAll(/.{76}/g, '$&\r\n');
    const encodedName = `UTF-8''${encodeURIComponent(name)}`;
    return `--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=${encodedName}\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}\r\n`;
  });
  const inner = letter({ Subject: 'inner' });
  const embedded = `--b\r\nContent-Type: message/rfc822\r\n\r\n${inner}\r\n`;
  return letter(
    { Subject: 'mixed', 'Content-Type': 'multipart/mixed; boundary=b' },
    `--b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n${parts.join('')}${embedded}--b--\r\n`,
  );
}

for (const version of versions) {
  describe(`attachments at ${version}`, () => {
    let server: TestServer;
    let phone: Phone;
    let references: ReadonlyMap<string, string>;
    before(async () => {
      server = await TestServer.start();
      await server.deliver('anna', mixed());
      phone = server.phone('anna', { version });
      await phone.setUp();
      const inbox = phone.folder(2).serverId;
      await phone.sync(inbox);
      const [item] = phone.replica(inbox).items.values();
      const attachments = listProperty(
        item!,
        'AirSyncBase:Attachments/AirSyncBase:Attachment',
      ) as readonly Properties[];
      references = new Map(
        attachments.map((each) => [
          textProperty(each, 'AirSyncBase:DisplayName') ?? '',
          textProperty(each, 'AirSyncBase:FileReference') ?? '',
        ]),
      );
    });
    after(() => server.close());

    it('are listed by name, the embedded message as .eml', () => {
      const names = [...references.keys()];
      assert.deepEqual(names.slice(0, 3), Object.keys(contents));
      assert.match(names[3] ?? '', /\.eml$/);
    });

    for (const multipart of [false, true]) {
      it(`come whole, ${multipart ? 'multipart (MS-ASCMD R5504 to R5506)' : 'inline'}`, async () => {
        const wanted = Object.keys(contents).map((name) => ({ fileReference: references.get(name) ?? '' }));
        const answer = await phone.client.fetch(wanted, multipart);
        assert.equal(answer.status, 1);
        assert.deepEqual(
          answer.fetches.map(({ status }) => status),
          wanted.map(() => 1),
        );
        for (const [index, octets] of Object.values(contents).entries()) {
          assert.ok(answer.fetches[index]?.octets?.equals(octets), Object.keys(contents)[index]);
        }
      });

      it(`come in ranges that make the whole, ${multipart ? 'multipart' : 'inline'}`, async () => {
        const fileReference = references.get('large.bin') ?? '';
        const octets = contents['large.bin']!;
        const size = 2 * 1024 * 1024;
        const pieces: Buffer[] = [];
        for (let first = 0; first < octets.length; first += size) {
          const { fetches } = await phone.client.fetch(
            [{ fileReference, range: [first, first + size - 1] }],
            multipart,
          );
          const [piece] = fetches;
          assert.equal(piece?.status, 1);
          assert.equal(piece?.total, octets.length);
          assert.equal(piece?.range, `${first}-${Math.min(first + size, octets.length) - 1}`);
          pieces.push(piece?.octets ?? Buffer.alloc(0));
        }
        assert.ok(Buffer.concat(pieces).equals(octets));
      });
    }

    it('have no range in the answer when none was asked for', async () => {
      const { fetches } = await phone.client.fetch([{ fileReference: references.get('small.bin') ?? '' }]);
      assert.equal(fetches[0]?.range, undefined);
    });

    it('are refused one by one: a range beyond the end, references that name nothing', async () => {
      const { status, fetches } = await phone.client.fetch([
        { fileReference: references.get('small.bin') ?? '', range: [5000, 6000] },
        { fileReference: '1:999999:0' },
        { fileReference: 'nonsense' },
        { fileReference: references.get('small.bin') ?? '' },
      ]);
      assert.equal(status, 1);
      assert.deepEqual(
        fetches.map((each) => each.status),
        [8, 15, 15, 1],
      );
    });
  });
}
