// What transport looks at and puts in front of a message's outer header, as octets, so that nothing behind it is touched.
// RFC 5322 section 2.2 (Header Fields).

import type { HeaderBlock } from '../mime/header.ts';
import { readHeader } from '../mime/header.ts';

/** The outer header of a message. */
export function outerHeader(octets: Buffer): HeaderBlock {
  return readHeader(octets, 0, octets.length);
}

/** Values of all fields of a name (in lower case), unfolded, octets as Latin-1 characters, in order. */
export function fieldValues(header: HeaderBlock, name: string): readonly string[] {
  return header.fields.flatMap((field) =>
    field.name === name ? [field.raw.replace(/\r?\n(?=[ \t])/g, '').trim()] : [],
  );
}

/** The same octets with whole field lines, each ended by CRLF, in front. */
export function prependFields(octets: Buffer, fields: readonly string[]): Buffer {
  return fields.length === 0 ? octets : Buffer.concat([Buffer.from(fields.join(''), 'utf8'), octets]);
}
