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
  const isWhole = preference.allOrNone === true || (type === 4 && message.smime !== 'none');
  const withheld = limit === 0 || (isWhole && fullSize > limit);
  const kind: BodyKind = type === 4 ? 'octets' : type === 2 && message.htmlSize > 0 ? 'html' : 'plain';
  return { type, source: withheld ? undefined : kind, fullSize, limit, preview: preference.preview ?? 0 };
}

/**
 * Decides on the body: the first preference that can be served whole under AllOrNone, else the best one without content. Without any preference
 * that we can serve (RTF alone, or none given) it is plain text.
 */
export function chooseBody(options: BodyOptions, message: Sizes): BodyChoice {
  const preferences = ranked(options, message);
  const choices = (preferences.length > 0 ? preferences : [{ type: 1 } as BodyPreference]).map((preference) =>
    choiceOf(preference, options, message),
  );
  return choices.find(({ source }) => source !== undefined) ?? (choices[0] as BodyChoice);
}

/** The message part asked for by a BodyPartPreference (14.1 and later); undefined when none can be served. */
export function chooseBodyPart(options: BodyOptions, message: Sizes): BodyChoice | undefined {
  const preference = options.bodyPartPreferences.find(({ type }) => type === 1 || type === 2);
  return preference === undefined ? undefined : choiceOf(preference, options, message);
}

interface Content {
  readonly data: string | Buffer | undefined;
  readonly truncated: boolean;
}

/** The content of a choice from what was read for it, cut to its limit. */
function contentOf(choice: BodyChoice, loaded: string | Buffer | undefined): Content {
  if (choice.source === undefined || loaded === undefined) return { data: undefined, truncated: choice.fullSize > 0 };
  if (Buffer.isBuffer(loaded)) {
    // Of a long message only the beginning may have been read.
    const { octets } = truncateMime(loaded, choice.limit);
    return { data: octets, truncated: octets.length < choice.fullSize };
  }
  const isHtml = choice.type === 2;
  const whole = isHtml && choice.source === 'plain' ? plainToHtml(loaded) : loaded;
  const { text, truncated } = isHtml ? truncateHtml(whole, choice.limit) : truncateText(whole, choice.limit);
  return { data: text, truncated };
}

/** The Body element's value. */
export function makeBody(choice: BodyChoice, loaded: string | Buffer | undefined, preview: string): Body {
  const { data: content, truncated } = contentOf(choice, loaded);
  // With plain text there is nothing to preview (MS-ASAIRS R1001036).
  const wantsPreview = choice.preview > 0 && !(choice.type === 1 && content !== undefined) && preview !== '';
  return {
    type: choice.type,
    estimatedDataSize: choice.fullSize,
    ...(truncated ? { truncated: true } : {}),
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
