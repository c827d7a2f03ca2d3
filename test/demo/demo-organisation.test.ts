// The demo organisation: what it promises to hold, and that its S/MIME messages are true (openssl is the judge).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoOrganisation } from '../../src/demo/demo-organisation.ts';
import { smimeDirectory } from '../../src/demo/smime-letters.ts';
import { derive } from '../../src/mime/derive.ts';
import { partOctets } from '../../src/mime/part.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const organisation = demoOrganisation(NOW);
const letters = [...new Set(organisation.mail.map(({ octets }) => octets))].map((octets) => ({
  octets,
  ...derive(octets),
}));

function letterAbout(subject: string) {
  const found = letters.find(({ message }) => message.subject === subject);
  assert.ok(found, subject);
  return found;
}

function openssl(input: Buffer, ...parameters: string[]): { status: number | null; output: string } {
  const run = spawnSync('openssl', parameters, { input });
  return { status: run.status, output: run.stdout.toString('utf8') };
}

describe('demo organisation', () => {
  it('has three users, lists of them, and about 70 messages in each mailbox', () => {
    assert.deepEqual(
      organisation.users.map(({ name }) => name),
      ['mina.cho', 'jonas.weber', 'sofia.almeida'],
    );
    assert.equal(organisation.groups[0]?.members.length, 3);
    for (const { name } of organisation.users) {
      const count = organisation.mail.filter(({ user }) => user === `${name}@${organisation.domain}`).length;
      assert.ok(count >= 55 && count <= 80, `${name}: ${count}`);
    }
  });

  it('is the same for the same time, and dates its mail before that time', () => {
    const again = demoOrganisation(NOW);
    assert.deepEqual(again, organisation);
    assert.ok(organisation.mail.every(({ received }) => received < NOW));
  });

  it('holds every message class that mail has', () => {
    const classes = new Set(letters.map(({ message }) => message.messageClass));
    for (const one of [
      'IPM.Note',
      'IPM.Note.SMIME',
      'IPM.Note.SMIME.MultipartSigned',
      'IPM.Schedule.Meeting.Request',
      'IPM.Schedule.Meeting.Canceled',
      'IPM.Schedule.Meeting.Resp.Pos',
      'IPM.Schedule.Meeting.Resp.Tent',
      'IPM.Schedule.Meeting.Resp.Neg',
      'REPORT.IPM.NOTE.NDR',
      'REPORT.IPM.NOTE.IPNRN',
    ])
      assert.ok(classes.has(one), one);
  });

  it('can be read in the charsets it is written in', () => {
    const expected: [string, string, string][] = [
      ['한강 연날리기 축제 참가 안내', '51949', '바람이 좋은 자리를'],
      ['和紙の見本について', '50220', '来月の凧揚げ大会の件'],
      ['潍坊风筝节：竹骨样品', '54936', '共十二根，长度一米二'],
      ['彩繪風箏報價單', '950', '每隻新台幣八百元'],
      ['凧の展示会のご案内', '932', '凧工房　田中'],
      ['Чертежи воздушного змея', '20866', 'Размах крыльев два метра'],
      ['Facture n° 118 – toile « nuit »', '1252', '408 €. L’œillet est offert…'],
      ['Goûter à l’atelier', '1252', 'Gâteau à 16 h – 3 €'],
      ['Être sûr de la couleur', '65001', 'Élise a relavé le rouge'],
    ];
    for (const [subject, codePage, text] of expected) {
      const { message, bodies } = letterAbout(subject);
      assert.equal(message.internetCpid, codePage, subject);
      assert.ok(bodies.plain.includes(text), subject);
    }
  });

  it('keeps the text of every broken message', () => {
    for (const [subject, text] of [
      ['A multipart that never ends', 'The end boundary was lost on the way.'],
      ['A multipart without a boundary', 'plain and simple'],
      ['A multipart without parts', 'Just a text where parts should be.'],
      ['Wrong base64', 'This text has stray characters and padding in the middle.'],
      ['Stray equal signs', '=GG is no octet, café is,\r\nand a line may end in \r\nan equal sign'],
      ['A header line without a colon', 'The text is still here.'],
      ['A charset that nobody knows', 'Vielen Dank für nichts.'],
      ['Only line feeds', 'No carriage return\nanywhere.'],
    ] as const)
      assert.ok(letterAbout(subject).bodies.plain.includes(text), subject);
  });

  it('carries a sound of about 5 MB that comes out of its base64 as it went in', () => {
    const { octets, message } = letterAbout('Half a minute of wind (5 MB)');
    const part = message.attachments[0]!;
    const sound = partOctets(octets, part);
    assert.equal(sound.length, part.size);
    assert.equal(sound.readUInt32LE(4) + 8, sound.length);
    assert.equal(sound.toString('latin1', 0, 4), 'RIFF');
    assert.ok(sound.length > 5_000_000);
  });

  describe('S/MIME', () => {
    const present = spawnSync('openssl', ['version']).status === 0;
    const authority = join(smimeDirectory(), 'demo-ca.crt');

    before(function () {
      if (!present) {
        console.log('      left out: openssl is not installed, the S/MIME messages are not verified');
        this.skip();
      }
    });

    for (const [subject, text] of [
      ['Offer for the harbour museum (signed)', 'EUR 3=E2=80=AF840'],
      ['Test flight protocol (signed, opaque)', '42 minutes aloft'],
    ] as const) {
      it(`verifies: ${subject}`, () => {
        const { status, output } = openssl(letterAbout(subject).octets, 'cms', '-verify', '-CAfile', authority);
        assert.equal(status, 0);
        assert.ok(output.includes(text));
      });
    }

    it('does not verify when one octet of the clear-signed text differs', () => {
      const changed = Buffer.from(letterAbout('Offer for the harbour museum (signed)').octets);
      changed[changed.indexOf('EUR 3') + 4] = 0x34;
      assert.notEqual(openssl(changed, 'cms', '-verify', '-CAfile', authority).status, 0);
    });

    for (const user of ['mina.cho', 'jonas.weber', 'sofia.almeida']) {
      it(`opens with the key in ${user}.p12 what was encrypted, and finds the signature inside`, () => {
        const file = join(smimeDirectory(), `${user}.p12`);
        const key = openssl(Buffer.alloc(0), 'pkcs12', '-in', file, '-passin', 'pass:larkspur', '-nodes', '-nocerts');
        const directory = mkdtempSync(join(tmpdir(), 'demo-key-'));
        try {
          const keyFile = join(directory, 'key.pem');
          writeFileSync(keyFile, key.output, { mode: 0o600 });
          const open = (subject: string) => openssl(letterAbout(subject).octets, 'cms', '-decrypt', '-inkey', keyFile);
          assert.ok(open('New wing profile (encrypted)').output.includes('the keel moves back by 18 mm'));
          const signed = open('Salaries next year (signed and encrypted)').output;
          const inner = openssl(Buffer.from(signed), 'cms', '-verify', '-CAfile', authority);
          assert.equal(inner.status, 0);
          assert.ok(inner.output.includes('3.2 percent'));
        } finally {
          rmSync(directory, { recursive: true });
        }
      });
    }
  });
});
