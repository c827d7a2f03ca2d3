// Rows of items and tombstones as the statements give them, and what they mean.
import type { FolderId, ItemId, PartnershipId } from '../../protocol/ids.ts';
import type { ContentClass, Item, ItemTombstone } from '../mailbox-store.ts';
import { storedMessage } from './messages.ts';

/** Columns of an {@link ItemRow}, from `items i` and `messages m`. */
export const itemColumns = `i.id, i.folder, i.class, i.created, i.created_by, i.changed, i.changed_by, i.sort_date, i.filter_date,
  i.properties, m.sha256, m.size, m.derived`;

/** A tuple, for it costs half of an object with names. */
export type ItemRow = [
  id: ItemId,
  folder: FolderId,
  contentClass: ContentClass,
  created: number,
  createdBy: PartnershipId | 0,
  changed: number,
  changedBy: PartnershipId | 0,
  sortDate: number,
  filterDate: number,
  properties: string,
  sha256: string | null,
  size: number | null,
  derived: string | null,
];

export function itemOf(row: ItemRow): Item {
  const [id, folderId, contentClass, created, createdBy, changed, changedBy, sortDate, filterDate, properties] = row;
  const [, , , , , , , , , , sha256, size, derived] = row;
  const item = {
    id,
    folderId,
    contentClass,
    created,
    createdBy,
    changed,
    changedBy,
    sortDate,
    filterDate,
    properties: properties === '{}' ? {} : JSON.parse(properties),
  };
  if (sha256 === null || size === null || derived === null) return item;
  return { ...item, message: storedMessage(sha256, size, derived) };
}

export const tombstoneColumns = `item AS id, folder AS folderId, created, created_by AS createdBy, deleted, deleted_by AS deletedBy,
  sort_date AS sortDate, filter_date AS filterDate`;
export type TombstoneRow = ItemTombstone;
