// Broken and hostile messages: nothing is lost, nothing throws, and time stays in proportion to size.
import assert from 'node:assert/strict';
import { derive } from '../../src/mime/derive.ts';
import { readStructure } from '../../src/mime/structure.ts';
import { octetsOf } from './compose-octets.ts';

interface Expected {
  readonly subject?: string;
  readonly plain: string;
  readonly names?: readonly string[];
}

const BROKEN: [what: string, message: string | Buffer, expected: Expected][] = [
  ['nothing at all', '', { plain: '' }],
  ['one line end', '\n', { plain: '' }],
  ['only a header', 'Subject: x\n', { subject: 'x', plain: '' }],
  ['a header without its last line end', 'Subject: x', { subject: 'x', plain: '' }],
  ['a text without a header', 'Hello\nthere\n\nbye\n', { plain: 'Hello\r\nthere\r\n\r\nbye\r\n' }],
  [
    'a body that follows without a blank line',
    'Subject: x\nHello there\n\nbye',
    { subject: 'x', plain: 'Hello there\r\n\r\nbye' },
  ],
  [
    'a line without a colon in the header',
    'X-No-Colon\nSubject: x\nAnother\nTo: a@b\n\nhi',
    { subject: 'x', plain: 'hi' },
  ],
  ['an mbox separator', 'From a@b Mon Jan  1 00:00:00 2024\nSubject: x\n\nhi', { subject: 'x', plain: 'hi' }],
  ['a blank before the colon', 'Subject : x\n\nhi', { subject: 'x', plain: 'hi' }],
  ['line feeds only', Buffer.from('Subject: x\n\na\nb'), { subject: 'x', plain: 'a\nb' }],
  ['mixed line ends', Buffer.from('Subject: x\nTo: a@b\r\n\r\na\nb\r\n'), { subject: 'x', plain: 'a\nb\r\n' }],
  ['NUL and bare CR', Buffer.from('Subject: a\0b\rc\r\n\r\nx\0y\rz'), { subject: 'a b c', plain: 'xy\rz' }],
  ['a continuation before any field', ' folded\nSubject: x\n\nhi', { subject: 'x', plain: 'hi' }],
  ['no boundary parameter', 'Content-Type: multipart/mixed\n\n--q\n\none\n--q--', { plain: 'one' }],
  ['a boundary that never comes', 'Content-Type: multipart/mixed; boundary=q\n\ntext\n', { plain: 'text\r\n' }],
  [
    'no end boundary',
    'Content-Type: multipart/mixed; boundary=q\n\n--q\n\none\n--q\nContent-Type: a/b; name=f\n\nrest',
    { plain: 'one', names: ['f'] },
  ],
  [
    'an inner multipart without an end',
    'Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\none\n--o\nContent-Type: a/b; name=f\n\nx\n--o--',
    { plain: 'one', names: ['f'] },
  ],
  [
    'a boundary that begins like another',
    'Content-Type: multipart/mixed; boundary=ab\n\n--ab\nContent-Type: multipart/mixed; boundary=abc\n\n--abc\n\none\n--abc--\n--ab--',
    { plain: 'one' },
  ],
  [
    'blanks after a boundary',
    'Content-Type: multipart/mixed; boundary=q\n\n--q  \t\n\none\n--q-- \nepilogue',
    { plain: 'one' },
  ],
  [
    'a header of a part cut by a boundary',
    'Content-Type: multipart/mixed; boundary="a:b"\n\n--a:b\nContent-Type: a/b; name=f\n--a:b--',
    { plain: '', names: ['f'] },
  ],
  ['no Content-Type value', 'Content-Type:\n\nhi', { plain: 'hi' }],
  ['a Content-Type that is none', 'Content-Type: text\n\nhi', { plain: 'hi' }],
  ['a comment in Content-Type', 'Content-Type: text/plain (with; comment); charset=utf-8\n\nhi', { plain: 'hi' }],
  ['an unknown transfer encoding', 'Content-Transfer-Encoding: x-what\n\nhi=20', { plain: 'hi=20' }],
  [
    'stray equal signs',
    'Content-Transfer-Encoding: quoted-printable\n\na=b =3d =G1 c=\n d = \t\ne=',
    { plain: 'a=b = =G1 c d e' },
  ],
  [
    'blanks before line ends',
    'Content-Transfer-Encoding: quoted-printable\n\na \t\nb=20\nc',
    { plain: 'a\r\nb \r\nc' },
  ],
  ['base64 with dirt', 'Content-Transfer-Encoding: BASE64\n\naGVs!bG8g\n*d29y bGQ=\n', { plain: 'hello world' }],
  ['base64 in pieces', 'Content-Transfer-Encoding: base64\n\naGk=\nIHlvdQ==\n', { plain: 'hi you' }],
  ['base64 cut short', 'Content-Transfer-Encoding: base64\n\naGVsbG8', { plain: 'hello' }],
  [
    'uuencode',
    Buffer.from('Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n%:&5L;&\\\n`\nend\n'),
    { plain: 'hello' },
  ],
  [
    'UTF-8 said to be ASCII',
    octetsOf('Content-Type: text/plain; charset=us-ascii\n\nGr\xc3\xbc\xc3\x9fe'),
    { plain: 'Grüße' },
  ],
  ['Latin 1 said to be nothing', octetsOf('Subject: Gr\xfc\xdfe\n\nGr\xfc\xdfe'), { subject: 'Grüße', plain: 'Grüße' }],
];

