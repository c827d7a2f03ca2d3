// Makes the demo organisation in a store: users, lists, and all their mail.
import { randomInt } from 'node:crypto';
import { newEmailProperties } from '../content/email-properties.ts';
import { derive } from '../mime/derive.ts';
import { type Account, applyOrganisation } from '../organisation/apply-organisation.ts';
import { checkOrganisation } from '../organisation/organisation-file.ts';
import { domainOf, localPartOf } from '../store/addresses.ts';
import type { DirectoryStore, User } from '../store/directory-store.ts';
import type { Folder, ItemWrite, NewMessage } from '../store/mailbox-store.ts';
import type { Store } from '../store/store.ts';
import { type DemoMail, demoOrganisation } from './demo-organisation.ts';
import { demoUsers } from './people.ts';

/** Characters that a phone's keyboard has on its first pages and that nobody mistakes for others. */
const letters = 'abcdefghkmnpqrstuvwxyz23456789';
/** About 58 bits. */
const passwordLength = 12;
/** Messages written as one unit of work. */
const batchSize = 20;

function newPassword(): string {
  return Array.from({ length: passwordLength }, () => letters[randomInt(letters.length)]).join('');
}

/** Logins for the demo, with new passwords. */
export function demoAccounts(): readonly Account[] {
  return demoUsers.map(({ address }) => ({ user: address, password: newPassword() }));
}

async function userOf(directory: DirectoryStore, address: string): Promise<User> {
  const user = await directory.userByLogin(localPartOf(address), domainOf(address));
  if (user === undefined) throw new Error(`the demo has no user ${address}`);
  return user;
}

/** The message as it is stored; each is derived once, however many have it. */
function newMessages(): (octets: Buffer) => NewMessage {
  const known = new Map<Buffer, NewMessage>();
  return (octets) => {
    let message = known.get(octets);
    if (message === undefined) {
      const { message: derived, bodies } = derive(octets);
      message = { octets, derived, bodies };
      known.set(octets, message);
    }
    return message;
  };
}

function writeOf(mail: DemoMail, folders: readonly Folder[], message: NewMessage): ItemWrite {
  const folder = folders.find(({ name }) => name === mail.folder);
  if (folder === undefined) throw new Error(`${mail.user} has no folder ${mail.folder}`);
  const received = mail.received.getTime();
  return {
    kind: 'create',
    folderId: folder.id,
    contentClass: 'Email',
    properties: newEmailProperties(message.derived, { read: mail.read, flagged: mail.flagged }),
    sortDate: received,
    filterDate: received,
    message,
  };
}

async function writeMail(store: Store, mail: readonly DemoMail[], onProgress: (line: string) => void): Promise<void> {
  const messageOf = newMessages();
  let done = 0;
  for (const address of new Set(mail.map(({ user }) => user))) {
    const { mailboxId } = await userOf(store.directory, address);
    const folders = await store.mailboxes.folders(mailboxId);
    const own = mail.filter(({ user }) => user === address);
    for (let start = 0; start < own.length; start += batchSize) {
      const batch = own.slice(start, start + batchSize);
      const writes = batch.map((one) => writeOf(one, folders, messageOf(one.octets)));
      await store.mailboxes.write(mailboxId, writes, 0);
      done += batch.length;
      onProgress(`Making the demo organisation: ${done} of ${mail.length} messages`);
    }
  }
}

/** Makes it, or makes it again when an earlier attempt was cut off: demo users that are there are removed first. */
export async function loadDemo(
  store: Store,
  accounts: readonly Account[],
  onProgress: (line: string) => void,
): Promise<void> {
  onProgress('Making the demo organisation: users');
  const { domain, users, groups, mail } = demoOrganisation(new Date());
  for (const { user } of accounts) {
    const left = await store.directory.userByLogin(localPartOf(user), domainOf(user));
    if (left !== undefined) await store.directory.removeUser(left.id);
  }
  const described = users.map((user) => {
    const account = accounts.find((one) => one.user === `${user.name}@${domain}`);
    if (account === undefined) throw new Error(`no password for ${user.name}`);
    return { ...user, password: account.password };
  });
  await applyOrganisation(checkOrganisation({ domains: [domain], users: described, groups }, 'demo'), { store });
  await writeMail(store, mail, onProgress);
  await store.durable();
}
