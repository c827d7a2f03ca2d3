// Demo mail: messages that break the rules of RFC 5322 and RFC 2045 in ways that really occur.
import { type Letter, plain } from './assemble.ts';
import { jonas, sofia, tailor, team, weather } from './people.ts';

function broken(id: string, subject: string, daysAgo: number, entity: string | Buffer, to = team): Letter {
  return { id, from: weather, to: [to], subject, daysAgo, entity };
}

/** Broken letters; none of them may stop a mailbox from being read. */
export function brokenLetters(): Letter[] {
  return [
    broken(
      'no-end',
      'A multipart that never ends',
      18.3,
      'Content-Type: multipart/mixed; boundary="=_open"\n\n--=_open\nContent-Type: text/plain\n\nThe end boundary was lost on the way.\n--=_open\nContent-Type: text/plain; name="rest.txt"\nContent-Disposition: attachment\n\nand this is the rest',
    ),
    broken(
      'no-boundary',
      'A multipart without a boundary',
      18.2,
      'Content-Type: multipart/alternative\n\n--mystery\n\nplain and simple\n--mystery--\n',
    ),
    broken(
      'no-parts',
      'A multipart without parts',
      18.1,
      'Content-Type: multipart/mixed; boundary="nowhere"\n\nJust a text where parts should be.\n',
      jonas,
    ),
    broken(
      'bad-base64',
      'Wrong base64',
      17.2,
      'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nVGhpcyB0ZXh0IGhhcyBzdHJh*eSBjaGFy!YWN0ZXJz\n=====\nIGFuZCBwYWRkaW5nIGlu%IHRoZSBtaWRkbGUu\n',
    ),
    broken(
      'bad-quoted',
      'Stray equal signs',
      17.1,
      'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n2 + 2 = 4, =GG is no octet, caf=C3=A9 is,\nand a line may end in =\n\nan equal sign =',
    ),
    broken(
      'no-colon',
      'A header line without a colon',
      16.9,
      `X-This-Line-Has-No-Colon\nX-This-One: has\n${plain('The text is still here.')}`,
    ),
    broken(
      'odd-octets',
      'NUL and bare CR',
      16.8,
      Buffer.from('Content-Type: text/plain\r\n\r\nNUL here:\0, bare CR here:\r, and on we go.\r\n', 'latin1'),
    ),
    broken(
      'unknown-charset',
      'A charset that nobody knows',
      16.7,
      `${plain('Vielen Dank für nichts.', 'x-larkspur-secret')}`,
    ),
    broken(
      'unknown-encoding',
      'An encoding that nobody knows',
      16.6,
      'Content-Type: text/plain\nContent-Transfer-Encoding: x-folded-paper\n\nUnfold me.\n',
    ),
    {
      id: 'no-header',
      from: jonas,
      to: [team],
      subject: '',
      daysAgo: 16.5,
      entity: '',
      whole: 'This message has no header at all.\n\nSomebody has piped a text into sendmail again.\n',
    },
    {
      id: 'line-feeds',
      from: sofia,
      to: [team],
      subject: '',
      daysAgo: 16.4,
      entity: '',
      whole: Buffer.from(
        'From: Sofia Almeida <sofia.almeida@larkspur.example>\nSubject: Only line feeds\nContent-Type: text/plain\n\nNo carriage return\nanywhere.\n',
      ),
    },
    {
      id: 'two-senders',
      from: tailor,
      to: [team],
      subject: 'Two of us',
      daysAgo: 16.3,
      written: { from: 'Elise <elise@toile-et-vent.example>, "Paul, the other one" <paul@toile-et-vent.example' },
      entity: plain('We both wrote this.'),
    },
  ];
}