describe('broken messages', () => {
  for (const [what, message, expected] of BROKEN) {
    it(`with ${what}`, () => {
      const derived = derive(typeof message === 'string' ? octetsOf(message) : message);
      assert.equal(derived.message.subject, expected.subject ?? '');
      assert.equal(derived.bodies.plain, expected.plain);
      assert.deepEqual(
        derived.message.attachments.map(({ name }) => name),
        expected.names ?? [],
      );
    });
  }

  it('nested a thousand deep are opened a hundred deep', () => {
    let text = '';
    for (let level = 0; level < 1000; level++)
      text += `Content-Type: multipart/mixed; boundary=b${level}\n\n--b${level}\n`;
    let part = readStructure(octetsOf(`${text}\nbottom`));
    let depth = 0;
    for (; part.children[0] !== undefined; depth++) part = part.children[0];
    assert.equal(depth, 100);
    assert.equal(derive(octetsOf(text)).message.attachments.length, 1);
  });

  it('of ten thousand parts are opened two thousand wide, and the last part takes the rest', () => {
    const octets = octetsOf(
      `Content-Type: multipart/mixed; boundary=b\n\n${'--b\nContent-Type: a/b\n\nx\n'.repeat(10_000)}--b--\n`,
    );
    const { attachments } = derive(octets).message;
    assert.equal(attachments.length, 1999);
    assert.equal(attachments.at(-1)?.end, octets.length);
  });
});

const MIB = 1024 * 1024;
const HOSTILE: [what: string, beginning: string, repeated: string][] = [
  ['boundaries', 'Content-Type: multipart/mixed; boundary=b\n\n', '\n--b'],
  ['false boundaries', 'Content-Type: multipart/mixed; boundary=b\n\n', '\n--bx'],
  ['levels', '', 'Content-Type: multipart/mixed; boundary=b\n\n--b\n'],
  ['fields', '', 'a: b\n'],
  ['parameters', 'Content-Type: text/plain', '; a*0=b'],
  ['open comments', 'To: ', '('],
  ['open angles', 'To: ', '<'],
  ['quotes', 'To: ', '"'],
  ['addresses', 'To: ', 'a@b,'],
  ['groups', 'To: ', 'a:'],
  ['encoded words', 'Subject: ', '=?utf-8?Q?a'],
  ['reply marks', 'Subject: ', 'Re: '],
  ['references', 'References: ', '<'],
  ['soft line breaks', 'Content-Type: text/plain; format=flowed\n\n', 'a \n'],
  ['equal signs', 'Content-Transfer-Encoding: quoted-printable\n\n', '= '],
  ['padding', 'Content-Transfer-Encoding: base64\n\n', 'A='],
  ['UTF-7', 'Content-Type: text/plain; charset=utf-7\n\n', '+AGE-'],
  ['escapes', 'Content-Type: text/plain; charset=iso-2022-jp\n\n', '\x1b$B$3\x1b(B'],
  ['open elements', 'Content-Type: text/html\n\n', '<div>'],
  ['open tables', 'Content-Type: text/html\n\n', '<table><tr><td>'],
  ['open lists', 'Content-Type: text/html\n\n', '<ul><li>'],
  ['open tags', 'Content-Type: text/html\n\n', '<a href="'],
  ['ampersands', 'Content-Type: text/html\n\n', '&'],
  ['meta elements', 'Content-Type: text/html\n\n', '<meta '],
  ['attendees', 'Content-Type: text/calendar; method=REPLY\n\nBEGIN:VEVENT\n', 'ATTENDEE;'],
];

describe('hostile messages', () => {
  for (const [what, beginning, repeated] of HOSTILE) {
    it(`of 4 MiB of ${what} take less than 5 seconds`, () => {
      const octets = Buffer.from(beginning + repeated.repeat(Math.ceil((4 * MIB) / repeated.length)), 'latin1');
      const start = performance.now();
      derive(octets);
      assert.ok(performance.now() - start < 5000);
    });
  }

  it('cannot reach Object.prototype through a parameter name', () => {
    derive(octetsOf("Content-Type: a/b; __proto__*0*=utf-8''x; constructor*0*=utf-8''y\n\n"));
    assert.equal(Object.hasOwn(Object.prototype, 'charset'), false);
  });
});
