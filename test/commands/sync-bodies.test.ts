// Bodies in Sync over HTTP: message shapes by options (MS-ASAIRS sections 2.2.2.9, Body, to 2.2.2.12, BodyPreference).
import assert from 'node:assert/strict';
import { property, type SyncOptions, versions } from '../../src/client/index.ts';
import { type Body, BodyReader, bodyOf, html, messages, type } from './body-shapes.ts';
import { bySubject } from './sync-session.ts';

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

for (const version of versions) {
  describe(`bodies in Sync at ${version}`, function () {
    const at = Number(version);
    this.timeout(60_000);
    let reader: BodyReader;
    before(async () => {
      reader = await BodyReader.open(version);
    });
    after(() => reader.close());
    const fetched = (subject: string, options: SyncOptions) => reader.fetch(subject, options);

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
      const synced = bySubject(await reader.device.first({ options }));
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

    if (at >= 14.1) {
      it('adds the BodyPart that is asked for (R120, R126, R253, R256, R271, R282)', async () => {
        const part = { type: 2, truncationSize: 20, preview: 5 } as const;
        const options = { bodyPreferences: [type(1)], bodyPartPreference: part };
        const { properties } = bySubject(await reader.device.first({ options })).get('html')!;
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
        const again = bySubject(await reader.device.first({ options: whole })).get('html')!.properties;
        assert.equal(bodyOf(again, 'AirSyncBase:BodyPart').data, html, 'R294');
        assert.equal(bodyOf(again, 'AirSyncBase:BodyPart').truncated, undefined, 'R283');
        const none = { bodyPartPreference: { type: 2, truncationSize: 9, allOrNone: true } as const };
        const withheld = bySubject(await reader.device.first({ options: none })).get('html')!.properties;
        assert.equal(bodyOf(withheld, 'AirSyncBase:BodyPart').data, undefined, 'R63');
      });
    } else {
      it('knows no BodyPart', async () => {
        const answer = await reader.device.sync({ options: { bodyPartPreference: { type: 2 } } });
        assert.ok(answer.kind === 'answer' && answer.status === 4);
      });
    }
  });
}
