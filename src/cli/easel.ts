#!/usr/bin/env node
// The command line of Easel. Exit code 1 when a verb failed, 2 when it was called wrongly.
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { registerApply } from './apply.ts';
import { errorText, tell } from './command-line.ts';
import { registerGroup } from './group.ts';
import { registerMail } from './mail.ts';
import { registerServe } from './serve.ts';
import { registerUser } from './user.ts';
import { registerWbxml } from './wbxml.ts';

const { version } = createRequire(import.meta.url)('easel/package.json') as { readonly version: string };

function easel(): Command {
  const program = new Command('easel').description('An Exchange ActiveSync server').version(version);
  // Verbs inherit this, so it comes first.
  program.exitOverride().showSuggestionAfterError();
  registerServe(program);
  registerApply(program);
  registerUser(program);
  registerGroup(program);
  registerMail(program);
  registerWbxml(program);
  return program;
}

// What is written is mail and passwords: for the owner only, whatever the user's own setting.
process.umask(0o077);

try {
  await easel().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    tell(`easel: ${errorText(error)}`);
    process.exitCode = 1;
  }
}
