// Passwords come from the keyboard without being shown, or from standard input; never from the command line, where `ps` shows them.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { maximumPasswordLength } from '../directory/passwords.ts';
import { CommandLineError } from './command-line.ts';

export interface PasswordOptions {
  readonly passwordStdin?: true;
}

async function firstLine(): Promise<string> {
  const limit = 4 * maximumPasswordLength + 2;
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    text += chunk;
    if (text.includes('\n') || text.length > limit) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}

/** Asks on the terminal; `hidden` shows nothing of the answer. */
export function ask(question: string, hidden: boolean): Promise<string> {
  process.stderr.write(question);
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr;
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  return new Promise((resolve, reject) => {
    terminal.on('SIGINT', () => terminal.close());
    terminal.once('close', () => reject(new CommandLineError('given up')));
    terminal.once('line', (line) => {
      resolve(line);
      terminal.close();
      if (hidden) process.stderr.write('\n');
    });
  });
}

/** The password to set. Throws {@link CommandLineError} for an empty or overlong one. */
export async function readPassword(options: PasswordOptions): Promise<string> {
  let password: string;
  if (options.passwordStdin) password = await firstLine();
  else if (process.stdin.isTTY) {
    password = await ask('Password: ', true);
    if ((await ask('Once more: ', true)) !== password) throw new CommandLineError('the two passwords differ');
  } else throw new CommandLineError('no terminal to ask for the password on: pipe it in and give --password-stdin');
  if (password.length === 0 || password.length > maximumPasswordLength)
    throw new CommandLineError(`a password has 1 to ${maximumPasswordLength} characters`);
  return password;
}
