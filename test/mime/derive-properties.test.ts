// derive on arbitrary octets: total, with offsets and sizes that are true; and on messages composed from a model.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { derive } from '../../src/mime/derive.ts';
import { partOctets } from '../../src/mime/part.ts';
import { octetsOf } from './compose-octets.ts';

function assertSound(octets: Buffer): void {
  const { message, bodies } = derive(octets);
  assert.ok(message.preview.length <= 255);
  assert.equal(message.plainSize, Buffer.byteLength(bodies.plain));
  assert.equal(message.htmlSize, bodies.html === undefined ? 0 : Buffer.byteLength(bodies.html));
  assert.ok(!bodies.plain.includes('\0'));
  for (const list of [message.subject, message.from, message.to, message.displayTo])
    assert.doesNotMatch(list, /\p{Cc}/u);
  for (const [index, part] of message.attachments.entries()) {
    assert.equal(part.index, index);
    assert.ok(part.start >= 0 && part.start <= part.end && part.end <= octets.length);
    assert.equal(partOctets(octets, part).length, part.size);
    assert.ok(part.name !== '' && part.name.length <= 255);
    assert.doesNotMatch(part.name, /[/\\\p{Cc}]/u);
  }
  assert.deepEqual(JSON.parse(JSON.stringify(message)), message);
}

const SEEDS = [
  'From: "A, B" <a@b>, c@d\nTo: g: x@y;\nSubject: =?utf-8?Q?=C3=A9?= =?koi8-r?B?8NLJ?=\nDate: Fri, 13 Nov 2026 10:11:12 +0100\n\nhi',
  'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nx\n--c\nContent-Type: text/html\n\n<img src="cid:i">\n--c--\n--b\nContent-Type: image/png; name*0*=utf-8\'\'%C3%A9; name*1=b.png\nContent-ID: <i>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b\nContent-Type: message/rfc822\n\nSubject: in\n\ntext\n--b--\n',
  'Content-Type: text/plain; format=flowed; delsp=yes; charset=iso-2022-jp\nContent-Transfer-Encoding: quoted-printable\n\n=1B$B$3=1B(B =\nx \n> y \n> z',
  'Content-Type: multipart/signed; boundary=s\n\n--s\n\nx\n--s\nContent-Type: application/pkcs7-signature\nContent-Transfer-Encoding: base64\n\nTUlJ\n--s--',
  'Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b\nEND:VEVENT\n',
  'Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nx\n--r\nContent-Type: message/delivery-status\n\nAction: failed\n--r--',
  'Content-Type: a/b\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 f\n%:&5L;&\\\n`\nend\n',
].map(octetsOf);

// Pieces that mean something to one of the readers, so that mutations reach deep.
const PIECES = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '--b',
  '--b--',
  '=?utf-8?',
  '?=',
  '=',
  '"',
  '(',
  ';',
  ' ',
  '<',
  '>',
  'Content-Type: ',
  'multipart/related; boundary=b',
  '\u00ff',
  '\x1b$B',
  '+AGE-',
  '&',
  'base64',
];

const mutation = fc.record({
  seed: fc.constantFrom(...SEEDS),
  edits: fc.array(
    fc.record({
      at: fc.nat(1000),
      cut: fc.nat(20),
      put: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 5 })),
    }),
    {
      maxLength: 12,
    },
  ),
});

function mutated({ seed, edits }: typeof mutation extends fc.Arbitrary<infer Value> ? Value : never): Buffer {
  let octets = seed;
  for (const { at, cut, put } of edits) {
    const place = at % (octets.length + 1);
    octets = Buffer.concat([octets.subarray(0, place), Buffer.from(put, 'latin1'), octets.subarray(place + cut)]);
  }
  return octets;
}

interface File {
  readonly content: Uint8Array;
  readonly encoding: 'base64' | 'binary';
  readonly name: string;
}

const file: fc.Arbitrary<File> = fc.record({
  content: fc.uint8Array({ maxLength: 300 }),
  encoding: fc.constantFrom('base64', 'binary'),
  name: fc.stringMatching(/^[a-z]{1,12}\.[a-z]{3}$/),
});

describe('derive, whatever it is given', () => {
  it('gives a sound result for arbitrary octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => assertSound(Buffer.from(octets))),
      { numRuns: 500 },
    );
  });

  it('gives a sound result for mutations of real messages', () => {
    fc.assert(
      fc.property(mutation, (value) => assertSound(mutated(value))),
      { numRuns: 3000 },
    );
  });

  it('gives a sound result for every beginning of a message', () => {
    for (const seed of SEEDS) for (let end = 0; end <= seed.length; end++) assertSound(seed.subarray(0, end));
  });

  it('gives back every file of a composed message, octet for octet', () => {
    fc.assert(
      fc.property(fc.array(file, { maxLength: 6 }), fc.boolean(), (files, crlf) => {
        const lineEnd = crlf ? '\r\n' : '\n';
        const boundary = '=_not-in-any-random-content-57a1';
        const pieces: Buffer[] = [
          Buffer.from(['Subject: x', `Content-Type: multipart/mixed; boundary="${boundary}"`, '', ''].join(lineEnd)),
        ];
        for (const { content, encoding, name } of files) {
          // A CR before a bare LF could as well belong to the line end before the boundary.
          fc.pre(crlf || encoding === 'base64' || content.at(-1) !== 13);
          const head = [
            `--${boundary}`,
            `Content-Type: a/b; name="${name}"`,
            `Content-Transfer-Encoding: ${encoding}`,
            '',
            '',
          ];
          pieces.push(Buffer.from(head.join(lineEnd)));
          const base64 = Buffer.from(content).toString('base64').replace(/.{76}/g, `$&${lineEnd}`);
          pieces.push(encoding === 'base64' ? Buffer.from(base64) : Buffer.from(content), Buffer.from(lineEnd));
        }
        pieces.push(Buffer.from(`--${boundary}--${lineEnd}`));
        const octets = Buffer.concat(pieces);
        // Without any part the multipart's text is shown instead.
        const { attachments } = derive(octets).message;
        assert.deepEqual(
          attachments.map((part) => [part.name, partOctets(octets, part).toString('hex')]),
          files.map(({ name, content }) => [name, Buffer.from(content).toString('hex')]),
        );
      }),
    );
  });
});
