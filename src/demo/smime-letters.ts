// Demo mail: the S/MIME messages that data/demo/make-smime.sh has made (RFC 8551), dated by their outer header only.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Letter, mailDate, messageId, sentAt } from './assemble.ts';
import { type Correspondent, jonas, mina, sofia, team } from './people.ts';

const MESSAGES: readonly { readonly file: string; readonly from: Correspondent; readonly daysAgo: number }[] = [
  { file: 'clear-signed', from: sofia, daysAgo: 5.4 },
  { file: 'opaque-signed', from: jonas, daysAgo: 4.3 },
  { file: 'encrypted', from: mina, daysAgo: 3.4 },
  { file: 'signed-then-encrypted', from: sofia, daysAgo: 1.2 },
];

/** Where the demo's certificates, PKCS#12 files and S/MIME messages lie. Throws when they are not part of the installation. */
export function smimeDirectory(): string {
  // The source runs from src/demo, the build from dist/src/demo.
  for (let directory = dirname(fileURLToPath(import.meta.url)); ; directory = dirname(directory)) {
    const candidate = join(directory, 'data', 'demo', 'smime');
    try {
      readFileSync(join(candidate, 'demo-ca.crt'));
      return candidate;
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
    if (directory === dirname(directory)) throw new Error('data/demo/smime is not part of this installation');
  }
}

/** Clear-signed, opaque-signed, encrypted, and signed then encrypted letters; not an octet behind the outer header is touched. */
export function smimeLetters(now: Date): Letter[] {
  const directory = smimeDirectory();
  return MESSAGES.map(({ file, from, daysAgo }) => {
    const letter: Letter = { id: `smime-${file}`, from, to: [team], subject: '', daysAgo, entity: '' };
    const outer = `Message-ID: ${messageId(letter.id)}\r\nDate: ${mailDate(sentAt(letter, now))}\r\n`;
    return { ...letter, whole: Buffer.concat([Buffer.from(outer), readFileSync(join(directory, `${file}.eml`))]) };
  });
}
