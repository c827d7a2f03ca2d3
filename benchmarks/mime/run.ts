// Measures how fast messages are derived, by size and kind:
//   node --import tsx benchmarks/mime/run.ts [ROUNDS]        (7 rounds unless given; about 20 seconds)
// CPU time of the whole process, medians. Other readers are measured beside ours when somebody has installed them.
import { derive } from '../../src/mime/derive.ts';

/** Goals in CPU microseconds a message: SendMail has about 500 for everything. */
const goals: Readonly<Record<string, number>> = { 'plain 2 kB': 60, 'alternative 5 kB': 200 };
const measurementMicroseconds = 200_000;

type Reader = (octets: Buffer) => unknown;

const header = [
  'Received: from relay.example by mail.example; Fri, 13 Nov 2026 10:11:13 +0100',
  'Message-ID: <20261113.101112@mail.example>',
  'Date: Fri, 13 Nov 2026 10:11:12 +0100',
  'From: Anna Berg <anna@mail.example>',
  'To: Ben Ode <ben@mail.example>, "Cho, Mina" <mina@mail.example>',
  'Subject: Re: Lunch on Friday',
  'MIME-Version: 1.0',
];

function message(...lines: string[]): Buffer {
  return Buffer.from([...header, ...lines].join('\r\n'));
}

function alternative(octets: number): string[] {
  const line = 'Gr=C3=BC=C3=9Fe aus Bern, wir sehen uns am Freitag am Fluss.\r\n';
  const html = `<p>${line.trim()} <b>Bitte</b> einen Drachen mitbringen.</p>\r\n`;
  const kind = (type: string) => [
    '--b',
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: quoted-printable',
    '',
  ];
  const half = octets / 2;
  return [
    'Content-Type: multipart/alternative; boundary=b',
    '',
    ...kind('text/plain'),
    line.repeat(half / line.length),
    ...kind('text/html'),
    html.repeat(half / html.length),
    '--b--',
    '',
  ];
}

function withFile(octets: number): string[] {
  const line = `${Buffer.alloc(57, 'a kite ').toString('base64')}\r\n`;
  const file = ['--m', 'Content-Type: application/pdf; name=plan.pdf', 'Content-Transfer-Encoding: base64', ''];
  const text = ['--m', 'Content-Type: text/plain', '', 'See attached.'];
  return [
    'Content-Type: multipart/mixed; boundary=m',
    '',
    ...text,
    ...file,
    line.repeat(octets / line.length),
    '--m--',
    '',
  ];
}

const samples: Readonly<Record<string, Buffer>> = {
  'plain 2 kB': message(
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Shall we have lunch at the river?\r\n'.repeat(45),
  ),
  'alternative 5 kB': message(...alternative(5_000)),
  'HTML only 3 kB': message(
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>Shall we <b>have</b> lunch?</p>\r\n'.repeat(75),
  ),
  'alternative 100 kB': message(...alternative(100_000)),
  'file 1 MB': message(...withFile(1_000_000)),
  'file 25 MB': message(...withFile(25_000_000)),
};

/** Readers by name; those that are not installed are left out. */
async function readers(): Promise<Map<string, (octets: Buffer) => Promise<unknown>>> {
  const found = new Map<string, (octets: Buffer) => Promise<unknown>>();
  const load = async (name: string): Promise<Record<string, unknown> | undefined> => {
    try {
      return (await import(name)) as Record<string, unknown>;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
      return undefined;
    }
  };
  const postal = await load('postal-mime');
  if (postal !== undefined) {
    const reader = postal['default'] as { parse(octets: Buffer): Promise<unknown> };
    found.set('postal-mime', (octets) => reader.parse(octets));
  }
  const mailparser = await load('mailparser');
  if (mailparser !== undefined)
    found.set('mailparser', mailparser['simpleParser'] as (octets: Buffer) => Promise<unknown>);
  return found;
}

let sink: unknown;

/** CPU microseconds that one message takes. */
async function measure(reader: Reader, octets: Buffer): Promise<number> {
  for (let repeats = 1; ; ) {
    const before = process.cpuUsage();
    for (let index = 0; index < repeats; index++) {
      const result = reader(octets);
      sink = result instanceof Promise ? await result : result;
    }
    const { user, system } = process.cpuUsage(before);
    if (user + system >= measurementMicroseconds) return (user + system) / repeats;
    repeats = Math.ceil(repeats * Math.min(10, (1.2 * measurementMicroseconds) / Math.max(user + system, 1)));
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

const rounds = Number(process.argv[2] ?? 7);
const works = new Map<string, Reader>([['derive', derive], ...(await readers())]);
console.log('message               reader        µs a message   messages/s     MB/s');
let missed = false;
for (const [name, octets] of Object.entries(samples)) {
  for (const [reader, work] of works) {
    await measure(work, octets);
    const spent: number[] = [];
    for (let round = 0; round < rounds; round++) spent.push(await measure(work, octets));
    const micros = median(spent);
    const goal = reader === 'derive' ? goals[name] : undefined;
    if (goal !== undefined && micros > goal) missed = true;
    const figures = [
      micros.toFixed(1).padStart(12),
      (1e6 / micros).toFixed(0).padStart(12),
      (octets.length / micros).toFixed(1).padStart(8),
    ];
    const verdict = goal === undefined ? '' : `   goal ${goal}: ${micros <= goal ? 'reached' : 'missed'}`;
    console.log(`${name.padEnd(20)}  ${reader.padEnd(12)} ${figures.join(' ')}${verdict}`);
  }
}
if (sink === undefined || missed) process.exitCode = 1;
