// The error that decoder and encoder throw, one code a fault.

/** What was wrong, by code. The text is for people and logs, the code for programs. */
export const faults = {
  truncated: 'the document ends too early',
  version: 'not a WBXML version from 1.1 to 1.3',
  'public-id': 'the public identifier is not 1',
  charset: 'the charset is not UTF-8',
  'string-table': 'ActiveSync documents have no string table',
  'no-root': 'no element at the start of the document',
  'unknown-page': 'no such code page',
  'unknown-token': 'the token is not assigned in this code page',
  attributes: 'ActiveSync elements have no attributes',
  'global-token': 'a global token that ActiveSync does not use',
  'opaque-length': 'the length of the opaque value is longer than 5 bytes or 32 bits',
  'invalid-utf8': 'text that is not UTF-8',
  'mixed-content': 'an element holds both text and elements, or opaque data beside anything else',
  'trailing-bytes': 'bytes after the end of the root element',
  'unknown-tag': 'a tag that belongs to no code page',
  'depth-limit': 'elements are nested too deeply',
  'element-limit': 'too many elements',
  'size-limit': 'the document is too large',
} as const;

/** Names a fault; see {@link faults} for what each means. */
export type Fault = keyof typeof faults;

/** Thrown for a document that cannot be decoded or a tree that cannot be encoded. */
export class WbxmlError extends Error {
  override readonly name = 'WbxmlError';
  readonly code: Fault;
  /** Where, in bytes from the start of the document: read when decoding, written so far when encoding. */
  readonly offset: number;

  constructor(code: Fault, offset: number) {
    super(`${faults[code]} (at byte ${offset})`);
    this.code = code;
    this.offset = offset;
  }
}
