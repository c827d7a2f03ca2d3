// Bodies in Sync over HTTP: message shapes by options (MS-ASAIRS sections 2.2.2.9, Body, to 2.2.2.12, BodyPreference; MS-ASCMD sections
// 2.2.3.110.3, MIMESupport (Sync), and 2.2.3.111, MIMETruncation).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type BodyPreference, type Properties, property, type SyncOptions, versions } from '../../src/client/index.ts';
import { bySubject, mail, type SyncDevice, SyncSession } from './sync-session.ts';

const demo = new URL('../../data/demo/smime/', import.meta.url);
const smimeForms = ['clear-signed', 'opaque-signed', 'encrypted', 'signed-then-encrypted'] as const;
const html = '<html><body><p>Hello &amp; <b>goodbye</b></p></body></html>';
const mixed = (parts: readonly string[]) => `${parts.map((part) => `--b\n${part}\n`).join('')}--b--\n`;

/** Octets of each message by its subject. */
const messages = new Map<string, Buffer>();

function shape(subject: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  const head = mail(subject, '', headers).replaceAll('\n', '\r\n');
  messages.set(
    subject,
    Buffer.concat([Buffer.from(head), Buffer.isBuffer(body) ? body : Buffer.from(body.replaceAll('\n', '\r\n'))]),
  );
}

