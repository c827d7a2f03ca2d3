// The body that a client gets of a message: which form, how much of it (MS-ASAIRS section 2.2.2.9, Body; 2.2.2.10, BodyPart).
import { AirSyncBase, ItemOperations } from '../../wbxml/index.ts';
import {
  MIME_TRUNCATION_CHARACTERS,
  plainToHtml,
  previewOf,
  truncateHtml,
  truncateMime,
  truncateText,
} from '../mime/body.ts';
import type { DerivedMessage } from '../mime/message.ts';
import { type Infer, one, optional, struct } from '../protocol/schema.ts';
import { flag, integer, text } from '../protocol/values.ts';
import type { BodyKind } from '../store/mailbox-store.ts';
import type { BodyOptions, BodyPreference, BodyType } from './body-options.ts';
import { data } from './data-value.ts';

const size = integer({ max: 4294967295 });

/** Part stands where the schema has it; it never comes together with Preview, so MS-ASAIRS R112 holds as well. */
export const body = struct({
  type: one(AirSyncBase.Type, integer({ min: 1, max: 4 })),
  estimatedDataSize: optional(AirSyncBase.EstimatedDataSize, size),
  truncated: optional(AirSyncBase.Truncated, flag),
  data: optional(AirSyncBase.Data, data),
  preview: optional(AirSyncBase.Preview, text(), { since: 14 }),
  part: optional(ItemOperations.Part, integer()),
});
export type Body = Infer<typeof body>;

export const bodyPart = struct({
  status: one(AirSyncBase.Status, integer()),
  type: one(AirSyncBase.Type, integer({ min: 1, max: 4 })),
  estimatedDataSize: one(AirSyncBase.EstimatedDataSize, size),
  truncated: optional(AirSyncBase.Truncated, flag),
  data: optional(AirSyncBase.Data, data),
  preview: optional(AirSyncBase.Preview, text()),
});
export type BodyPart = Infer<typeof bodyPart>;

/** A body decided on, before anything large was read. */
export interface BodyChoice {
  readonly type: BodyType;
  /** What must be read for it; undefined when nothing of the content is sent. */
  readonly source: BodyKind | undefined;
  /** Octets of the whole body in this form. */
  readonly fullSize: number;
  /** At most so many octets are sent; Infinity for all. */
  readonly limit: number;
  /** Nothing is to be sent of it rather than a part. */
  readonly isWhole: boolean;
  /** The client wants no part of it (AllOrNone) and it is too large: another preference may be served. */
  readonly isRefused: boolean;
  /** A whole S/MIME message: whether it is cut is said in either case (MS-ASCMD R3409). */
  readonly isProtected: boolean;
  /** Characters of preview to send; 0 for none. */
  readonly preview: number;
}

type Sizes = Pick<DerivedMessage, 'plainSize' | 'htmlSize' | 'nativeBodyType' | 'smime'> & { readonly size: number };

function fullSizeOf(type: BodyType, message: Sizes): number {
  if (type === 4) return message.size;
  return type === 2 && message.htmlSize > 0 ? message.htmlSize : message.plainSize;
}

/** Whether MIME may be given: asked for by MIMESupport, or by clients that ask for nothing but Type 4 and leave MIMESupport out. */
function mimeAllowed(options: BodyOptions, message: Sizes): boolean {
  const support = options.mimeSupport ?? (options.bodyPreferences.every(({ type }) => type === 4) ? 2 : 0);
  return support === 2 || (support === 1 && message.smime !== 'none');
}

/** The preferences that can be served, best first: MIME where it is due, then the form the message was written in, then as listed. */
function ranked(options: BodyOptions, message: Sizes): BodyPreference[] {
  const listed = options.bodyPreferences.filter(
    ({ type }) => type === 1 || type === 2 || (type === 4 && mimeAllowed(options, message)),
  );
  const rank = ({ type }: BodyPreference) => (type === 4 ? 0 : type === message.nativeBodyType ? 1 : 2);
  return listed.sort((a, b) => rank(a) - rank(b));
}

