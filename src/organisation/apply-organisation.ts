// Makes the directory and mailboxes as a description says. Doing it again changes nothing and says so.
import { availableParallelism } from 'node:os';
import { hashPassword, verifyPassword } from '../directory/passwords.ts';
import type { DirectoryStore, User, UserFields } from '../store/directory-store.ts';
import type { Store } from '../store/store.ts';
import { type ImportReport, importMail } from '../transport/import/import-mail.ts';
import { OrganisationError, type OrganisationSource } from './organisation-file.ts';
import { type PlannedMail, type PlannedUser, planOrganisation } from './plan-organisation.ts';

/** What was done to one thing of the organisation. */
export interface AppliedStep {
  readonly kind: 'domain' | 'user' | 'group' | 'mail';
  /** The domain, the address, or `address: path` of an import. */
  readonly name: string;
  readonly outcome: 'created' | 'changed' | 'unchanged';
  /** Of an import: messages taken in, messages that were there before, and what could not be read. */
  readonly messages?: Pick<ImportReport, 'imported' | 'present' | 'unreadable'>;
}

/** A login whose password is known, because it was written down or made up just now. `user` is an address. */
export interface Account {
  readonly user: string;
  readonly password: string;
}

export interface AppliedOrganisation {
  readonly steps: readonly AppliedStep[];
  /** Of the users that were described with a password. */
  readonly accounts: readonly Account[];
}

export interface ApplyOptions {
  readonly store: Store;
  /** Told what is done now, whenever that changes. */
  readonly onProgress?: (line: string) => void;
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

async function importInto(user: User, mail: PlannedMail, options: ApplyOptions): Promise<AppliedStep> {
  const name = `${user.addresses[0]}: ${mail.path}`;
  const report = await importMail({
    store: options.store,
    user,
    path: mail.path,
    ...(mail.folder === undefined ? {} : { folder: mail.folder }),
    onProgress: ({ imported, present }) => options.onProgress?.(`${name}: ${imported + present} messages`),
  });
  const messages = { imported: report.imported, present: report.present, unreadable: report.unreadable };
  return { kind: 'mail', name, outcome: report.imported > 0 ? 'changed' : 'unchanged', messages };
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
): Promise<AppliedOrganisation> {
  const { store, onProgress } = options;
  const { directory } = store;
  const plan = await planOrganisation(source, directory);
  const steps: AppliedStep[] = [];
  for (const domain of plan.domains)
    steps.push({
      kind: 'domain',
      name: domain,
      outcome: (await directory.putDomain(domain)) ? 'created' : 'unchanged',
    });
  let done = 0;
  const users = await severalAtOnce(plan.users, async (planned) => {
    const result = await putUser(directory, planned);
    onProgress?.(`users: ${++done} of ${plan.users.length}`);
    return result;
  });
  for (const { step } of users) steps.push(step);
  for (const group of plan.groups) {
    const outcome = await directory.putGroup(group);
    if (outcome === 'address-taken' || outcome === 'unknown-domain')
      throw new OrganisationError(`${group.address}: ${outcome.replace('-', ' ')}`);
    steps.push({ kind: 'group', name: group.address, outcome });
  }
  for (const [index, { user }] of users.entries())
    for (const mail of plan.users[index]!.mail) steps.push(await importInto(user, mail, options));
  await store.durable();
  const accounts = plan.users.flatMap(({ name, domain, password }) =>
    password === undefined ? [] : [{ user: `${name}@${domain}`, password }],
  );
  return { steps, accounts };
}
