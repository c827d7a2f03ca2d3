// How a client wants bodies: BodyPreference and BodyPartPreference (MS-ASAIRS sections 2.2.2.12 and 2.2.2.11), MIMESupport and
// MIMETruncation (MS-ASCMD sections 2.2.3.110 and 2.2.3.111). Part of the Options of Sync, ItemOperations and Search.
import { AirSync, AirSyncBase } from '../../wbxml/index.ts';
import { type Infer, many, one, optional, struct } from '../protocol/schema.ts';
import { flag, integer } from '../protocol/values.ts';

/** Type of a body: 1 plain text, 2 HTML, 3 RTF, 4 MIME (MS-ASAIRS section 2.2.2.41, Type). */
export type BodyType = 1 | 2 | 3 | 4;

const preferenceFields = {
  type: one(AirSyncBase.Type, integer({ min: 1, max: 4 })),
  /** Octets of the body as sent; the whole body when absent. */
  truncationSize: optional(AirSyncBase.TruncationSize, integer({ max: 4294967295 })),
  allOrNone: optional(AirSyncBase.AllOrNone, flag),
  /** Characters of plain text. */
  preview: optional(AirSyncBase.Preview, integer({ max: 255 }), { since: 14 }),
};

/** Its children must stand in order (MS-ASAIRS R348). */
export const bodyPreference = struct(preferenceFields, { ordered: true });
export const bodyPartPreference = struct(preferenceFields, { ordered: true });
export type BodyPreference = Infer<typeof bodyPreference>;

/** The option fields that every command with bodies shares. A repeated MIMESupport counts as the last, as with Exchange (MS-ASCMD R3374). */
export const bodyOptionFields = {
  mimeTruncation: optional(AirSync.MIMETruncation, integer({ max: 8 }), { repeated: 'last' }),
  mimeSupport: optional(AirSync.MIMESupport, integer({ max: 2 }), { repeated: 'last' }),
  bodyPreferences: many(AirSyncBase.BodyPreference, bodyPreference, { max: 4 }),
  bodyPartPreferences: many(AirSyncBase.BodyPartPreference, bodyPartPreference, { since: 14.1, max: 4 }),
} as const;

/** What {@link bodyOptionFields} read. */
export interface BodyOptions {
  /** MIMETruncation: 0 nothing is sent, 1-7 a size, 8 all. */
  readonly mimeTruncation?: number | undefined;
  /** 0 never MIME, 1 for S/MIME messages only, 2 for all. */
  readonly mimeSupport?: number | undefined;
  readonly bodyPreferences: readonly BodyPreference[];
  readonly bodyPartPreferences: readonly BodyPreference[];
}

/** Whether one Type stands twice among the preferences, which is a protocol error (MS-ASAIRS R349). */
export function repeatsType(options: BodyOptions): boolean {
  const repeated = (list: readonly BodyPreference[]) => new Set(list.map(({ type }) => type)).size < list.length;
  return repeated(options.bodyPreferences) || repeated(options.bodyPartPreferences);
}
