// What a newcomer needs to read after the start: what to type into a phone.
import { networkInterfaces } from 'node:os';
import type { RunningServer } from '../main.ts';

const everywhere = new Set(['0.0.0.0', '::']);

/** Addresses at which other machines reach this one: IPv4, not those of containers and the like that are inside only. */
function reachableAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

function servers({ bound }: RunningServer): readonly string[] {
  if (!everywhere.has(bound.host)) return [`${bound.host}:${bound.port}`];
  return [...reachableAddresses(), '127.0.0.1'].map((address) => `${address}:${bound.port}`);
}

function accountLines({ accounts }: RunningServer): readonly string[] {
  if (accounts.length === 0) return ['  User, password  those of a user: see `easel user list`, `easel user add`'];
  const width = Math.max(...accounts.map(({ user }) => user.length));
  return accounts.map(({ user, password }, index) => {
    const heading = index === 0 ? 'User, password' : '';
    return `  ${heading.padEnd(14)}  ${user.padEnd(width)}  ${password}`;
  });
}

/** The text that is printed when the server is ready. */
export function connectionText(running: RunningServer): string {
  const { url, lmtp, smtp, config } = running;
  const secure = url.startsWith('https:');
  const [first, ...others] = servers(running);
  const isLocal = running.bound.host.startsWith('127.') || running.bound.host === '::1';
  const lines = [
    '',
    `Easel is ready at ${url.replace('0.0.0.0', 'localhost')}`,
    '',
    'Type this into a phone (account type Exchange; docs/connect-a-phone.md):',
    `  Server          ${first}${others.length > 0 ? `   (or ${others.join(', ')})` : ''}`,
    '  Domain          leave it empty',
    ...accountLines(running),
    `  SSL             ${secure ? 'on' : 'off'}`,
    '',
    `  Mail in         LMTP ${lmtp ?? 'off'}, SMTP ${smtp ?? 'off'}`,
    '  Administration  on the command line (`easel --help`); pages for it come with a later version',
    `  Data            ${config.data}`,
    '',
  ];
  if (!secure && !isLocal)
    lines.push(
      'Without TLS, passwords cross the network in the clear: set tls.certificate and tls.key (docs/operations.md).',
      '',
    );
  return `${lines.join('\n')}\n`;
}
