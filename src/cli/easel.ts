#!/usr/bin/env node
// The command line of Easel. Exit code 1 when a verb failed, 2 when it was called wrongly.
import { Command, CommanderError } from 'commander';
import { registerApply } from './apply.ts';
import { errorText, tell } from './command-line.ts';
import { registerGroup } from './group.ts';
import { registerMail } from './mail.ts';
import { registerServe } from './serve.ts';
import { registerUser } from './user.ts';
import { registerWbxml } from './wbxml.ts';

function easel(): Command {
  const program = new Command('easel').description('An Exchange ActiveSync server').version('0.1.0');
  // Verbs inherit these, so they come first.
  program.exitOverride().showSuggestionAfterError().configureHelp({ sortSubcommands: true });
  registerServe(program);
  registerApply(program);
  registerUser(program);
  registerGroup(program);
  registerMail(program);
  registerWbxml(program);
  return program;
}

try {
  await easel().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    tell(`easel: ${errorText(error)}`);
    process.exitCode = 1;
  }
}
