// `easel group …`: distribution lists.
import type { Command } from 'commander';
import { addressFault } from '../organisation/organisation-file.ts';
import { domainOf, localPartOf, normalAddress } from '../store/addresses.ts';
import {
  CommandLineError,
  type DataOptions,
  type OutputOptions,
  withDataOptions,
  withOutputOptions,
  withStore,
} from './command-line.ts';
import { print, table } from './output.ts';

type Options = DataOptions & OutputOptions;

async function put(
  address: string,
  members: readonly string[],
  options: Options & { displayName?: string },
): Promise<void> {
  for (const one of [address, ...members]) {
    const fault = addressFault(one);
    if (fault !== undefined) throw new CommandLineError(`${one}: ${fault}`);
  }
  await withStore(options, async ({ directory }) => {
    const full = normalAddress(address);
    const before = (await directory.groups()).find((group) => group.address === full);
    const displayName = options.displayName ?? before?.displayName ?? localPartOf(full);
    const outcome = await directory.putGroup({ address: full, displayName, members: members.map(normalAddress) });
    if (outcome === 'address-taken') throw new CommandLineError(`${full} belongs to a user`);
    if (outcome === 'unknown-domain') throw new CommandLineError(`${domainOf(full)} is not one of the domains`);
    print(options.json, { group: full, outcome }, () => `${full}: ${outcome}\n`);
  });
}

async function list(options: Options): Promise<void> {
  await withStore(options, async ({ directory }) => {
    const groups = await directory.groups();
    print(options.json, groups, () =>
      table(
        ['GROUP', 'NAME', 'MEMBERS'],
        groups.map((group) => [group.address, group.displayName, group.members.join(', ')]),
      ),
    );
  });
}

async function remove(address: string, options: Options): Promise<void> {
  await withStore(options, async ({ directory }) => {
    const full = normalAddress(address);
    if (!(await directory.removeGroup(full))) throw new CommandLineError(`there is no group ${full}`);
    print(options.json, { group: full, outcome: 'removed' }, () => `${full}: removed\n`);
  });
}

/** Adds the verb `group` to the program. */
export function registerGroup(program: Command): void {
  const group = program.command('group').description('distribution lists');
  const verb = (definition: string, description: string) =>
    withOutputOptions(withDataOptions(group.command(definition).description(description)));
  verb('put <address> <members...>', 'make a list, or give it these members')
    .option('--display-name <name>', 'name in address lists')
    .action(put);
  verb('list', 'show all lists').action(list);
  verb('remove <address>', 'remove a list').action(remove);
}
