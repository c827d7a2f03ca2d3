// A process of its own that takes mail over LMTP into a database file: for being killed. Arguments: the file. Prints its port.
import { pino } from 'pino';
import { openStore } from '../../src/store/open-store.ts';
import { mailDelivery } from '../../src/transport/delivery.ts';
import { listenForMail } from '../../src/transport/listeners.ts';

const [file = ''] = process.argv.slice(2);
const logger = pino({ level: 'silent' });
const store = await openStore({ kind: 'sqlite', file });
const delivery = mailDelivery({ store, logger, now: Date.now });
const options = { protocol: 'lmtp', host: '127.0.0.1', port: 0, hostname: 'mail.example.test' } as const;
const { port } = await listenForMail(options, { store, delivery, logger, now: Date.now });
process.stdout.write(`${port}\n`);
