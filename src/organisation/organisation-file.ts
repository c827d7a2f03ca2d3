// An organisation described in YAML or JSON: domains, users, groups, mail to import. Read and checked whole before anything is done.
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { maximumPasswordLength } from '../directory/passwords.ts';
import { issueLines } from './issue-lines.ts';

/** YAML reads an unquoted telephone number as a number and drops its +. */
const text = z.string('must be text: put it in quotes').max(256);
const domain = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i, 'must be a domain name')
  .toLowerCase();
/** A dot-atom without domain (RFC 5322 section 3.2.3, Atom). */
const localPart = /^[^\s"(),:;<>@[\\\]\p{Cc}]{1,64}$/u;
const address = z
  .string()
  .max(320)
  .refine((value) => {
    const at = value.lastIndexOf('@');
    return at > 0 && localPart.test(value.slice(0, at)) && domain.safeParse(value.slice(at + 1)).success;
  }, 'must be an address like name@example.org')
  .toLowerCase();
const nameOrAddress = z
  .string()
  .max(320)
  .refine((value) => localPart.test(value) || address.safeParse(value).success, 'must be a name or an address')
  .toLowerCase();

const photo = z.union([
  z.string().min(1).describe('path of a JPEG or PNG file'),
  z.strictObject({ base64: z.base64().max(700_000) }),
  z.null(),
]);

const mail = z.strictObject({
  path: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(1000)]),
  folder: z.string().min(1).max(256).optional(),
});

const user = z
  .strictObject({
    name: nameOrAddress,
    password: z.string().min(1).max(maximumPasswordLength).optional(),
    passwordHash: z
      .string()
      .regex(/^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/, 'must be argon2id in PHC form')
      .optional(),
    aliases: z.array(nameOrAddress).max(100).optional(),
    displayName: text.optional(),
    givenName: text.optional(),
    familyName: text.optional(),
    phone: text.optional(),
    mobile: text.optional(),
    office: text.optional(),
    title: text.optional(),
    company: text.optional(),
    department: text.optional(),
    photo: photo.optional(),
    enabled: z.boolean().optional(),
    activeSync: z.boolean().optional(),
    mail: z.array(mail).max(100).optional(),
  })
  .refine((value) => value.password === undefined || value.passwordHash === undefined, {
    path: ['passwordHash'],
    message: 'cannot be given together with password',
  });

const group = z.strictObject({
  address: nameOrAddress,
  displayName: text.optional(),
  members: z.array(nameOrAddress).max(10_000).default([]),
});

const schema = z.strictObject({
  domains: z.array(domain).max(1000).default([]),
  users: z.array(user).max(100_000).default([]),
  groups: z.array(group).max(10_000).default([]),
});

/** An organisation as somebody writes it down. */
export type OrganisationDescription = z.input<typeof schema>;
/** The same with its defaults. */
export type Organisation = z.output<typeof schema>;
export type DescribedUser = Organisation['users'][number];
export type DescribedGroup = Organisation['groups'][number];

/** An organisation together with where it came from. */
export interface OrganisationSource {
  readonly organisation: Organisation;
  /** The file's name as it is shown in errors. */
  readonly source: string;
  /** What relative paths in it start from. */
  readonly directory: string;
}

/** A description that cannot be used; nothing was changed. The message is one line for each fault. */
export class OrganisationError extends Error {
  override name = 'OrganisationError';
}

/** The largest description, octets. */
const maximumFileSize = 64 * 1024 * 1024;

/** Checks a description that a program made. Relative paths start from `directory`. Throws {@link OrganisationError}. */
export function checkOrganisation(
  description: unknown,
  source = 'organisation',
  directory = process.cwd(),
): OrganisationSource {
  const checked = schema.safeParse(description ?? {});
  if (!checked.success) throw new OrganisationError(issueLines(checked.error, source).join('\n'));
  return { organisation: checked.data, source, directory };
}

/** Reads a YAML or JSON file. Throws {@link OrganisationError}. */
export async function readOrganisation(file: string): Promise<OrganisationSource> {
  let content: string;
  try {
    if ((await stat(file)).size > maximumFileSize) throw new OrganisationError(`${file}: is larger than 64 MiB`);
    content = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof OrganisationError) throw error;
    throw new OrganisationError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  let description: unknown;
  try {
    description = parse(content);
  } catch (error) {
    if (error instanceof YAMLParseError) throw new OrganisationError(`${file}: ${error.message.split('\n')[0]}`);
    throw error;
  }
  return checkOrganisation(description, file, dirname(resolve(file)));
}

/** Why something is no address that a user or group could have; undefined when it is one. */
export function addressFault(candidate: string): string | undefined {
  return address.safeParse(candidate).error?.issues[0]?.message;
}
