// The server that run.ts measures, in a process of its own, on a database file. Arguments: data directory, number of users.
import { startServer } from '../../src/main.ts';

export interface ServerFacts {
  readonly activesync: string;
  readonly lmtp: string;
  /** Of the process so far, user and system. */
  readonly cpuMicroseconds: number;
}

const [data = '', users = '1'] = process.argv.slice(2);
const server = await startServer({
  settings: {
    data,
    listen: { host: '127.0.0.1', port: 0 },
    lmtp: { port: 0 },
    smtp: { enabled: false },
    log: { level: 'warn' },
  },
  organisation: {
    domains: ['example.test'],
    users: Array.from({ length: Number(users) }, (_, at) => ({ name: `user${at}@example.test`, password: 'secret' })),
  },
});

function facts(): ServerFacts {
  const { user, system } = process.cpuUsage();
  return { activesync: server.activesync, lmtp: server.lmtp ?? '', cpuMicroseconds: user + system };
}

process.on('message', () => process.send?.(facts()));
process.on('disconnect', () => void server.close().then(() => process.exit()));
process.send?.(facts());
