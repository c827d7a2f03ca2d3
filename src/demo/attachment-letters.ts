// Demo mail: nested multiparts, inline pictures, attachments of all sizes, messages within messages.
import { kitePicture, onePagePdf, windRecording } from './artwork.ts';
import {
  attachment,
  base64Lines,
  encodedFile,
  html,
  type Letter,
  letterOctets,
  multipart,
  octetsOf,
  plain,
} from './assemble.ts';
import { jonas, mina, museum, sofia, tailor, team } from './people.ts';

const PRICES = 'item,pieces,price in EUR\nBox kite "Tejo",12,180\nDelta "Alfama",12,140\nSparrow,40,25\n';
const VISITING_CARD =
  'BEGIN:VCARD\r\nVERSION:3.0\r\nN:Fournier;Elise;;;\r\nFN:Elise Fournier\r\nORG:Toile et Vent\r\nEMAIL:elise@toile-et-vent.example\r\nEND:VCARD\r\n';

function inlinePicture(id: string, hue: readonly [number, number, number]): string {
  return encodedFile(
    [
      `Content-Type: image/png; name="${id}.png"`,
      `Content-ID: <${id}@larkspur.example>`,
      `Content-Disposition: inline; filename="${id}.png"`,
    ],
    kitePicture(hue),
  );
}

const related = multipart('related; type="text/html"', '=_related', [
  html(
    '<p>Warm: <img src="cid:warm@larkspur.example" alt="warm red"> Cool: <img src="cid:cool%40larkspur.example" alt="cool red"></p>',
  ),
  inlinePicture('warm', [192, 57, 43]),
  inlinePicture('cool', [176, 32, 78]),
]);

// mixed( alternative( plain, related( html, image ) ), pdf, csv ): what most programs send with a picture and files.
const nested = multipart('mixed', '=_mixed', [
  multipart('alternative', '=_alternative', [
    plain('The offer is attached, the kite is above.'),
    multipart('related', '=_inner', [
      html('<p>The offer is attached.</p><img src="cid:delta@larkspur.example">'),
      inlinePicture('delta', [40, 110, 160]),
    ]),
  ]),
  attachment('application/pdf', 'offer.pdf', onePagePdf(['Larkspur Kites', 'Offer 118', '24 kites, EUR 3840'])),
  attachment('text/csv', 'prices.csv', Buffer.from(PRICES)),
]);

// Twelve levels, the text at the bottom.
function matryoshka(): string {
  let entity = plain('You have found the smallest one.');
  for (let level = 12; level > 0; level--) entity = multipart('mixed', `=_doll-${level}`, [entity]);
  return entity;
}

function forwarded(now: Date): string {
  const original: Letter = {
    id: 'forwarded-original',
    from: museum,
    to: [sofia],
    subject: 'Moradas de entrega: três portas, uma campainha',
    daysAgo: 6,
    entity: nested,
  };
  return multipart('mixed', '=_forward', [
    plain('See the attached message: three doors, one bell.'),
    `Content-Type: message/rfc822\nContent-Disposition: attachment\n\n${letterOctets(original, now).toString('utf8')}`,
  ]);
}

const brokenForward = multipart('mixed', '=_forward2', [
  plain('My program made a mess of this one.'),
  'Content-Type: message/rfc822; name="wreck"\n\nSubject: A wreck\nContent-Type: multipart/mixed; boundary="never"\n\n--never\nContent-Type text/plain\n\nno end, no colon',
]);

const PLACE = '@recording@';
const windy = multipart('mixed', '=_wind', [
  plain('Recorded on the roof of the workshop this morning. Headphones on, eyes closed.\n\nJonas'),
  'Content-Type: audio/wav; name="wind.wav"\nContent-Disposition: attachment; filename="wind.wav"\n' +
    `Content-Transfer-Encoding: base64\n\n${PLACE}`,
]);

/** Letters with parts within parts and files. `now` dates the forwarded message. */
export function attachmentLetters(now: Date): Letter[] {
  const [before, after] = windy.split(PLACE);
  return [
    { id: 'inline', from: mina, to: [team], subject: 'The two reds, side by side', daysAgo: 8.1, entity: related },
    { id: 'nested', from: sofia, to: [team], subject: 'Offer 118', daysAgo: 5.5, entity: nested },
    { id: 'matryoshka', from: jonas, to: [team], subject: 'Twelve boxes in one', daysAgo: 9.9, entity: matryoshka() },
    {
      id: 'forward',
      from: sofia,
      to: [team],
      subject: 'Fwd: Moradas de entrega',
      daysAgo: 4.9,
      entity: forwarded(now),
    },
    { id: 'forward-broken', from: tailor, to: [team], subject: 'TR: A wreck', daysAgo: 4.1, entity: brokenForward },
    {
      id: 'around',
      from: tailor,
      to: [team],
      subject: 'Text, file, text',
      daysAgo: 2.2,
      entity: multipart('mixed', '=_around', [
        plain('Before the card.'),
        attachment('text/vcard', 'elise.vcf', Buffer.from(VISITING_CARD)),
        plain('After the card.'),
        'Content-Type: text/plain; name="notes.txt"\nContent-Disposition: inline; filename="notes.txt"\n\nA text that is a file.\n',
      ]),
    },
    {
      id: 'wind',
      from: jonas,
      to: [team],
      subject: 'Half a minute of wind (5 MB)',
      daysAgo: 1.4,
      // As octets, for a string of this size is slow to pass through the line ends.
      entity: Buffer.concat([
        octetsOf(before!),
        Buffer.from(base64Lines(windRecording(), '\r\n'), 'latin1'),
        octetsOf(after!),
      ]),
    },
  ];
}
