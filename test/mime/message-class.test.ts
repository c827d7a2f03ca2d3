// Message classes by content (MS-ASEMAIL section 2.2.2.49, MessageClass; MS-OXOSMIME for S/MIME).
import assert from 'node:assert/strict';
import { derive } from '../../src/mime/derive.ts';
import { octetsOf } from './compose-octets.ts';

function calendar(method: string, more = ''): string {
  return `BEGIN:VCALENDAR\nMETHOD:${method}\nBEGIN:VEVENT\nUID:1\n${more}END:VEVENT\nEND:VCALENDAR\n`;
}

function meeting(method: string, more = ''): string {
  const part = `Content-Type: text/calendar; method=${method}\n\n${calendar(method, more)}`;
  return `Content-Type: multipart/alternative; boundary=b\n\n--b\n\ntext\n--b\n${part}--b--\n`;
}

function report(kind: string, machine: string, returned = ''): string {
  const third = returned === '' ? '' : `--b\nContent-Type: message/rfc822\n\n${returned}\n`;
  const type = kind === 'disposition-notification' ? kind : 'delivery-status';
  return `Content-Type: multipart/report; report-type=${kind}; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: message/${type}\n\n${machine}\n${third}--b--\n`;
}

const ATTENDEE = 'ATTENDEE;ROLE=REQ-PARTICIPANT;PART\n STAT=';
const CLASSES: [what: string, message: string, messageClass: string, smime?: string][] = [
  ['a note', 'Subject: x\n\nhi', 'IPM.Note'],
  [
    'application/pkcs7-mime',
    'Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMII=',
    'IPM.Note.SMIME',
    'opaque',
  ],
  ['application/x-pkcs7-mime', 'Content-Type: application/x-pkcs7-mime\n\nMII=', 'IPM.Note.SMIME', 'opaque'],
  [
    'a .p7m file as octet-stream',
    'Content-Type: application/octet-stream; name="SMIME.P7M"\n\nMII=',
    'IPM.Note.SMIME',
    'opaque',
  ],
  [
    'a secure receipt (R593)',
    'Content-Type: application/pkcs7-mime; smime-type=signed-receipt\n\nMII=',
    'IPM.Note.Receipt.SMIME',
    'opaque',
  ],
  [
    'multipart/signed (R592)',
    'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: application/pkcs7-signature\n\nMII=\n--b--',
    'IPM.Note.SMIME.MultipartSigned',
    'clear-signed',
  ],
  ['a meeting request', meeting('REQUEST'), 'IPM.Schedule.Meeting.Request'],
  ['a cancellation', meeting('CANCEL'), 'IPM.Schedule.Meeting.Canceled'],
  ['an acceptance', meeting('REPLY', `${ATTENDEE}ACCEPTED:mailto:a@b\n`), 'IPM.Schedule.Meeting.Resp.Pos'],
  ['a refusal', meeting('REPLY', `${ATTENDEE}DECLINED:mailto:a@b\n`), 'IPM.Schedule.Meeting.Resp.Neg'],
  ['a tentative answer', meeting('REPLY', `${ATTENDEE}TENTATIVE:mailto:a@b\n`), 'IPM.Schedule.Meeting.Resp.Tent'],
  [
    'a calendar as the whole message',
    `Content-Type: text/calendar\n\n${calendar('REQUEST')}`,
    'IPM.Schedule.Meeting.Request',
  ],
  ['a published calendar', meeting('PUBLISH'), 'IPM.Note'],
  [
    'a calendar file sent along',
    `Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: text/calendar; name=a.ics\nContent-Disposition: attachment\n\n${calendar('REQUEST')}--b--`,
    'IPM.Note',
  ],
  ['a bounce (R604)', report('delivery-status', 'Reporting-MTA: dns; x\n\nAction: failed\n'), 'REPORT.IPM.NOTE.NDR'],
  ['a delivery receipt (R605)', report('delivery-status', '\nAction: delivered\n'), 'REPORT.IPM.NOTE.DR'],
  ['a delay (R606)', report('delivery-status', '\nAction: delayed\n'), 'REPORT.IPM.NOTE.DELAYED'],
  [
    'a bounce of an encrypted message (R613)',
    report('delivery-status', '\nAction: failed\n', 'Content-Type: application/pkcs7-mime\n\nMII='),
    'REPORT.IPM.NOTE.SMIME.NDR',
  ],
  [
    'a delivery receipt of a clear-signed message (R616)',
    report('delivery-status', '\nAction: relayed\n', 'Content-Type: multipart/signed; boundary=z\n\n'),
    'REPORT.IPM.NOTE.SMIME.MULTIPARTSIGNED.DR',
  ],
  [
    'a read receipt (R607)',
    report('disposition-notification', 'Disposition: manual-action/MDN-sent-manually; displayed'),
    'REPORT.IPM.NOTE.IPNRN',
  ],
  [
    'a non-read receipt (R608)',
    report('disposition-notification', 'Disposition: automatic-action/MDN-sent-automatically; deleted'),
    'REPORT.IPM.NOTE.IPNNRN',
  ],
];

describe('message class', () => {
  for (const [what, message, messageClass, smime = 'none'] of CLASSES) {
    it(`of ${what} is ${messageClass}`, () => {
      const derived = derive(octetsOf(message)).message;
      assert.equal(derived.messageClass, messageClass);
      assert.equal(derived.smime, smime);
    });
  }

  it('leaves the body of an opaque message empty and lists its envelope', () => {
    const { message, bodies } = derive(
      octetsOf('Content-Type: application/x-pkcs7-mime\nContent-Transfer-Encoding: base64\n\nTUlJ\n'),
    );
    assert.equal(bodies.plain, '');
    assert.equal(bodies.html, undefined);
    assert.deepEqual(
      message.attachments.map(({ name, size }) => [name, size]),
      [['smime.p7m', 3]],
    );
  });

  it('shows the text and the files of a clear-signed message, and its signature last', () => {
    const { message, bodies } = derive(
      octetsOf(
        'Content-Type: multipart/signed; boundary=s\n\n--s\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\nhello\n--m\nContent-Type: a/b; name=f.bin\n\nx\n--m--\n--s\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\nMII=\n--s--',
      ),
    );
    assert.equal(bodies.plain, 'hello');
    assert.deepEqual(
      message.attachments.map(({ name }) => name),
      ['f.bin', 'smime.p7s'],
    );
  });

  it('keeps the calendar of a meeting and does not list it as a file', () => {
    const { message } = derive(octetsOf(meeting('REQUEST')));
    assert.match(message.calendar ?? '', /^BEGIN:VCALENDAR\r\n/);
    assert.deepEqual(message.attachments, []);
  });
});
