// Framing of a multipart answer (MS-ASCMD section 2.2.1.10.1.1, MultiPartResponse).

export const multipartType = 'application/vnd.ms-sync.multipart';

/** The octets in order: a count, offset and length of each part (32-bit, little-endian), then the parts. Parts are not copied. */
export function frameParts(parts: readonly Buffer[]): Buffer[] {
  const header = Buffer.alloc(4 + 8 * parts.length);
  header.writeUInt32LE(parts.length);
  let offset = header.length;
  for (const [index, part] of parts.entries()) {
    header.writeUInt32LE(offset, 4 + 8 * index);
    header.writeUInt32LE(part.length, 8 + 8 * index);
    offset += part.length;
  }
  return [header, ...parts];
}