shape('plain', 'Twelve chars and more\n');
shape('html', html, { 'Content-Type': 'text/html; charset=utf-8' });
shape('both', mixed(['Content-Type: text/plain\n\nPlain part', `Content-Type: text/html\n\n${html}`]), {
  'Content-Type': 'multipart/alternative; boundary=b',
});
shape('empty', '');
shape('wide', 'aé€😀z', { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Transfer-Encoding': '8bit' });
shape('entity', '<p>abc&amp;def</p>', { 'Content-Type': 'text/html' });
shape('tag', '<p>abc<b class="x">def</b></p>', { 'Content-Type': 'text/html' });
shape('long line', 'word '.repeat(200));
shape('8-bit', Buffer.from('caf\xe9 \xff\xfe\r\n', 'latin1'), {
  'Content-Type': 'text/plain; charset=iso-8859-1',
  'Content-Transfer-Encoding': '8bit',
});
shape('binary', Buffer.from(Array.from({ length: 512 }, (_, at) => at % 256)), {
  'Content-Type': 'application/octet-stream',
  'Content-Transfer-Encoding': 'binary',
});
shape('utf-8', 'Grüße €\n', { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Transfer-Encoding': '8bit' });
shape('12 MB', Buffer.from(`${'x'.repeat(76)}\r\n`.repeat(160_000)));
for (const form of smimeForms) {
  const octets = readFileSync(new URL(`${form}.eml`, demo)).toString('latin1');
  const named = octets.replace(/^Subject: .*(\r\n[ \t].*)*$/m, `Subject: ${form}`);
  messages.set(form, Buffer.from(named, 'latin1'));
}

const sha256 = (octets: Buffer) => createHash('sha256').update(octets).digest('hex');

interface Body {
  readonly type?: string;
  readonly truncated?: string;
  readonly data?: string;
  readonly preview?: string;
  readonly size?: number;
  readonly octets?: Buffer;
}

function bodyOf(properties: Properties, name = 'AirSyncBase:Body'): Body {
  const text = (path: string) => {
    const value = property(properties, `${name}/AirSyncBase:${path}`);
    return value === undefined ? undefined : String(value);
  };
  const data = property(properties, `${name}/AirSyncBase:Data`);
  const octets = data === undefined ? undefined : Buffer.isBuffer(data) ? data : Buffer.from(String(data));
  return {
    type: text('Type'),
    truncated: text('Truncated'),
    data: octets?.toString(),
    preview: text('Preview'),
    size: Number(text('EstimatedDataSize')),
    octets,
  } as Body;
}

const type = (of: 1 | 2 | 3 | 4, more: Partial<BodyPreference> = {}): BodyPreference => ({ type: of, ...more });

type Row = readonly [
  what: string,
  subject: string,
  options: SyncOptions,
  expected: Pick<Body, 'type' | 'truncated' | 'data' | 'preview' | 'size'>,
  since?: number,
];

const plainText = 'Twelve chars and more\r\n';
const htmlText = 'Hello & goodbye';
const rows: readonly Row[] = [
  ['no preference: plain text, all of it (R300)', 'plain', {}, { type: '1', data: plainText, size: 23 }],
  ['no preference for HTML: its text', 'html', {}, { type: '1', data: htmlText, size: 15 }],
  ['plain as plain (R304)', 'plain', { bodyPreferences: [type(1)] }, { type: '1', data: plainText, size: 23 }],
  ['HTML as HTML (R305)', 'html', { bodyPreferences: [type(2)] }, { type: '2', data: html, size: html.length }],
  ['HTML as plain (R2412)', 'html', { bodyPreferences: [type(1)] }, { type: '1', data: htmlText, size: 15 }],
  [
    'the native form wins over the order (R77)',
    'html',
    { bodyPreferences: [type(1), type(2)] },
    { type: '2', data: html },
  ],
  [
    'the native form of a plain message',
    'plain',
    { bodyPreferences: [type(2), type(1)] },
    { type: '1', data: plainText },
  ],
  ['both: the HTML is native', 'both', { bodyPreferences: [type(1), type(2)] }, { type: '2', data: html }],
  ['both as plain: the plain part', 'both', { bodyPreferences: [type(1)] }, { type: '1', data: 'Plain part' }],
  ['RTF alone: plain text', 'plain', { bodyPreferences: [type(3)] }, { type: '1', data: plainText }],
  ['RTF and HTML: HTML', 'html', { bodyPreferences: [type(3), type(2)] }, { type: '2', data: html }],
  ['nothing to say: no Data, not truncated', 'empty', { bodyPreferences: [type(1)] }, { type: '1', size: 0 }],
  [
    'cut (R276, R402)',
    'plain',
    { bodyPreferences: [type(1, { truncationSize: 6 })] },
    { type: '1', truncated: '1', data: 'Twelve', size: 23 },
  ],
  [
    'as long as the limit: whole (R277)',
    'plain',
    { bodyPreferences: [type(1, { truncationSize: 23 })] },
    { type: '1', data: plainText },
  ],
  [
    'TruncationSize 0: nothing of it',
    'plain',
    { bodyPreferences: [type(1, { truncationSize: 0 })] },
    { type: '1', truncated: '1', size: 23 },
  ],
  [
    'TruncationSize 0 of the native form is not evaded',
    'html',
    { bodyPreferences: [type(2, { truncationSize: 0 }), type(1)] },
    { type: '2', truncated: '1', size: html.length },
  ],
  [
    'the cut falls between characters: 2 octets',
    'wide',
    { bodyPreferences: [type(1, { truncationSize: 2 })] },
    { type: '1', truncated: '1', data: 'a' },
  ],
  [
    '3 octets',
    'wide',
    { bodyPreferences: [type(1, { truncationSize: 3 })] },
    { type: '1', truncated: '1', data: 'aé' },
  ],
  [
    '5 octets',
    'wide',
    { bodyPreferences: [type(1, { truncationSize: 5 })] },
    { type: '1', truncated: '1', data: 'aé' },
  ],
  [
    '9 octets',
    'wide',
    { bodyPreferences: [type(1, { truncationSize: 9 })] },
    { type: '1', truncated: '1', data: 'aé€' },
  ],
  [
    '10 octets',
    'wide',
    { bodyPreferences: [type(1, { truncationSize: 10 })] },
    { type: '1', truncated: '1', data: 'aé€😀' },
  ],
  [
    '11 octets, all of them',
    'wide',
    { bodyPreferences: [type(1, { truncationSize: 11 })] },
    { type: '1', data: 'aé€😀z' },
  ],
  [
    'no half entity',
    'entity',
    { bodyPreferences: [type(2, { truncationSize: 9 })] },
    { type: '2', truncated: '1', data: '<p>abc' },
  ],
  [
    'a whole entity',
    'entity',
    { bodyPreferences: [type(2, { truncationSize: 11 })] },
    { type: '2', truncated: '1', data: '<p>abc&amp;' },
  ],
  [
    'no half tag',
    'tag',
    { bodyPreferences: [type(2, { truncationSize: 12 })] },
    { type: '2', truncated: '1', data: '<p>abc' },
  ],
  [
    'AllOrNone and small enough: all (R373, R381)',
    'plain',
    { bodyPreferences: [type(1, { truncationSize: 23, allOrNone: true })] },
    { type: '1', data: plainText },
  ],
  [
    'AllOrNone and too long: none (R376)',
    'plain',
    { bodyPreferences: [type(1, { truncationSize: 22, allOrNone: true })] },
    { type: '1', truncated: '1', size: 23 },
  ],
  [
    'AllOrNone 0 cuts (R378, R420)',
    'plain',
    { bodyPreferences: [type(1, { truncationSize: 6, allOrNone: false })] },
    { type: '1', truncated: '1', data: 'Twelve' },
  ],
  [
    'AllOrNone without TruncationSize says nothing (R75, R401)',
    'plain',
    { bodyPreferences: [type(1, { allOrNone: true })] },
    { type: '1', data: plainText },
  ],
  [
    'AllOrNone of the native form too long: the next (R78, R80)',
    'html',
    { bodyPreferences: [type(2, { truncationSize: 10, allOrNone: true }), type(1)] },
    { type: '1', data: htmlText },
  ],
  [
    'AllOrNone of all too long: the first, without content',
    'html',
    {
      bodyPreferences: [
        type(1, { truncationSize: 5, allOrNone: true }),
        type(2, { truncationSize: 10, allOrNone: true }),
      ],
    },
    { type: '2', truncated: '1', size: html.length },
  ],
  [
    'AllOrNone too long, the next one cut',
    'html',
    { bodyPreferences: [type(2, { truncationSize: 10, allOrNone: true }), type(1, { truncationSize: 5 })] },
    { type: '1', truncated: '1', data: 'Hello' },
  ],
  ['Type 4 alone without MIMESupport', 'plain', { bodyPreferences: [type(4)] }, { type: '4', size: -1 }],
  [
    'MIMESupport 0: never MIME',
    'html',
    { mimeSupport: 0, bodyPreferences: [type(4), type(1)] },
    { type: '1', data: htmlText },
  ],
  [
    'MIMESupport 1: not for mail without S/MIME',
    'html',
    { mimeSupport: 1, bodyPreferences: [type(4), type(2)] },
    { type: '2', data: html },
  ],
  [
    'Samsung: HTML of 2048, Type 4 without size',
    'html',
    { bodyPreferences: [type(2, { truncationSize: 2048 }), type(4)] },
    { type: '2', data: html },
  ],
  [
    'iOS list: 500 of plain, MIMETruncation 1, MIMESupport 0',
    'long line',
    { mimeSupport: 0, mimeTruncation: 1, filterType: 3, bodyPreferences: [type(1, { truncationSize: 500 })] },
    { type: '1', truncated: '1', data: 'word '.repeat(100) },
  ],
  [
    'Preview beside HTML (R248, R250)',
    'html',
    { bodyPreferences: [type(2, { preview: 7 })] },
    { type: '2', data: html, preview: 'Hello &' },
    14,
  ],
  [
    'no Preview beside plain text (R1001036)',
    'plain',
    { bodyPreferences: [type(1, { preview: 50 })] },
    { type: '1', data: plainText },
    14,
  ],
  [
    'Preview where plain text is withheld',
    'plain',
    { bodyPreferences: [type(1, { truncationSize: 0, preview: 6 })] },
    { type: '1', truncated: '1', preview: 'Twelve' },
    14,
  ],
  [
    'Preview of blank runs',
    'long line',
    { bodyPreferences: [type(2, { truncationSize: 0, preview: 9 })] },
    { type: '2', truncated: '1', preview: 'word word' },
    14,
  ],
];

/** Each MIMETruncation and how much of a message of 12 MB comes (MS-ASCMD R3418 to R3426). */
const mimeTruncations = [0, 4096, 5120, 7168, 10_240, 20_480, 51_200, 102_400, Number.POSITIVE_INFINITY];

for (const version of versions) {
  describe(`bodies in Sync at ${version}`, function () {
    this.timeout(60_000);
    const at = Number(version);
    let session: SyncSession;
    let device: SyncDevice;
    const ids = new Map<string, string>();
    before(async () => {
      session = await SyncSession.start([...messages.values()], {
        limits: { maximumResponseSize: 64 * 1024 * 1024 },
      });
      device = await session.device(version);
      const all = bySubject(await device.first({ options: { bodyPreferences: [type(1, { truncationSize: 0 })] } }));
      for (const [subject, { serverId }] of all) ids.set(subject, serverId);
      assert.equal(ids.size, messages.size);
    });
    after(() => session.close());

    /** One message by Fetch, as the options have it. */
    async function fetched(subject: string, options: SyncOptions): Promise<Properties> {
      const commands = [{ kind: 'Fetch', serverId: ids.get(subject) ?? '' }] as const;
      const { replies } = await device.one({ options, getChanges: false, commands });
      assert.deepEqual(
        replies.map(({ kind, status }) => `${kind} ${status}`),
        ['Fetch 1'],
      );
      return replies[0]!.properties;
    }

    for (const [what, subject, options, expected, since = 12.1] of rows) {
      if (at < since) continue;
      it(what, async () => {
        const body = bodyOf(await fetched(subject, options));
        const { size, ...rest } = expected;
        const { type: found, truncated, data, preview } = body;
        if (expected.type === '4') assert.deepEqual(body.octets, messages.get(subject));
        else
          assert.deepEqual(
            { type: found, truncated, data, preview },
            { truncated: undefined, data: undefined, preview: undefined, ...rest },
          );
        assert.equal(found, expected.type);
        if (size !== undefined) assert.equal(body.size, size === -1 ? messages.get(subject)?.length : size);
      });
    }

    it('tells the same in a Sync of items and in a Fetch', async () => {
      const options = { bodyPreferences: [type(2, { truncationSize: 20 })] };
      const synced = bySubject(await device.first({ options }));
      for (const subject of ['plain', 'html', 'both', 'wide']) {
        assert.deepEqual(bodyOf(synced.get(subject)!.properties), bodyOf(await fetched(subject, options)), subject);
      }
    });

    it('makes HTML of plain text and says how large it is', async () => {
      const {
        type: found,
        data = '',
        size,
        truncated,
      } = bodyOf(await fetched('plain', { bodyPreferences: [type(2)] }));
      assert.equal(found, '2');
      assert.match(data, /^<html>.*Twelve chars and more/s);
      assert.equal(size, data.length);
      assert.equal(truncated, undefined);
      const tight = { bodyPreferences: [type(2, { truncationSize: data.length - 1, allOrNone: true })] };
      assert.equal(bodyOf(await fetched('plain', tight)).data, undefined, 'AllOrNone holds for what is made as well');
    });

    for (const subject of ['8-bit', 'binary', 'utf-8', 'plain', 'html', 'empty', '12 MB']) {
      it(`gives the octets of MIME as they are: ${subject} (R307)`, async () => {
        const {
          octets,
          size,
          type: found,
        } = bodyOf(await fetched(subject, { mimeSupport: 2, bodyPreferences: [type(4)] }));
        const delivered = messages.get(subject)!;
        assert.equal(found, '4');
        assert.equal(size, delivered.length);
        assert.equal(sha256(octets ?? Buffer.alloc(0)), sha256(delivered));
      });
    }

    it('serves what iOS fetches: Type 4, MIMESupport 2, TruncationSize 32768', async () => {
      const options = { mimeSupport: 2, bodyPreferences: [type(4, { truncationSize: 32_768 })] } as const;
      const short = bodyOf(await fetched('plain', options));
      assert.deepEqual(short.octets, messages.get('plain'));
      assert.equal(short.truncated, undefined);
      const long = bodyOf(await fetched('12 MB', options));
      assert.equal(long.truncated, '1');
      assert.equal(long.size, messages.get('12 MB')?.length);
      assert.ok(long.octets && long.octets.length <= 32_768 && long.octets.length > 32_700);
      assert.deepEqual(long.octets, messages.get('12 MB')?.subarray(0, long.octets.length));
    });

    it('cuts MIME as MIMETruncation says (MS-ASCMD R3418 to R3426)', async () => {
      for (const [mimeTruncation, octets] of mimeTruncations.entries()) {
        const body = bodyOf(await fetched('12 MB', { mimeSupport: 2, mimeTruncation, bodyPreferences: [type(4)] }));
        const whole = messages.get('12 MB')!.length;
        const length = body.octets?.length ?? 0;
        assert.ok(
          length <= Math.min(octets, whole) && length >= Math.min(octets, whole) - 4,
          `${mimeTruncation}: ${length}`,
        );
        assert.equal(body.truncated, octets < whole ? '1' : undefined);
      }
    });

    for (const form of smimeForms) {
      for (const mimeSupport of [1, 2] as const) {
        it(`gives a ${form} message whole, MIMESupport ${mimeSupport} (MS-ASCMD R3408 to R3413)`, async () => {
          const body = bodyOf(await fetched(form, { mimeSupport, bodyPreferences: [type(1), type(2), type(4)] }));
          assert.equal(body.type, '4');
          assert.equal(body.truncated, '0');
          assert.equal(body.size, messages.get(form)?.length);
          assert.equal(sha256(body.octets ?? Buffer.alloc(0)), sha256(messages.get(form)!));
        });

        it(`never gives a part of a ${form} message, MIMESupport ${mimeSupport}`, async () => {
          const whole = messages.get(form)!.length;
          for (const options of [
            { bodyPreferences: [type(4, { truncationSize: whole - 1 }), type(1)] },
            { bodyPreferences: [type(4, { truncationSize: 0 })] },
            { mimeTruncation: 0, bodyPreferences: [type(4)] },
          ]) {
            const { data, truncated, type: found, size } = bodyOf(await fetched(form, { mimeSupport, ...options }));
            assert.deepEqual(
              { data, truncated, found, size },
              { data: undefined, truncated: '1', found: '4', size: whole },
            );
          }
        });
      }

      it(`gives a ${form} message as mail without S/MIME, MIMESupport 0`, async () => {
        const properties = await fetched(form, { mimeSupport: 0, bodyPreferences: [type(4), type(1)] });
        assert.equal(bodyOf(properties).type, '1');
        assert.ok(properties['AirSyncBase:Attachments'], 'its envelope or signature is attached');
      });
    }

    if (at >= 14.1) {
      it('adds the BodyPart that is asked for (R120, R126, R253, R256, R271, R282)', async () => {
        const part = { type: 2, truncationSize: 20, preview: 5 } as const;
        const options = { bodyPreferences: [type(1)], bodyPartPreference: part };
        const { properties } = bySubject(await device.first({ options })).get('html')!;
        const { type: found, truncated, data, preview, size } = bodyOf(properties, 'AirSyncBase:BodyPart');
        assert.equal(property(properties, 'AirSyncBase:BodyPart/AirSyncBase:Status'), '1');
        assert.deepEqual(
          { found, truncated, data, preview, size },
          {
            found: '2',
            truncated: '1',
            data: '<html><body><p>Hello',
            preview: 'Hello',
            size: html.length,
          },
        );
        assert.equal(bodyOf(properties).data, htmlText, 'and the Body beside it');
        const whole = { bodyPreferences: [type(1)], bodyPartPreference: { type: 2 } as const };
        const again = bySubject(await device.first({ options: whole })).get('html')!.properties;
        assert.equal(bodyOf(again, 'AirSyncBase:BodyPart').data, html, 'R294');
        assert.equal(bodyOf(again, 'AirSyncBase:BodyPart').truncated, undefined, 'R283');
        const none = { bodyPartPreference: { type: 2, truncationSize: 9, allOrNone: true } as const };
        const withheld = bySubject(await device.first({ options: none })).get('html')!.properties;
        assert.equal(bodyOf(withheld, 'AirSyncBase:BodyPart').data, undefined, 'R63');
      });
    } else {
      it('knows no BodyPart', async () => {
        const answer = await device.sync({ options: { bodyPartPreference: { type: 2 } } });
        assert.ok(answer.kind === 'answer' && answer.status === 4);
      });
    }
  });
}
