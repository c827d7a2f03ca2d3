// derive: header fields, bodies and attachments of ordinary and awkward messages (MS-ASEMAIL section 2.2.2).
import assert from 'node:assert/strict';
import { derive } from '../../src/mime/derive.ts';
import { partOctets } from '../../src/mime/part.ts';
import { octetsOf, utf8 } from './compose-octets.ts';

const ENVELOPE = `From: Anna Berg <Anna@easel.example>
To: Ben <ben@easel.example>, "Cho, Mina" <mina@easel.example>
Subject: Re: Lunch
Date: Fri, 13 Nov 2026 10:11:12 +0100
Message-ID: <1@easel.example>
References: <a@x> <b@x>
	<c@x>
In-Reply-To: <c@x>
`;

function deriveText(text: string) {
  return derive(octetsOf(text));
}

describe('derive', () => {
  describe('envelope', () => {
    it('reads what lists and conversations need', () => {
      const { message } = deriveText(`${ENVELOPE}\nhi\n`);
      assert.equal(message.from, '"Anna Berg" <Anna@easel.example>');
      assert.deepEqual(message.fromAddresses, ['anna@easel.example']);
      assert.equal(message.to, '"Ben" <ben@easel.example>, "Cho, Mina" <mina@easel.example>');
      assert.equal(message.displayTo, 'Ben; Cho, Mina');
      assert.equal(message.subject, 'Re: Lunch');
      assert.equal(message.threadTopic, 'Lunch');
      assert.equal(message.date, Date.UTC(2026, 10, 13, 9, 11, 12));
      assert.deepEqual(message.references, ['<a@x>', '<b@x>', '<c@x>']);
      assert.equal(message.inReplyTo, '<c@x>');
      assert.equal(message.messageClass, 'IPM.Note');
      assert.equal(message.internetCpid, '20127');
    });

    it('lets no line end out of an encoded name', () => {
      const { message } = deriveText(
        'From: =?utf-8?Q?A=0D=0ABcc:_x@y?= <a@b.example>\nTo: =?utf-8?Q?B,_A?= =?utf-8?B?AGE=?= <c@d>, e@f\n\nhi',
      );
      assert.equal(message.from, '"A Bcc: x@y" <a@b.example>');
      assert.equal(message.to, '"B, A a" <c@d>, e@f');
    });

    it('does not multiply an encoded name by marks in the text', () => {
      const marks = utf8('\ue0000\ue001').repeat(4000);
      const { message } = deriveText(`From: =?utf-8?Q?${'x'.repeat(20_000)}?= ${marks} <a@b>\n\nhi`);
      assert.ok(message.from.length < 40_000);
    });

    it('keeps address lists within 32768 characters, mailboxes whole (MS-ASEMAIL R477, R788)', () => {
      const many = Array.from({ length: 3000 }, (_, index) => `Person ${index} <p${index}@easel.example>`).join(',\n ');
      const { message } = deriveText(`To: ${many}\n\nhi`);
      assert.ok(message.to.length <= 32768 && message.to.length > 32000);
      assert.match(message.to, /<p\d+@easel\.example>$/);
    });

    for (const [header, importance] of [
      ['Importance: High', 2],
      ['Importance: low', 0],
      ['X-Priority: 1 (Highest)', 2],
      ['X-Priority: 5', 0],
      ['X-Priority: 3', 1],
      ['Priority: urgent', 2],
      ['X-Other: 1', 1],
    ] as const) {
      it(`takes "${header}" as importance ${importance}`, () => {
        assert.equal(deriveText(`${header}\n\n`).message.importance, importance);
      });
    }
  });

  describe('bodies', () => {
    it('keeps the best plain and HTML of alternatives', () => {
      const { message, bodies } = deriveText(`${ENVELOPE}MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_x"

--=_x
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Gr=C3=BC=C3=9Fe =
aus Bern
--=_x
Content-Type: text/html; charset=iso-8859-1

<p>Gr\xfc\xdfe \x80 5</p>
--=_x--
`);
      assert.equal(bodies.plain, 'Grüße aus Bern');
      assert.equal(bodies.html, '<p>Grüße € 5</p>');
      assert.equal(message.nativeBodyType, 2);
      assert.equal(message.plainSize, 16);
      assert.equal(message.htmlSize, 20);
      assert.equal(message.internetCpid, '28591');
      assert.deepEqual(message.attachments, []);
    });

    it('makes plain text of HTML that comes alone, without running cells together', () => {
      const { bodies } = deriveText(
        'Content-Type: text/html\n\n<h1>Plan</h1><table><tr><td>a</td><td>b</td></tr></table>',
      );
      assert.equal(bodies.plain.replace(/\s+/g, ' ').trim(), 'Plan a b');
    });

    it('joins the texts of multipart/mixed around an attachment', () => {
      const { message, bodies } = deriveText(`Content-Type: multipart/mixed; boundary=b

--b

one
--b
Content-Type: application/pdf; name="plan.pdf"
Content-Transfer-Encoding: base64

JVBERi0x
--b
Content-Type: text/plain

two
--b--
`);
      assert.equal(bodies.plain, 'one\ntwo');
      assert.equal(message.attachments.length, 1);
      assert.equal(message.attachments[0]?.size, 6);
    });

    it('takes the first text of alternatives that only differ in their last, empty one', () => {
      const { bodies } = deriveText(
        'Content-Type: multipart/alternative; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: text/plain\n\n\n--b--\n',
      );
      assert.equal(bodies.plain, 'text');
    });
  });

  describe('attachments', () => {
    it('tells inline images from attachments in multipart/related', () => {
      const octets = octetsOf(`Content-Type: multipart/related; boundary=b; type="text/html"

--b
Content-Type: text/html

<img src="cid:logo@x"><img src="CID:two%40x">
--b
Content-Type: image/png
Content-ID: <logo@x>
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--b
Content-Type: image/gif; name=a.gif
Content-ID: <two@x>
Content-Disposition: attachment

GIF89a
--b
Content-Type: image/gif; name=unused.gif
Content-Disposition: attachment

GIF89a
--b--`);
      const { message } = derive(octets);
      assert.deepEqual(
        message.attachments.map(({ name, inline, contentId, size }) => [name, inline, contentId, size]),
        [
          ['attachment-1.png', true, 'logo@x', 8],
          ['a.gif', true, 'two@x', 6],
          ['unused.gif', false, undefined, 6],
        ],
      );
      assert.equal(partOctets(octets, message.attachments[0]!).toString('latin1'), '\x89PNG\r\n\x1a\n');
    });

    it('lists embedded messages with method 5 and an .eml name (MS-ASAIRS R2299)', () => {
      const { message, bodies } = deriveText(`Content-Type: multipart/mixed; boundary=b

--b

see below
--b
Content-Type: message/rfc822

Subject: =?utf-8?Q?Caf=C3=A9/Bar?=
Content-Type: multipart/mixed; boundary=inner

--inner

broken, without an end
--b
Content-Type: message/rfc822

no header at all
--b--
`);
      assert.equal(bodies.plain, 'see below');
      assert.deepEqual(
        message.attachments.map(({ name, method, contentType }) => [name, method, contentType]),
        [
          ['Café_Bar.eml', 5, 'message/rfc822'],
          ['message.eml', 5, 'message/rfc822'],
        ],
      );
    });

    const names: [string, string, string][] = [
      ['RFC 2231', "attachment; filename*=utf-8''%ec%95%88%eb%85%95.txt", '안녕.txt'],
      ['RFC 2231 in pieces', `attachment; filename*0*=windows-1252''Stra%DF; filename*1="e 1.pdf"`, 'Straße 1.pdf'],
      ['an encoded word in quotes', 'attachment; filename="=?euc-kr?B?uvGw7S5oaHA=?="', '비고.hhp'],
      ['raw UTF-8', `attachment; filename="${utf8('план.doc')}"`, 'план.doc'],
      ['a path', 'attachment; filename="../../etc/passwd"', '.._.._etc_passwd'],
      ['only dots', 'attachment; filename=".."', 'attachment-1.bin'],
      ['control characters', 'attachment; filename="a\x01b.txt"', 'a b.txt'],
      ['a turned reading direction', "attachment; filename*=utf-8''a%e2%80%aefdp.exe", 'afdp.exe'],
      ['a prototype name', 'attachment; __proto__*0*=utf-8\'\'x; filename="ok.txt"', 'ok.txt'],
    ];
    for (const [what, disposition, expected] of names) {
      it(`names an attachment given by ${what}`, () => {
        const { message } = deriveText(`Content-Type: application/x-none\nContent-Disposition: ${disposition}\n\nx`);
        assert.equal(message.attachments[0]?.name, expected);
        assert.equal(({} as Record<string, unknown>)['charset'], undefined);
      });
    }
  });
});
