// The mail that is synced: 4 kB of plain text each, all different.

export interface BenchmarkMail {
  readonly octets: Buffer;
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly received: number;
}

const words =
  'the quick brown fox jumps over a lazy dog while nine wise owls watch from their old oak and say nothing'.split(' ');

/** So many mails, a minute apart, the last one newest. */
export function* mails(count: number): Generator<BenchmarkMail> {
  const start = Date.now() - count * 60_000;
  for (let number = 0; number < count; number++) {
    const lines = Array.from({ length: 56 }, (_, line) =>
      Array.from(
        { length: 14 },
        (_, word) => words[(number * 7 + line * 5 + word * (1 + (number % 11))) % words.length],
      ).join(' '),
    );
    const body = `${lines.join('\r\n')}\r\n`;
    const received = start + number * 60_000;
    const head = [
      `From: "Sender ${number % 97}" <sender${number % 97}@other.test>`,
      'To: "Ann" <ann@example.test>',
      `Subject: Message ${number} about ${words[number % words.length]}`,
      `Date: ${new Date(received).toUTCString()}`,
      `Message-ID: <${number}@other.test>`,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
    ];
    yield { octets: Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`), body, received };
  }
}
