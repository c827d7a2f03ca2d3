// The Fetch operation: items and attachments, in the answer or as parts beside it (MS-ASCMD section 2.2.3.67.1, Fetch (ItemOperations)).
import { AirSyncBase, Element, ItemOperations as Page } from '../../wbxml/index.ts';
import { repeatsType } from '../content/body-options.ts';
import { itemElements, weightOf } from '../content/item-elements.ts';
import type { AttachmentPart } from '../mime/message.ts';
import { decodeTransfer } from '../mime/transfer-encoding.ts';
import { CommonStatus } from '../protocol/common-status.ts';
import { parseFileReference } from '../protocol/file-reference.ts';
import { collectionIdOf, parseServerId } from '../protocol/ids.ts';
import type { Item } from '../store/mailbox-store.ts';
import type { CommandContext } from './command.ts';
import { type FetchAnswer, type FetchRequest, Status } from './item-operations-schema.ts';

type FetchOptions = NonNullable<FetchRequest['options']>;

const noOptions: FetchOptions = { schemas: [], bodyPreferences: [], bodyPartPreferences: [] };

/** Octets from `first` to `last`, both included. */
interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Reads a Range, `m-n` with m at most n; undefined when it is none. */
function parseRange(text: string): ByteRange | undefined {
  const match = /^([0-9]{1,9})-([0-9]{1,9})$/.exec(text);
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2])];
  return first <= last ? { first, last } : undefined;
}

/** Fetches for one request; keeps the parts of a multipart answer and how much there is of everything. */
export class Fetcher {
  /** The parts that answers refer to, the first of them number 1. */
  readonly parts: Buffer[] = [];
  private readonly context: CommandContext;
  /** Octets that the answer may still take. */
  private room: number;

  constructor(context: CommandContext) {
    this.context = context;
    // The largest message fits, however it is encoded, and a request for a hundred of them does not fill the memory.
    this.room = 2 * context.services.settings.maximumMessageSize;
  }

  /** Answers one Fetch. What goes wrong is said in its Status. */
  async fetch(request: FetchRequest): Promise<FetchAnswer> {
    const { serverId, collectionId, longId, linkId, fileReference } = request;
    const named = { serverId, collectionId, longId, linkId, fileReference };
    if (request.store.toLowerCase() !== 'mailbox') return { ...named, status: Status.UnknownStore };
    if (fileReference !== undefined) return { ...named, ...(await this.attachment(fileReference, request)) };
    if (serverId !== undefined) return { ...named, ...(await this.item(serverId, request)) };
    // Searches give LongIds; none has been given yet.
    return { ...named, status: longId === undefined ? Status.ProtocolError : Status.NotFound };
  }

  private take(octets: number): boolean {
    if (octets > this.room) return false;
    this.room -= octets;
    return true;
  }

  private async item(serverId: string, { collectionId, options = noOptions }: FetchRequest): Promise<FetchAnswer> {
    const { mailbox, version } = this.context;
    const { mailboxes } = this.context.services.store;
    if (repeatsType(options)) return { status: Status.ProtocolError };
    // Only text and HTML can be had of a part; elsewhere other types are passed over.
    if (options.bodyPartPreferences.some(({ type }) => type > 2)) {
      return { status: CommonStatus.BodyPartPreferenceTypeNotSupported };
    }
    const parsed = parseServerId(serverId);
    if (parsed === undefined || (collectionId !== undefined && collectionId !== collectionIdOf(parsed.folder))) {
      return { status: Status.NotFound };
    }
    const item = await mailboxes.item(mailbox, parsed.item);
    if (item === undefined || item.folderId !== parsed.folder) return { status: Status.NotFound };
    if (!this.take(weightOf({ item }, options))) return { status: Status.TooLarge };
    const [elements = []] = await itemElements(mailboxes, mailbox, [item], options, version);
    return { status: Status.Success, contentClass: item.contentClass, properties: this.chosen(elements, options) };
  }

  /** What the client wants of an item, large content moved to a part. */
  private chosen(elements: readonly Element[], { schemas }: Pick<FetchOptions, 'schemas'>): Element[] {
    const wanted = new Set(schemas.flat().map(({ tag }) => tag));
    const asked = wanted.size === 0 ? elements : elements.filter(({ tag }) => wanted.has(tag));
    if (!this.context.query.acceptMultiPart) return [...asked];
    return asked.map((element) => (element.tag === AirSyncBase.Body ? this.bodyInPart(element) : element));
  }

  private bodyInPart(body: Element): Element {
    const children = Array.isArray(body.content) ? body.content : [];
    const data = children.find(({ tag }) => tag === AirSyncBase.Data)?.content;
    if (data === undefined || Array.isArray(data)) return body;
    const others = children.filter(({ tag }) => tag !== AirSyncBase.Data);
    return new Element(body.tag, [...others, this.part(Buffer.isBuffer(data) ? data : Buffer.from(data, 'utf8'))]);
  }

  private part(octets: Buffer): Element {
    this.parts.push(octets);
    return new Element(Page.Part, String(this.parts.length));
  }

  private async attachment(reference: string, { options = noOptions }: FetchRequest): Promise<FetchAnswer> {
    // A Schema names properties of items; an attachment has none (MS-ASCMD R3547, R3878).
    if (options.schemas.length > 0) return { status: Status.ProtocolError };
    const found = await this.find(reference);
    if (found === undefined) return { status: Status.InvalidAttachment };
    const { item, part } = found;
    if (part.size === 0) return { status: Status.EmptyFile };
    const range = options.range === undefined ? { first: 0, last: part.size - 1 } : parseRange(options.range);
    if (range === undefined || range.first >= part.size) return { status: Status.InvalidRange };
    const end = Math.min(range.last + 1, part.size);
    if (!this.take(end - range.first)) return { status: Status.TooLarge };
    const octets = await this.read(item, part, range.first, end);
    if (octets === undefined) return { status: Status.InvalidAttachment };
    const { acceptMultiPart } = this.context.query;
    const properties = [
      ...(options.range === undefined
        ? []
        : [
            new Element(Page.Range, `${range.first}-${range.first + octets.length - 1}`),
            new Element(Page.Total, String(part.size)),
          ]),
      new Element(AirSyncBase.ContentType, part.contentType),
      acceptMultiPart ? this.part(octets) : new Element(Page.Data, octets.toString('base64')),
    ];
    return { status: Status.Success, properties };
  }

  private async find(reference: string): Promise<{ item: Item; part: AttachmentPart } | undefined> {
    const parsed = parseFileReference(reference);
    if (parsed === undefined) return undefined;
    const { mailboxes } = this.context.services.store;
    const item = await mailboxes.item(this.context.mailbox, parsed.item);
    if (item === undefined || item.folderId !== parsed.folder) return undefined;
    const part = item.message?.derived.attachments.find(({ index }) => index === parsed.index);
    return part && { item, part };
  }

  /** The decoded octets from `start` up to `end`. Of a part that is not encoded no more than these are read. */
  private async read(item: Item, part: AttachmentPart, start: number, end: number): Promise<Buffer | undefined> {
    const { mailboxes } = this.context.services.store;
    if (part.size === part.end - part.start) {
      const exact = { start: part.start + start, end: part.start + end };
      return mailboxes.partOctets(this.context.mailbox, item.id, exact);
    }
    const encoded = await mailboxes.partOctets(this.context.mailbox, item.id, part);
    return encoded && decodeTransfer(encoded, part.encoding).subarray(start, end);
  }
}
