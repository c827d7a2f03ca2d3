// The demo organisation: a small company that makes kites, its three users, two lists and all their mail.
import { type Letter, letterOctets, sentAt } from './assemble.ts';
import { attachmentLetters } from './attachment-letters.ts';
import { brokenLetters } from './broken-letters.ts';
import { charsetLetters } from './charset-letters.ts';
import { meetingLetters } from './meeting-letters.ts';
import { DEMO_DOMAIN, type DemoUser, demoUsers, jonas, mina, team, workshop } from './people.ts';
import { plainLetters } from './plain-letters.ts';
import { smimeLetters } from './smime-letters.ts';
import { threadLetters } from './thread-letters.ts';

/** A user in the words of an organisation file. */
export interface DemoAccount {
  readonly name: string;
  /** Public: a server that others reach must set another one. */
  readonly password: string;
  readonly aliases: string[];
  readonly displayName: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly phone: string;
  readonly mobile: string;
  readonly office: string;
  readonly title: string;
  readonly company: string;
  readonly department: string;
}

/** A group in the words of an organisation file. */
export interface DemoGroup {
  readonly address: string;
  readonly displayName: string;
  /** Addresses. */
  readonly members: string[];
}

/** One message in one mailbox. */
export interface DemoMail {
  /** Address of the user. */
  readonly user: string;
  /** Display name of a default folder: `Inbox`, `Sent Items` or `Junk Email`. */
  readonly folder: string;
  /** The message; buffers are shared between mailboxes and must not be changed. */
  readonly octets: Buffer;
  readonly received: Date;
  readonly read: boolean;
  readonly flagged: boolean;
}

/** Everything of the demo organisation; users and groups have the shape that an organisation file has. */
export interface DemoOrganisation {
  readonly domain: string;
  readonly users: readonly DemoAccount[];
  readonly groups: readonly DemoGroup[];
  /** Oldest first; made when it is first read. */
  readonly mail: readonly DemoMail[];
}

const COMPANY = 'Larkspur Kites';
const UNREAD_DAYS = 3;

/**
 * The demo organisation as of a time: dates count back from `now`, everything else is always the same.
 * About 70 messages a mailbox, one of them with an attachment of 5 MB. Throws when data/demo is missing.
 */
export function demoOrganisation(now: Date): DemoOrganisation {
  let mail: readonly DemoMail[] | undefined;
  return {
    domain: DEMO_DOMAIN,
    users: demoUsers.map(account),
    groups: [
      { address: team.address, displayName: team.name, members: demoUsers.map(({ address }) => address) },
      { address: workshop.address, displayName: workshop.name, members: [jonas.address, mina.address] },
    ],
    get mail() {
      mail ??= demoMail(now);
      return mail;
    },
  };
}

function demoMail(now: Date): DemoMail[] {
  const letters = [
    ...threadLetters(),
    ...plainLetters(),
    ...charsetLetters(),
    ...attachmentLetters(now),
    ...brokenLetters(),
    ...meetingLetters(now),
    ...smimeLetters(now),
  ];
  letters.sort((a, b) => b.daysAgo - a.daysAgo);
  return letters.flatMap((letter) => delivered(letter, now));
}

function account(user: DemoUser): DemoAccount {
  const { login, name, address: _address, aliases, ...rest } = user;
  return { name: login, displayName: name, aliases: [...aliases], company: COMPANY, ...rest };
}

// A user who wrote a letter has it in Sent Items, everybody it went to in the Inbox.
function delivered(letter: Letter, now: Date): DemoMail[] {
  const octets = letterOctets(letter, now);
  const received = sentAt(letter, now);
  const addressed = new Set([...letter.to, ...(letter.cc ?? [])].map(({ address }) => address));
  const mail: DemoMail[] = [];
  for (const user of demoUsers) {
    const sent = user.address === letter.from.address;
    const member = addressed.has(team.address) || (addressed.has(workshop.address) && user !== demoUsers[2]);
    if (!sent && !member && !addressed.has(user.address)) continue;
    const read = sent || (letter.read ?? letter.daysAgo > UNREAD_DAYS);
    mail.push({
      user: user.address,
      folder: sent ? 'Sent Items' : (letter.folder ?? 'Inbox'),
      octets,
      received,
      read,
      flagged: letter.flagged ?? false,
    });
  }
  return mail;
}
