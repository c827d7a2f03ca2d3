// Messages for tests, written with LF and one character per octet, given as octets with CRLF.

/** Octets of a message written with LF line ends; characters up to U+00FF stand for single octets. */
export function octetsOf(text: string): Buffer {
  return Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1');
}

/** UTF-8 octets of a text as one character per octet, to stand in {@link octetsOf}. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
