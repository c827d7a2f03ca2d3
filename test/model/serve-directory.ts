// The server of the model test as a process of its own, so that it can be killed: one JSON argument, one JSON line when ready.
import { startServer } from '../../src/main.ts';

const { data, httpPort, lmtpPort } = JSON.parse(process.argv[2] ?? '{}');
const host = '127.0.0.1';
const server = await startServer({
  settings: {
    data,
    demo: false,
    listen: { host, port: httpPort },
    lmtp: { host, port: lmtpPort },
    smtp: { enabled: false },
    log: { level: process.env['MODEL_LOG'] === undefined ? 'silent' : 'info' },
  },
});
process.stdout.write(`${JSON.stringify({ url: server.activesync, lmtp: server.lmtp })}\n`);
process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
// Whoever started it is gone.
process.stdin.resume().once('end', () => process.exit(0));
