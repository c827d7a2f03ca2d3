// `easel wbxml decode|encode`: shows a captured WBXML document as XML and makes one from XML.
import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { decode, defaultLimits, encode, WbxmlError } from '../../wbxml/index.ts';
import { fromXml, toXml, XmlViewError } from '../../wbxml/xml.ts';

/** XML of the largest document: opaque values grow by a third in base64, short elements by much more. */
const maxInputBytes = 4 * defaultLimits.maxBytes;

/** Adds the verb `wbxml` with `decode FILE|-` and `encode FILE|-` to the program. Faults go to stderr, exit code 1. */
export function registerWbxml(program: Command): void {
  const wbxml = program.command('wbxml').description('show WBXML documents as XML, and make them from XML');

  wbxml
    .command('decode')
    .description('read WBXML, write indented XML')
    .argument('<file>', 'the document, or - for standard input')
    .option('--skip-unknown', 'leave out elements with unknown tokens, as the server does')
    .action((file: string, { skipUnknown }: { skipUnknown?: true }) =>
      convert(file, (bytes) => toXml(decode(bytes, { unknown: skipUnknown ? 'skip' : 'reject' }))),
    );

  wbxml
    .command('encode')
    .description('read XML as decode shows it, write WBXML')
    .argument('<file>', 'the XML, or - for standard input')
    .action((file: string) => convert(file, (bytes) => encode(fromXml(bytes.toString()))));
}

async function convert(file: string, conversion: (bytes: Buffer) => string | Buffer): Promise<void> {
  try {
    await writeOut(conversion(await readAll(file)));
  } catch (error) {
    if (!isExpected(error)) throw error;
    console.error(`${file === '-' ? 'standard input' : file}: ${error.message}`);
    process.exitCode = 1;
  }
}

async function readAll(file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
    size += chunk.length;
    if (size > maxInputBytes) throw new WbxmlError('size-limit', maxInputBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function writeOut(output: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    // The same error comes by the event too, where nobody listening would end the process with a stack trace.
    process.stdout.once('error', reject);
    process.stdout.write(output, (error) => (error ? reject(error) : resolve()));
  });
}

/** Bad documents and files that cannot be read or written; everything else is a mistake of the program. */
function isExpected(error: unknown): error is Error {
  return error instanceof WbxmlError || error instanceof XmlViewError || (error instanceof Error && 'syscall' in error);
}
