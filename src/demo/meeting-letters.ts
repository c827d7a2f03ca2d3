// Demo mail: invitations, answers and reports (RFC 6047, iMIP; RFC 3464, delivery status notifications; RFC 8098, receipts).
import { html, type Letter, multipart, plain } from './assemble.ts';
import { type Correspondent, jonas, mina, museum, sofia, team } from './people.ts';

const MILLISECONDS_A_DAY = 86_400_000;

interface Meeting {
  readonly method: 'REQUEST' | 'CANCEL' | 'REPLY';
  readonly uid: string;
  readonly organizer: Correspondent;
  readonly attendees: readonly { readonly who: Correspondent; readonly partstat: string }[];
  readonly summary: string;
  readonly place: string;
  readonly start: Date;
  readonly hours: number;
  readonly sequence?: number;
  readonly rule?: string;
}

function utc(date: Date): string {
  return `${date.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`;
}

function calendar(meeting: Meeting, now: Date): string {
  const end = new Date(meeting.start.getTime() + meeting.hours * 3_600_000);
  return [
    'BEGIN:VCALENDAR',
    'PRODID:-//Larkspur Kites//Demo//EN',
    'VERSION:2.0',
    `METHOD:${meeting.method}`,
    'BEGIN:VEVENT',
    `UID:${meeting.uid}@larkspur.example`,
    `DTSTAMP:${utc(now)}`,
    `DTSTART:${utc(meeting.start)}`,
    `DTEND:${utc(end)}`,
    `SEQUENCE:${meeting.sequence ?? 0}`,
    `SUMMARY:${meeting.summary}`,
    `LOCATION:${meeting.place}`,
    ...(meeting.rule === undefined ? [] : [`RRULE:${meeting.rule}`]),
    `STATUS:${meeting.method === 'CANCEL' ? 'CANCELLED' : 'CONFIRMED'}`,
    `ORGANIZER;CN=${meeting.organizer.name}:mailto:${meeting.organizer.address}`,
    ...meeting.attendees.map(
      ({ who, partstat }) =>
        `ATTENDEE;CN=${who.name};ROLE=REQ-PARTICIPANT;PARTSTAT=${partstat};RSVP=TRUE\n :mailto:${who.address}`,
    ),
    'END:VEVENT',
    'END:VCALENDAR',
  ].join('\n');
}

function invitation(meeting: Meeting, text: string, now: Date): string {
  const part = `Content-Type: text/calendar; charset=utf-8; method=${meeting.method}\nContent-Transfer-Encoding: 8bit\n\n${calendar(meeting, now)}\n`;
  return multipart('alternative', '=_meeting', [plain(text), html(`<p>${text}</p>`), part]);
}

/** Invitations, a change, a cancellation, answers, a bounce and a read receipt. */
export function meetingLetters(now: Date): Letter[] {
  // At ten o'clock UTC, some days from now.
  const at = (days: number): Date =>
    new Date(
      Math.floor((now.getTime() + days * MILLISECONDS_A_DAY) / MILLISECONDS_A_DAY) * MILLISECONDS_A_DAY + 36_000_000,
    );
  const everybody = (partstat: string) => [mina, jonas, sofia].map((who) => ({ who, partstat }));
  const lunch: Meeting = {
    method: 'REQUEST',
    uid: 'lunch',
    organizer: mina,
    attendees: everybody('NEEDS-ACTION'),
    summary: 'Lunch at the river, bring a kite',
    place: 'Doca, stand 17',
    start: at(6),
    hours: 2,
  };
  const weekly: Meeting = {
    ...lunch,
    uid: 'weekly',
    organizer: jonas,
    summary: 'Workshop round',
    place: 'Workshop, second table',
    start: at(2),
    hours: 0.5,
    rule: 'FREQ=WEEKLY;COUNT=10',
  };
  const inventory: Meeting = {
    ...lunch,
    method: 'CANCEL',
    uid: 'inventory',
    organizer: sofia,
    summary: 'Inventory',
    place: 'Cellar',
    start: at(4),
    hours: 3,
    sequence: 2,
  };
  const answer = (who: Correspondent, partstat: string): Meeting => ({
    ...lunch,
    method: 'REPLY',
    attendees: [{ who, partstat }],
  });
  return [
    {
      id: 'lunch',
      from: mina,
      to: [team],
      subject: 'Lunch at the river',
      daysAgo: 3.3,
      entity: invitation(lunch, 'Lunch at the river on the last day. Bring a kite.', now),
    },
    {
      id: 'weekly',
      from: jonas,
      to: [team],
      subject: 'Workshop round, every week',
      daysAgo: 6.2,
      entity: invitation(weekly, 'Half an hour, ten weeks, one table.', now),
    },
    {
      id: 'inventory',
      from: sofia,
      to: [team],
      subject: 'Canceled: Inventory',
      daysAgo: 2.9,
      entity: invitation(inventory, 'The cellar is flooded. No inventory.', now),
    },
    {
      id: 'lunch-yes',
      from: jonas,
      to: [mina],
      subject: 'Accepted: Lunch at the river',
      daysAgo: 3.2,
      entity: invitation(answer(jonas, 'ACCEPTED'), 'I come.', now),
    },
    {
      id: 'lunch-maybe',
      from: sofia,
      to: [mina],
      subject: 'Tentative: Lunch at the river',
      daysAgo: 3.15,
      entity: invitation(answer(sofia, 'TENTATIVE'), 'If the boat is on time.', now),
    },
    {
      id: 'round-no',
      from: mina,
      to: [jonas],
      subject: 'Declined: Workshop round',
      daysAgo: 6.1,
      entity: invitation(
        { ...weekly, method: 'REPLY', attendees: [{ who: mina, partstat: 'DECLINED' }] },
        'Night in Seoul, sorry.',
        now,
      ),
    },
    ...reports(),
  ];
}

function reports(): Letter[] {
  const daemon: Correspondent = { name: 'Mail Delivery System', address: 'mailer-daemon@larkspur.example' };
  return [
    {
      id: 'bounce',
      from: daemon,
      to: [team],
      subject: 'Undelivered: Spring catalogue',
      daysAgo: 7.3,
      headers: ['Auto-Submitted: auto-replied'],
      entity: multipart('report; report-type=delivery-status', '=_report', [
        plain('Your message to nobody@friends.example could not be delivered: no such mailbox.'),
        'Content-Type: message/delivery-status\n\nReporting-MTA: dns; mail.larkspur.example\n\nFinal-Recipient: rfc822; nobody@friends.example\nAction: failed\nStatus: 5.1.1\n',
        'Content-Type: text/rfc822-headers\n\nFrom: Sofia Almeida <sofia.almeida@larkspur.example>\nTo: nobody@friends.example\nSubject: Spring catalogue\n',
      ]),
    },
    {
      id: 'receipt',
      from: museum,
      to: [sofia],
      subject: 'Read: Offer 118',
      daysAgo: 5.1,
      entity: multipart('report; report-type=disposition-notification', '=_receipt', [
        plain('The message was displayed. This is no guarantee that it was understood.'),
        'Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; encomendas@museu-do-vento.example\nOriginal-Message-ID: <nested@larkspur.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n',
      ]),
    },
  ];
}
