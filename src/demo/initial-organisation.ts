// What a server finds when it is ready: an organisation that it was told to apply, else, in an empty directory, the demo.
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { applyOrganisation } from '../organisation/apply-organisation.ts';
import {
  checkOrganisation,
  type OrganisationDescription,
  readOrganisation,
} from '../organisation/organisation-file.ts';
import type { Store } from '../store/store.ts';
import { loadDemo } from './load-demo.ts';

const account = z.strictObject({ user: z.string(), password: z.string() });

/** A login whose password is known, because it was written down or made up just now. */
export type Account = Readonly<z.infer<typeof account>>;

export interface Preparation {
  /** A file, or what it would hold. */
  readonly organisation: string | OrganisationDescription | undefined;
  /** Whether an empty directory gets the demo. */
  readonly demo: boolean;
  /** Where the passwords of the demo are kept, for its owner's eyes only; nowhere when absent. */
  readonly accountsFile: string | undefined;
  readonly onProgress: (line: string) => void;
}

async function applied(store: Store, given: string | OrganisationDescription, onProgress: (line: string) => void) {
  const source = typeof given === 'string' ? await readOrganisation(given) : checkOrganisation(given);
  await applyOrganisation(source, { store, onProgress });
  const { directory } = store;
  const accounts: Account[] = [];
  const domains = source.organisation.domains.length > 0 ? source.organisation.domains : await directory.domains();
  for (const { name, password } of source.organisation.users)
    if (password !== undefined) accounts.push({ user: name.includes('@') ? name : `${name}@${domains[0]}`, password });
  return accounts;
}

/** The accounts of a demo that an earlier start made; none when its passwords are not kept. */
async function keptAccounts(file: string | undefined): Promise<readonly Account[]> {
  if (file === undefined) return [];
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return z.array(account).parse(JSON.parse(text));
}

/** Applies what was given or makes the demo. The accounts that may be shown. */
export async function prepareOrganisation(store: Store, preparation: Preparation): Promise<readonly Account[]> {
  const { organisation, demo, accountsFile, onProgress } = preparation;
  if (organisation !== undefined) return applied(store, organisation, onProgress);
  if ((await store.directory.domains()).length > 0) return keptAccounts(accountsFile);
  if (!demo) return [];
  const accounts = await loadDemo(store, onProgress);
  if (accountsFile !== undefined)
    await writeFile(accountsFile, `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 });
  await store.durable();
  return accounts;
}
