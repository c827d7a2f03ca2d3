// The content of a body: text, or the octets of a MIME message (MS-ASAIRS section 2.2.2.20.1, Data (Body)).
import { isAscii, isUtf8 } from 'node:buffer';
import type { Content } from '../../wbxml/index.ts';
import type { Leaf } from '../protocol/schema.ts';

// Characters that XML forbids: a WBXML string cannot carry them, so the encoder would have to change them.
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

// Octets as text wherever that keeps every one of them, as Exchange sends MIME and as clients expect it; otherwise (8-bit
// charsets, binary parts, control characters) as an opaque value, which is never changed.
function mimeContent(octets: Buffer): Content {
  if (!isUtf8(octets)) return octets;
  const text = isAscii(octets) ? octets.toString('latin1') : octets.toString('utf8');
  return forbidden.test(text) ? octets : text;
}

export const data: Leaf<string | Buffer> = {
  kind: 'leaf',
  read: (content) => (Array.isArray(content) ? undefined : (content ?? '')),
  write: (value) => (typeof value === 'string' ? value : mimeContent(value)),
};
