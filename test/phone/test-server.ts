// A server for conversations over real HTTP and LMTP, in this process, with every answer kept to be validated at the end.
import { Phone, type PhoneOptions, type WireExchange } from '../../src/client/index.ts';
import { type RunningServer, type StartOptions, startServer } from '../../src/main.ts';
import { decode, type Element } from '../../wbxml/index.ts';
import { LmtpSession } from '../lmtp.ts';
import { assertValidResponses } from '../xsd.ts';

const organisation = {
  domains: ['conversation.example'],
  users: [
    { name: 'anna', password: 'secret of anna', displayName: 'Anna Arber', givenName: 'Anna', familyName: 'Arber' },
    { name: 'ben', password: 'secret of ben', displayName: 'Ben Brook' },
  ],
};

export type User = 'anna' | 'ben';

/** A running server and the phones that talk to it. */
export class TestServer {
  readonly running: RunningServer;
  /** Every exchange of phones made here. */
  readonly exchanges: WireExchange[] = [];
  readonly #phones: Phone[] = [];
  readonly #lmtp: LmtpSession;

  private constructor(running: RunningServer) {
    this.running = running;
    this.#lmtp = new LmtpSession(running.lmtp ?? '');
  }

  static async start(options: StartOptions = { organisation }): Promise<TestServer> {
    return new TestServer(await startServer({ ephemeral: true, settings: { log: { level: 'silent' } }, ...options }));
  }

  address(user: User): string {
    return `${user}@conversation.example`;
  }

  /** A phone of a user. Its answers are validated when the server is closed. */
  phone(user: User | { readonly user: string; readonly password: string }, options: Partial<PhoneOptions> = {}): Phone {
    const account = typeof user === 'string' ? { user, password: `secret of ${user}` } : user;
    const phone = new Phone({
      url: this.running.activesync,
      deviceId: `PHONE${this.#phones.length}`,
      onExchange: (exchange) => this.exchanges.push(exchange),
      ...account,
      ...options,
    });
    this.#phones.push(phone);
    return phone;
  }

  /** Delivers octets to a user from outside. */
  async deliver(user: User, octets: Buffer | string): Promise<void> {
    await this.#lmtp.deliver({
      sender: 'outside@example.net',
      recipients: [this.address(user)],
      octets: Buffer.isBuffer(octets) ? octets : Buffer.from(octets),
    });
  }

  /** Closes everything; then fails when an answer was not as its schema has it. */
  async close(): Promise<void> {
    for (const phone of this.#phones) phone.close();
    await this.#lmtp.close();
    await this.running.close();
    const answers = new Map<string, Element[]>();
    for (const { command, status, headers, body } of this.exchanges) {
      if (status !== 200 || body.length === 0 || headers['content-type'] !== 'application/vnd.ms-sync.wbxml') continue;
      answers.set(command, [...(answers.get(command) ?? []), decode(body)]);
    }
    for (const [command, roots] of answers) assertValidResponses(command, roots);
  }
}

let letters = 0;

/** A plain message with a subject of its own, or the headers and body given. */
export function letter(headers: Readonly<Record<string, string>> = {}, body = 'Good day.\r\n'): string {
  letters++;
  const fields = {
    From: 'Olaf Outside <outside@example.net>',
    To: 'anna@conversation.example',
    Subject: `Letter ${letters}`,
    'Message-ID': `<letter.${letters}@example.net>`,
    Date: new Date().toUTCString(),
    'MIME-Version': '1.0',
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
