// What a server finds when it is ready: an organisation that it was told to apply, else, in an empty directory, the demo.
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { verifyPassword } from '../directory/passwords.ts';
import { type Account, applyOrganisation } from '../organisation/apply-organisation.ts';
import {
  checkOrganisation,
  type OrganisationDescription,
  readOrganisation,
} from '../organisation/organisation-file.ts';
import { domainOf, localPartOf } from '../store/addresses.ts';
import type { Store } from '../store/store.ts';
import { demoAccounts, loadDemo } from './load-demo.ts';

const demoRecord = z.strictObject({
  /** False while the demo is being made: a start that finds it makes it again. */
  complete: z.boolean(),
  accounts: z.array(z.strictObject({ user: z.string(), password: z.string() })),
});
type DemoRecord = z.infer<typeof demoRecord>;

export interface Preparation {
  /** A file, or what it would hold. */
  readonly organisation: string | OrganisationDescription | undefined;
  /** Whether an empty directory gets the demo. */
  readonly demo: boolean;
  /** Where the demo's passwords are kept, for its owner's eyes only; nowhere when absent. */
  readonly demoFile: string | undefined;
  readonly onProgress: (line: string) => void;
}

async function applied(
  store: Store,
  given: string | OrganisationDescription,
  onProgress: (line: string) => void,
): Promise<readonly Account[]> {
  const source = typeof given === 'string' ? await readOrganisation(given) : checkOrganisation(given);
  return (await applyOrganisation(source, { store, onProgress })).accounts;
}

async function readRecord(file: string | undefined): Promise<DemoRecord | undefined> {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return demoRecord.parse(JSON.parse(text));
}

async function writeRecord(file: string | undefined, record: DemoRecord): Promise<void> {
  if (file !== undefined) await writeFile(file, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}

/** The accounts whose passwords are still those that the demo was made with. */
async function unchanged({ directory }: Store, accounts: readonly Account[]): Promise<readonly Account[]> {
  const kept: Account[] = [];
  for (const account of accounts) {
    const user = await directory.userByLogin(localPartOf(account.user), domainOf(account.user));
    if (user !== undefined && (await verifyPassword(user.passwordHash, account.password))) kept.push(account);
  }
  return kept;
}

async function demoOf(store: Store, { demo, demoFile, onProgress }: Preparation): Promise<readonly Account[]> {
  const before = await readRecord(demoFile);
  const isEmpty = (await store.directory.domains()).length === 0;
  if (!isEmpty && before === undefined) return [];
  if (!isEmpty && before?.complete) return unchanged(store, before.accounts);
  if (!demo) return [];
  const accounts = [...(before?.accounts ?? demoAccounts())];
  await writeRecord(demoFile, { complete: false, accounts });
  await loadDemo(store, accounts, onProgress);
  await writeRecord(demoFile, { complete: true, accounts });
  return accounts;
}

/** Applies what was given or makes the demo. The accounts that may be shown. */
export async function prepareOrganisation(store: Store, preparation: Preparation): Promise<readonly Account[]> {
  const { organisation, onProgress } = preparation;
  if (organisation !== undefined) return applied(store, organisation, onProgress);
  return demoOf(store, preparation);
}
