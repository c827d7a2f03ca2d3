// `easel mail import`: brings mail from elsewhere into a user's mailbox.
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { domainOf, localPartOf, normalAddress } from '../store/addresses.ts';
import type { ImportProgress, ImportReport } from '../transport/import/import-mail.ts';
import { importMail } from '../transport/import/import-mail.ts';
import {
  CommandLineError,
  type DataOptions,
  type OutputOptions,
  withDataOptions,
  withOutputOptions,
  withStore,
} from './command-line.ts';
import { print } from './output.ts';
import { progressLine } from './progress-line.ts';

type Options = DataOptions & OutputOptions & { readonly folder?: string; readonly read?: true };

const shownUnreadable = 20;

function progressText({ imported, present, unreadable, octets, current }: ImportProgress): string {
  const mebibytes = (octets / 1024 / 1024).toFixed(1);
  return `${imported} imported (${mebibytes} MiB), ${present} there already, ${unreadable} unreadable: ${current}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function words(report: ImportReport): string {
  const lines = [`${count(report.imported, 'message')} imported, ${report.present} there already.`];
  if (report.unreadableCount > 0) {
    lines.push(`${count(report.unreadableCount, 'message')} could not be read:`);
    lines.push(...report.unreadable.slice(0, shownUnreadable).map(({ origin, reason }) => `  ${origin}: ${reason}`));
    if (report.unreadableCount > shownUnreadable) lines.push('  ... (--json shows more)');
  }
  if (!report.complete) lines.push('Interrupted: the same command goes on where this one stopped.');
  return `${lines.join('\n')}\n`;
}

async function run(login: string, path: string, options: Options): Promise<void> {
  await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new CommandLineError(`${path}: ${error.code === 'ENOENT' ? 'there is nothing' : error.message}`);
  });
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  try {
    await withStore(options, async (store) => {
      const name = normalAddress(login);
      const user = await store.directory.userByLogin(localPartOf(name), domainOf(name) || undefined);
      if (user === undefined) {
        throw new CommandLineError(`there is no user ${login}, or more than one: write the domain out`);
      }
      const progress = progressLine();
      const report = await importMail({
        store,
        user,
        path,
        ...(options.folder === undefined ? {} : { folder: options.folder }),
        markRead: options.read ?? false,
        onProgress: (state) => progress.show(progressText(state)),
        signal: interrupted.signal,
      });
      progress.end();
      print(options.json, { user: user.addresses[0], path, ...report }, () => words(report));
      if (!report.complete) process.exitCode = 130;
      else if (report.unreadableCount > 0) process.exitCode = 3;
    });
  } finally {
    process.off('SIGINT', interrupt);
  }
}

/** Adds the verb `mail` to the program. Exit code 3: some messages could not be read; 130: interrupted. */
export function registerMail(program: Command): void {
  const mail = program.command('mail').description('bring mail in');
  const definition = mail
    .command('import <user> <path>')
    .description('import an .eml file, an mbox file, a Maildir, or a directory of these; run again, it goes on')
    .option('--folder <name>', 'folder for what lies at the top of the path, / between names (default: the Inbox)')
    .option('--read', 'mark everything as read');
  withOutputOptions(withDataOptions(definition)).action(run);
}