function choiceOf(preference: BodyPreference, options: BodyOptions, message: Sizes): BodyChoice {
  const type = preference.type as BodyType;
  const fullSize = fullSizeOf(type, message);
  const ofMime = type === 4 ? MIME_TRUNCATION_CHARACTERS[options.mimeTruncation ?? 8] : undefined;
  const limit = preference.truncationSize ?? ofMime ?? Number.POSITIVE_INFINITY;
  // A protected message is of no use in part: signature and ciphertext cover all of it. The client fetches the whole.
  const isProtected = type === 4 && message.smime !== 'none';
  // Without a TruncationSize AllOrNone says nothing (MS-ASAIRS R60, R75).
  const allOrNone = preference.allOrNone === true && preference.truncationSize !== undefined;
  const isWhole = allOrNone || isProtected;
  const withheld = limit === 0 || (isWhole && fullSize > limit);
  const kind: BodyKind = type === 4 ? 'octets' : type === 2 && message.htmlSize > 0 ? 'html' : 'plain';
  return {
    type,
    source: withheld ? undefined : kind,
    fullSize,
    limit,
    isWhole,
    isRefused: allOrNone && fullSize > limit,
    isProtected,
    preview: preference.preview ?? 0,
  };
}

/**
 * Decides on the body: the best preference that AllOrNone does not rule out (MS-ASAIRS R77, R78, R80), else the best one without content. Without
 * any preference that we can serve (RTF alone, or none given) it is plain text.
 */
export function chooseBody(options: BodyOptions, message: Sizes): BodyChoice {
  const preferences = ranked(options, message);
  const choices = (preferences.length > 0 ? preferences : [{ type: 1 } as BodyPreference]).map((preference) =>
    choiceOf(preference, options, message),
  );
  return choices.find(({ isRefused }) => !isRefused) ?? (choices[0] as BodyChoice);
}

/** The message part asked for by a BodyPartPreference (14.1 and later), which is HTML (MS-ASAIRS R324); undefined when none is. */
export function chooseBodyPart(options: BodyOptions, message: Sizes): BodyChoice | undefined {
  const preference = options.bodyPartPreferences.find(({ type }) => type === 2);
  return preference === undefined ? undefined : choiceOf(preference, options, message);
}

interface Content {
  readonly data: string | Buffer | undefined;
  readonly truncated: boolean;
  /** Octets of the whole. */
  readonly size: number;
}

/** The content of a choice from what was read for it, cut to its limit. */
function contentOf(choice: BodyChoice, loaded: string | Buffer | undefined): Content {
  const size = choice.fullSize;
  if (choice.source === undefined || loaded === undefined) return { data: undefined, truncated: size > 0, size };
  if (Buffer.isBuffer(loaded)) {
    // Of a long message only the beginning may have been read.
    const { octets } = truncateMime(loaded, choice.limit);
    return { data: octets, truncated: octets.length < size, size };
  }
  const isHtml = choice.type === 2;
  const isMade = isHtml && choice.source === 'plain';
  const whole = isMade ? plainToHtml(loaded) : loaded;
  const { text, truncated } = isHtml ? truncateHtml(whole, choice.limit) : truncateText(whole, choice.limit);
  const data = truncated && choice.isWhole ? undefined : text;
  return { data, truncated, size: isMade ? Buffer.byteLength(whole) : size };
}

/** The Body element's value. */
export function makeBody(choice: BodyChoice, loaded: string | Buffer | undefined, preview: string): Body {
  const { data: content, truncated, size: estimatedDataSize } = contentOf(choice, loaded);
  // With plain text there is nothing to preview (MS-ASAIRS R1001036).
  const wantsPreview = choice.preview > 0 && !(choice.type === 1 && content !== undefined) && preview !== '';
  return {
    type: choice.type,
    estimatedDataSize,
    ...(truncated || choice.isProtected ? { truncated } : {}),
    ...(content === undefined || content.length === 0 ? {} : { data: content }),
    ...(wantsPreview ? { preview: previewOf(preview, choice.preview) } : {}),
  };
}

/** The BodyPart element's value. */
export function makeBodyPart(choice: BodyChoice, loaded: string | Buffer | undefined, preview: string): BodyPart {
  const { type, estimatedDataSize = 0, truncated, data: content } = makeBody({ ...choice, preview: 0 }, loaded, '');
  return {
    status: 1,
    type,
    estimatedDataSize,
    ...(truncated === undefined ? {} : { truncated }),
    ...(content === undefined ? {} : { data: content }),
    ...(choice.preview > 0 && preview !== '' ? { preview: previewOf(preview, choice.preview) } : {}),
  };
}
