// The query of a request, as text and as base64 (MS-ASHTTP section 2.2.1.1.1.1, Base64 Encoded Query Value; 2.2.1.1.1.2, Plain Text Query Value).

/** Protocol versions that the client speaks, in their wire form. */
export const versions = ['12.1', '14.0', '14.1', '16.0', '16.1'] as const;
export type Version = (typeof versions)[number];

/** Command codes of the base64 form. */
const commandCodes: Readonly<Record<string, number>> = {
  Sync: 0,
  SendMail: 1,
  SmartForward: 2,
  SmartReply: 3,
  GetAttachment: 4,
  FolderSync: 9,
  FolderCreate: 10,
  FolderDelete: 11,
  FolderUpdate: 12,
  MoveItems: 13,
  GetItemEstimate: 14,
  MeetingResponse: 15,
  Search: 16,
  Settings: 17,
  Ping: 18,
  ItemOperations: 19,
  Provision: 20,
  ResolveRecipients: 21,
  ValidateCert: 22,
  Find: 23,
};

/** Parameters that some commands take on the request line. */
export interface QueryParameters {
  readonly AttachmentName?: string;
  readonly CollectionId?: string;
  readonly ItemId?: string;
  readonly LongId?: string;
  readonly Occurrence?: string;
  readonly SaveInSent?: boolean;
  readonly AcceptMultiPart?: boolean;
}

export interface QueryParts {
  readonly command: string;
  readonly user: string;
  readonly deviceId: string;
  readonly deviceType: string;
  readonly version: Version;
  /** 0 for none. */
  readonly policyKey: number;
  /** Locale, as MS-LCID numbers it. */
  readonly locale: number;
  readonly parameters: QueryParameters;
}

/** `Cmd=Sync&User=…`; AcceptMultiPart is a header in this form. */
export function plainQuery({ command, user, deviceId, deviceType, parameters }: QueryParts): string {
  const query = new URLSearchParams({ Cmd: command, User: user, DeviceId: deviceId, DeviceType: deviceType });
  for (const [name, value] of Object.entries(parameters)) {
    if (name === 'AcceptMultiPart' || value === undefined || value === false) continue;
    query.set(name, value === true ? 'T' : String(value));
  }
  return query.toString();
}

const saveInSentBit = 0x01;
const acceptMultiPartBit = 0x02;

function parameterBytes({ user, parameters }: QueryParts): Buffer[] {
  const tagged: [tag: number, value: string | undefined][] = [
    [0, parameters.AttachmentName],
    [1, parameters.CollectionId],
    [3, parameters.ItemId],
    [4, parameters.LongId],
    [6, parameters.Occurrence],
    [8, user],
  ];
  const fields = tagged.flatMap(([tag, value]) =>
    value === undefined ? [] : [Buffer.from([tag]), lengthPrefixed(Buffer.from(value, 'utf8'))],
  );
  const options = (parameters.SaveInSent ? saveInSentBit : 0) | (parameters.AcceptMultiPart ? acceptMultiPartBit : 0);
  return options === 0 ? fields : [...fields, Buffer.from([7, 1, options])];
}

function lengthPrefixed(value: Buffer): Buffer {
  if (value.length > 255) throw new RangeError('a field of a base64 query holds 255 octets at most');
  return Buffer.concat([Buffer.from([value.length]), value]);
}

/** The base64 form. Throws RangeError for a command without a code and for values above 255 octets. */
export function base64Query(parts: QueryParts): string {
  const code = commandCodes[parts.command];
  if (code === undefined) throw new RangeError(`the base64 query has no code for ${parts.command}`);
  const locale = Buffer.alloc(2);
  locale.writeUInt16LE(parts.locale);
  const policyKey = Buffer.alloc(parts.policyKey === 0 ? 0 : 4);
  if (policyKey.length > 0) policyKey.writeUInt32LE(parts.policyKey);
  return Buffer.concat([
    Buffer.from([Math.round(Number(parts.version) * 10), code]),
    locale,
    lengthPrefixed(Buffer.from(parts.deviceId, 'latin1')),
    lengthPrefixed(policyKey),
    lengthPrefixed(Buffer.from(parts.deviceType, 'latin1')),
    ...parameterBytes(parts),
  ]).toString('base64');
}
