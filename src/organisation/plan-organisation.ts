// Checks a description against itself, the files it names and the directory as it stands; what is left can be done without surprises.
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { domainOf, localPartOf, userAddresses } from '../store/addresses.ts';
import type { DirectoryStore, Group, UserFields } from '../store/directory-store.ts';
import { type DescribedUser, OrganisationError, type OrganisationSource } from './organisation-file.ts';

export interface PlannedMail {
  /** Absolute. */
  readonly path: string;
  readonly folder: string | undefined;
}

export interface PlannedUser {
  readonly name: string;
  readonly domain: string;
  /** Everything but the password's hash. */
  readonly fields: UserFields;
  readonly password: string | undefined;
  readonly mail: readonly PlannedMail[];
}

export interface OrganisationPlan {
  readonly domains: readonly string[];
  readonly users: readonly PlannedUser[];
  readonly groups: readonly Group[];
}

/** The largest photo, octets. */
const maximumPhotoSize = 512 * 1024;

interface Planning {
  readonly source: OrganisationSource;
  readonly directory: DirectoryStore;
  readonly domains: ReadonlySet<string>;
  /** Which key of the file an address was first seen at. */
  readonly taken: Map<string, string>;
  readonly faults: string[];
  /** The domain of names without one. */
  readonly home: string | undefined;
}

function complete(planning: Planning, nameOrAddress: string, key: string): string {
  if (nameOrAddress.includes('@')) return nameOrAddress;
  if (planning.home === undefined)
    planning.faults.push(`${key}: there is no domain yet: write it out, or list it in domains`);
  return `${nameOrAddress}@${planning.home}`;
}

/** Notes a fault when the address is used twice, lies outside, or belongs to somebody else in the directory. */
async function claim(planning: Planning, address: string, key: string, owner: { user?: string; group?: string }) {
  const { taken, faults, domains, directory } = planning;
  const before = taken.get(address);
  if (before !== undefined) {
    faults.push(`${key}: ${address} is used by ${before} already`);
    return;
  }
  taken.set(address, key);
  if (!domains.has(domainOf(address))) {
    faults.push(`${key}: ${domainOf(address)} is not one of the domains`);
    return;
  }
  const holder = await directory.resolve(address);
  if (holder.kind === 'user' && `${holder.user.name}@${holder.user.domain}` !== owner.user)
    faults.push(`${key}: ${address} belongs to the user ${holder.user.name}@${holder.user.domain}`);
  if (holder.kind === 'group' && holder.group.address !== owner.group)
    faults.push(`${key}: ${address} belongs to the group ${holder.group.address}`);
}

async function readPhoto(planning: Planning, user: DescribedUser, key: string): Promise<Buffer | null | undefined> {
  const { photo } = user;
  if (photo === undefined || photo === null) return photo;
  let octets: Buffer;
  if (typeof photo === 'string') {
    const file = resolve(planning.source.directory, photo);
    try {
      octets = await readFile(file);
    } catch (error) {
      planning.faults.push(`${key}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
      return undefined;
    }
  } else octets = Buffer.from(photo.base64, 'base64');
  const isJpeg = octets[0] === 0xff && octets[1] === 0xd8;
  const isPng = octets.subarray(0, 4).toString('latin1') === '\x89PNG';
  if (!isJpeg && !isPng) planning.faults.push(`${key}: is neither JPEG nor PNG`);
  if (octets.length > maximumPhotoSize) planning.faults.push(`${key}: is larger than ${maximumPhotoSize / 1024} KiB`);
  return octets;
}

async function planMail(planning: Planning, user: DescribedUser, key: string): Promise<readonly PlannedMail[]> {
  const planned: PlannedMail[] = [];
  for (const [index, { path, folder }] of (user.mail ?? []).entries())
    for (const one of typeof path === 'string' ? [path] : path) {
      const absolute = resolve(planning.source.directory, one);
      try {
        await stat(absolute);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        planning.faults.push(`${key}.mail[${index}].path: ${absolute} cannot be read (${code})`);
      }
      planned.push({ path: absolute, folder });
    }
  return planned;
}

async function planUser(planning: Planning, user: DescribedUser, key: string): Promise<PlannedUser> {
  const { name: written, password, activeSync, aliases, mail: _, photo: __, ...rest } = user;
  const address = complete(planning, written, `${key}.name`);
  const domain = domainOf(address);
  const name = localPartOf(address);
  await claim(planning, address, `${key}.name`, { user: address });
  const further = aliases === undefined ? undefined : userAddresses(name, domain, aliases).slice(1);
  for (const [index, alias] of (further ?? []).entries())
    await claim(planning, alias, `${key}.aliases[${index}]`, { user: address });
  const photo = await readPhoto(planning, user, `${key}.photo`);
  const fields: UserFields = {
    ...rest,
    ...(further === undefined ? {} : { aliases: further }),
    ...(photo === undefined ? {} : { photo }),
    ...(activeSync === undefined ? {} : { activeSyncEnabled: activeSync }),
  };
  return { name, domain, fields, password, mail: await planMail(planning, user, key) };
}

/** Says what there is to do. Throws {@link OrganisationError} with every fault; nothing is changed by looking. */
export async function planOrganisation(
  source: OrganisationSource,
  directory: DirectoryStore,
): Promise<OrganisationPlan> {
  const { organisation } = source;
  const known = await directory.domains();
  const domains = new Set([...known, ...organisation.domains]);
  const home = organisation.domains[0] ?? (known.length === 1 ? known[0] : undefined);
  const planning: Planning = { source, directory, domains, home, taken: new Map(), faults: [] };
  const users: PlannedUser[] = [];
  for (const [index, user] of organisation.users.entries())
    users.push(await planUser(planning, user, `users[${index}]`));
  const groups: Group[] = [];
  for (const [index, group] of organisation.groups.entries()) {
    const key = `groups[${index}]`;
    const address = complete(planning, group.address, `${key}.address`);
    await claim(planning, address, `${key}.address`, { group: address });
    const members = group.members.map((member, at) => complete(planning, member, `${key}.members[${at}]`));
    groups.push({ address, displayName: group.displayName ?? localPartOf(address), members: [...new Set(members)] });
  }
  if (planning.faults.length > 0)
    throw new OrganisationError([...new Set(planning.faults)].map((fault) => `${source.source}: ${fault}`).join('\n'));
  return { domains: organisation.domains, users, groups };
}
