// Items as a client gets them: the content of ApplicationData (Sync) and Properties (ItemOperations, Search). One mapper for all of them.
import type { Element } from '../../wbxml/index.ts';
import type { Counter, ItemId, MailboxId } from '../protocol/ids.ts';
import type { ProtocolVersion } from '../protocol/version.ts';
import { writeFields } from '../protocol/write.ts';
import type { BodyKind, Item, MailboxStore, StoredMessage } from '../store/mailbox-store.ts';
import { type BodyChoice, chooseBody, chooseBodyPart, makeBody, makeBodyPart } from './body.ts';
import type { BodyOptions } from './body-options.ts';
import { changedParts, emailSchema, emailValue } from './email.ts';
import { partsChangedAfter } from './email-properties.ts';

type Mail = Item & { readonly message: StoredMessage };

interface Chosen {
  readonly item: Mail;
  readonly body: BodyChoice;
  readonly part: BodyChoice | undefined;
}

function choose(item: Mail, options: BodyOptions, version: ProtocolVersion): Chosen {
  const sizes = { ...item.message.derived, size: item.message.size };
  const part = version >= 14.1 ? chooseBodyPart(options, sizes) : undefined;
  return { item, body: chooseBody(options, sizes), part };
}

/** An item to be told of; `knownUpTo` when the device holds it as it was at that change counter and needs no more than what changed since. */
export interface ToldItem {
  readonly item: Item;
  readonly knownUpTo?: Counter | undefined;
}

function isWhole({ item, knownUpTo }: ToldItem): boolean {
  return knownUpTo === undefined || partsChangedAfter(item, knownUpTo) === undefined;
}

/** About how many octets an item takes in an answer. */
export function weightOf(told: ToldItem, options: BodyOptions): number {
  const { message } = told.item;
  if (message === undefined || !isWhole(told)) return 200;
  const choice = chooseBody(options, { ...message.derived, size: message.size });
  return 1000 + (choice.source === undefined ? 0 : Math.min(choice.limit, choice.fullSize));
}

/** What a choice needs to be read, and where the rest would be in vain. */
type Wanted = { readonly itemId: ItemId; readonly kind: BodyKind };

/** Reads each body that is needed, once: of MIME that is to be cut only the beginning. */
async function load(store: MailboxStore, mailbox: MailboxId, chosen: readonly Chosen[]) {
  const wanted: Wanted[] = [];
  const loaded = new Map<string, string | Buffer | undefined>();
  const keyOf = (itemId: ItemId, kind: BodyKind) => `${kind}${itemId}`;
  for (const { item, body, part } of chosen) {
    for (const choice of [body, part]) {
      if (choice?.source === undefined || loaded.has(keyOf(item.id, choice.source))) continue;
      loaded.set(keyOf(item.id, choice.source), undefined);
      if (choice.source === 'octets' && choice.limit < choice.fullSize) {
        const start = await store.partOctets(mailbox, item.id, { start: 0, end: choice.limit + 1 });
        loaded.set(keyOf(item.id, 'octets'), start);
      } else wanted.push({ itemId: item.id, kind: choice.source });
    }
  }
  const bodies = await store.bodies(mailbox, wanted);
  for (const [index, { itemId, kind }] of wanted.entries()) loaded.set(keyOf(itemId, kind), bodies[index]);
  return (item: Item, choice: BodyChoice) =>
    choice.source === undefined ? undefined : loaded.get(keyOf(item.id, choice.source));
}

function asMail(item: Item): Mail {
  if (item.message === undefined) throw new TypeError(`item ${item.id} of class ${item.contentClass} has no message`);
  return item as Mail;
}

/**
 * The elements of each item, in the order of the items. An item of a class whose elements are not known here is an error of the caller, who
 * offers no folders of such a class with items in them.
 */
export async function itemElements(
  store: MailboxStore,
  mailbox: MailboxId,
  items: readonly Item[],
  options: BodyOptions,
  version: ProtocolVersion,
): Promise<Element[][]> {
  const chosen = items.map((item) => choose(asMail(item), options, version));
  const loadedFor = await load(store, mailbox, chosen);
  return chosen.map(({ item, body, part }) => {
    const { preview } = item.message.derived;
    const bodyValue = makeBody(body, loadedFor(item, body), preview);
    const partValue = part === undefined ? undefined : makeBodyPart(part, loadedFor(item, part), preview);
    return writeFields(emailSchema, emailValue(item, bodyValue, partValue), version);
  });
}

/** As {@link itemElements}, but only what changed of those that the device knows; empty when that is nothing at this version. */
export async function toldElements(
  store: MailboxStore,
  mailbox: MailboxId,
  told: readonly ToldItem[],
  options: BodyOptions,
  version: ProtocolVersion,
): Promise<Element[][]> {
  const whole = told.filter(isWhole).map(({ item }) => item);
  const elements = await itemElements(store, mailbox, whole, options, version);
  let next = 0;
  return told.map(({ item, knownUpTo = 0 }, index) => {
    const parts = isWhole(told[index] as ToldItem) ? undefined : partsChangedAfter(item, knownUpTo);
    if (parts === undefined) return elements[next++] ?? [];
    return writeFields(emailSchema, changedParts(asMail(item), parts), version);
  });
}
