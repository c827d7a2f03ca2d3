// Makes the directory and mailboxes as a description says. Doing it again changes nothing and says so.
import { availableParallelism } from 'node:os';
import { hashPassword, verifyPassword } from '../directory/passwords.ts';
import type { DirectoryStore, User, UserFields } from '../store/directory-store.ts';
import type { Store } from '../store/store.ts';
import { OrganisationError, type OrganisationSource } from './organisation-file.ts';
import { type PlannedMail, type PlannedUser, planOrganisation } from './plan-organisation.ts';

/** What was done to one thing of the organisation. */
export interface AppliedStep {
  readonly kind: 'domain' | 'user' | 'group' | 'mail';
  /** The domain, the address, or `address: path` of an import. */
  readonly name: string;
  readonly outcome: 'created' | 'changed' | 'unchanged';
  /** Of an import: messages taken in, messages that were there before, and files that could not be read. */
  readonly messages?: { readonly imported: number; readonly present: number; readonly unreadable: number };
}

/** Brings one file, mbox or Maildir into a mailbox; what the mailbox has already is left out. */
export type ImportIntoMailbox = (user: User, mail: PlannedMail) => Promise<NonNullable<AppliedStep['messages']>>;

export interface ApplyOptions {
  readonly store: Store;
  readonly importMail: ImportIntoMailbox;
  /** Told of each step as it is done, and how many there are. */
  readonly onStep?: (step: AppliedStep, done: number, total: number) => void;
}

async function hashFor(directory: DirectoryStore, planned: PlannedUser): Promise<string | undefined> {
  if (planned.password === undefined) return undefined;
  const before = await directory.userByLogin(planned.name, planned.domain);
  const stays = before !== undefined && before.passwordHash !== '';
  if (stays && (await verifyPassword(before.passwordHash, planned.password))) return before.passwordHash;
  return hashPassword(planned.password);
}

async function putUser(directory: DirectoryStore, planned: PlannedUser): Promise<{ step: AppliedStep; user: User }> {
  const passwordHash = await hashFor(directory, planned);
  const fields: UserFields = { ...planned.fields, ...(passwordHash === undefined ? {} : { passwordHash }) };
  const outcome = await directory.putUser(planned.name, planned.domain, fields);
  const name = `${planned.name}@${planned.domain}`;
  if (outcome.kind === 'address-taken')
    throw new OrganisationError(`${name}: ${outcome.address} belongs to somebody else`);
  if (outcome.kind === 'unknown-domain')
    throw new OrganisationError(`${name}: ${planned.domain} is not one of the domains`);
  return { step: { kind: 'user', name, outcome: outcome.kind }, user: outcome.user };
}

/** Runs `work` on every entry, a few at a time, and keeps the order of the results. */
async function severalAtOnce<Entry, Result>(
  entries: readonly Entry[],
  work: (entry: Entry) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    while (next < entries.length) {
      const index = next++;
      results[index] = await work(entries[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker));
  return results;
}

/**
 * Checks everything, then does it, and resolves once it is on disk. Users and groups that are not described stay as they are. Throws
 * {@link OrganisationError} before anything is changed when the description cannot be carried out.
 */
export async function applyOrganisation(
  source: OrganisationSource,
  options: ApplyOptions,
): Promise<readonly AppliedStep[]> {
  const { store, importMail, onStep } = options;
  const { directory } = store;
  const plan = await planOrganisation(source, directory);
  const imports = plan.users.reduce((sum, user) => sum + user.mail.length, 0);
  const total = plan.domains.length + plan.users.length + plan.groups.length + imports;
  const steps: AppliedStep[] = [];
  const note = (step: AppliedStep) => {
    steps.push(step);
    onStep?.(step, steps.length, total);
  };
  for (const domain of plan.domains)
    note({ kind: 'domain', name: domain, outcome: (await directory.putDomain(domain)) ? 'created' : 'unchanged' });
  const users = await severalAtOnce(plan.users, (planned) => putUser(directory, planned));
  for (const { step } of users) note(step);
  for (const group of plan.groups) {
    const outcome = await directory.putGroup(group);
    if (outcome === 'address-taken' || outcome === 'unknown-domain')
      throw new OrganisationError(`${group.address}: ${outcome.replace('-', ' ')}`);
    note({ kind: 'group', name: group.address, outcome });
  }
  for (const [index, { user }] of users.entries())
    for (const mail of plan.users[index]!.mail) {
      const messages = await importMail(user, mail);
      const outcome = messages.imported > 0 ? 'changed' : 'unchanged';
      note({ kind: 'mail', name: `${user.addresses[0]}: ${mail.path}`, outcome, messages });
    }
  await store.durable();
  return steps;
}
