// Protocol versions (MS-ASHTTP section 2.2.1.1.2.6, MS-ASProtocolVersion). Numbers, so that they compare as they should.

/** The versions that Easel speaks, ascending. */
export const protocolVersions = [12.1, 14, 14.1, 16, 16.1] as const;
export type ProtocolVersion = (typeof protocolVersions)[number];

/** The wire form, for example `14.0`. */
export function formatVersion(version: ProtocolVersion): string {
  return version.toFixed(1);
}

/** Reads the wire form; undefined when it is none of ours. */
export function parseVersion(text: string): ProtocolVersion | undefined {
  return protocolVersions.find((version) => formatVersion(version) === text);
}
