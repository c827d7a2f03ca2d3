// `easel user …`: adds, shows and changes users one at a time.
import type { Command } from 'commander';
import { hashPassword } from '../directory/passwords.ts';
import { addressFault } from '../organisation/organisation-file.ts';
import { domainOf, localPartOf, normalAddress } from '../store/addresses.ts';
import type { DirectoryStore, User, UserFields } from '../store/directory-store.ts';
import {
  CommandLineError,
  type DataOptions,
  type OutputOptions,
  withDataOptions,
  withOutputOptions,
  withStore,
} from './command-line.ts';
import { print, table } from './output.ts';
import { ask, type PasswordOptions, readPassword } from './password-input.ts';

type Options = DataOptions & OutputOptions;

interface FieldOptions {
  readonly alias?: readonly string[];
  readonly displayName?: string;
  readonly givenName?: string;
  readonly familyName?: string;
  readonly addDomain?: true;
}

/** A user as programs see it: everything but the password's hash and the photo's octets. */
function view(user: User) {
  const { id: _id, mailboxId: _mailbox, passwordHash: _hash, photo, addresses, activeSyncEnabled, ...rest } = user;
  const aliases = addresses.slice(1);
  return { address: addresses[0], aliases, ...rest, activeSync: activeSyncEnabled, photoSize: photo?.length ?? 0 };
}

function state(user: User): string {
  if (!user.enabled) return 'disabled';
  return user.activeSyncEnabled ? 'enabled' : 'no ActiveSync';
}

async function find(directory: DirectoryStore, login: string): Promise<User> {
  const name = normalAddress(login);
  const domain = domainOf(name);
  const user = await directory.userByLogin(localPartOf(name), domain === '' ? undefined : domain);
  if (user === undefined)
    throw new CommandLineError(`there is no user ${login}, or more than one: write the domain out`);
  return user;
}

async function put(
  directory: DirectoryStore,
  name: string,
  domain: string,
  fields: UserFields,
): Promise<'created' | 'changed' | 'unchanged'> {
  const outcome = await directory.putUser(name, domain, fields);
  if (outcome.kind === 'address-taken') throw new CommandLineError(`${outcome.address} belongs to somebody else`);
  if (outcome.kind === 'unknown-domain')
    throw new CommandLineError(
      `${domain} is not one of the domains (${(await directory.domains()).join(', ')}); --add-domain makes it one`,
    );
  return outcome.kind;
}

async function add(address: string, options: Options & FieldOptions & PasswordOptions): Promise<void> {
  const fault = addressFault(address);
  if (fault !== undefined) throw new CommandLineError(`${address}: ${fault}`);
  const full = normalAddress(address);
  await withStore(options, async ({ directory }) => {
    if ((await directory.resolve(full)).kind === 'user') throw new CommandLineError(`there is a user ${full} already`);
    const passwordHash = await hashPassword(await readPassword(options));
    const isFirst = (await directory.domains()).length === 0;
    if (isFirst || options.addDomain) await directory.putDomain(domainOf(full));
    const { alias, displayName, givenName, familyName } = options;
    const fields: UserFields = {
      passwordHash,
      ...(alias === undefined ? {} : { aliases: alias }),
      ...(displayName === undefined ? {} : { displayName }),
      ...(givenName === undefined ? {} : { givenName }),
      ...(familyName === undefined ? {} : { familyName }),
    };
    await put(directory, localPartOf(full), domainOf(full), fields);
    print(options.json, { user: full, outcome: 'created' }, () => `${full}: created\n`);
  });
}

/** Changes one user and says what became of it. */
async function change(login: string, options: Options, fields: () => Promise<UserFields>): Promise<void> {
  await withStore(options, async ({ directory }) => {
    const user = await find(directory, login);
    const outcome = await put(directory, user.name, user.domain, await fields());
    print(options.json, { user: user.addresses[0], outcome }, () => `${user.addresses[0]}: ${outcome}\n`);
  });
}

async function list(options: Options): Promise<void> {
  await withStore(options, async ({ directory }) => {
    const users = await directory.users();
    print(options.json, users.map(view), () =>
      table(
        ['USER', 'NAME', 'STATE', 'ALIASES'],
        users.map((user) => [
          user.addresses[0] ?? '',
          user.displayName,
          state(user),
          user.addresses.slice(1).join(', '),
        ]),
      ),
    );
  });
}

async function remove(login: string, options: Options & { readonly yes?: true }): Promise<void> {
  await withStore(options, async ({ directory }) => {
    const user = await find(directory, login);
    const address = user.addresses[0] ?? user.name;
    if (!options.yes && process.stdin.isTTY) {
      const answer = await ask(
        `Remove ${address} with the mailbox and everything in it? Type the address to go on: `,
        false,
      );
      if (normalAddress(answer) !== address) throw new CommandLineError('nothing was removed');
    }
    await directory.removeUser(user.id);
    print(options.json, { user: address, outcome: 'removed' }, () => `${address}: removed\n`);
  });
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Adds the verb `user` to the program. */
export function registerUser(program: Command): void {
  const user = program.command('user').description('add, show and change users');
  const verb = (definition: string, description: string) =>
    withOutputOptions(withDataOptions(user.command(definition).description(description)));
  const passwordStdin = ['--password-stdin', 'read the password from the first line of standard input'] as const;
  verb('add <address>', 'add a user; asks for the password')
    .option(...passwordStdin)
    .option('--alias <address>', 'a further address; may be repeated', collect)
    .option('--display-name <name>', 'name in address lists')
    .option('--given-name <name>', 'given name')
    .option('--family-name <name>', 'family name')
    .option('--add-domain', 'make the domain one of ours when it is not yet')
    .action(add);
  verb('list', 'show all users').action(list);
  verb('password <user>', 'set the password; asks for it')
    .option(...passwordStdin)
    .action((login: string, options: Options & PasswordOptions) =>
      change(login, options, async () => ({ passwordHash: await hashPassword(await readPassword(options)) })),
    );
  for (const [name, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const)
    verb(`${name} <user>`, enabled ? 'let the user log in again' : 'refuse every login; mail still arrives')
      .option('--activesync', 'phones only, not other logins')
      .action((login: string, options: Options & { readonly activesync?: true }) =>
        change(login, options, async () => (options.activesync ? { activeSyncEnabled: enabled } : { enabled })),
      );
  verb('remove <user>', 'remove a user and the whole mailbox').option('--yes', 'do not ask').action(remove);
}
