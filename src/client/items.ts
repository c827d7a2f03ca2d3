// MoveItems and GetItemEstimate as a device sees them (MS-ASCMD section 2.2.1.12, MoveItems; 2.2.1.10, GetItemEstimate).
import { AirSync, type Element, GetItemEstimate, Move } from '../../wbxml/index.ts';
import { findAll, findNumber, findText, leaf, maybe, node } from './tree.ts';

export interface ItemMove {
  readonly serverId: string;
  readonly from: string;
  readonly to: string;
}

export interface MoveReply {
  readonly serverId: string;
  /** 3 is success. */
  readonly status: number;
  /** The item's id in its new folder. */
  readonly newServerId?: string;
}

export function moveItemsRequest(moves: readonly ItemMove[]): Element {
  return node(
    Move.MoveItems,
    moves.map(({ serverId, from, to }) =>
      node(Move.Move, leaf(Move.SrcMsgId, serverId), leaf(Move.SrcFldId, from), leaf(Move.DstFldId, to)),
    ),
  );
}

/** The replies, in order. A Status for the whole command is one reply without a ServerId. */
export function readMoveItems(root: Element): readonly MoveReply[] {
  const whole = findNumber(root, 'Status');
  if (whole !== undefined) return [{ serverId: '', status: whole }];
  return findAll(root, 'Response').map((reply) => {
    const newServerId = findText(reply, 'DstMsgId');
    return {
      serverId: findText(reply, 'SrcMsgId') ?? '',
      status: findNumber(reply, 'Status') ?? 0,
      ...(newServerId === undefined ? {} : { newServerId }),
    };
  });
}

export interface EstimateRequest {
  readonly collectionId: string;
  readonly syncKey: string;
  readonly filterType?: number;
  readonly class?: string;
}

export interface EstimateReply {
  readonly status: number;
  readonly collectionId: string;
  readonly estimate?: number;
}

/** Up to 12.1 the children of Collection have another order and FilterType stands beside them (MS-ASCMD section 2.2.3.29.1, Collection). */
export function itemEstimateRequest(collections: readonly EstimateRequest[], before14: boolean): Element {
  return node(
    GetItemEstimate.GetItemEstimate,
    node(
      GetItemEstimate.Collections,
      collections.map((collection) =>
        before14
          ? node(
              GetItemEstimate.Collection,
              maybe(GetItemEstimate.Class, collection.class),
              leaf(GetItemEstimate.CollectionId, collection.collectionId),
              maybe(AirSync.FilterType, collection.filterType),
              leaf(AirSync.SyncKey, collection.syncKey),
            )
          : node(
              GetItemEstimate.Collection,
              leaf(AirSync.SyncKey, collection.syncKey),
              leaf(GetItemEstimate.CollectionId, collection.collectionId),
              collection.filterType === undefined
                ? undefined
                : node(
                    AirSync.Options,
                    leaf(AirSync.FilterType, collection.filterType),
                    maybe(AirSync.Class, collection.class),
                  ),
            ),
      ),
    ),
  );
}

export function readItemEstimate(root: Element): readonly EstimateReply[] {
  const whole = findNumber(root, 'Status');
  if (whole !== undefined) return [{ status: whole, collectionId: '' }];
  return findAll(root, 'Response').map((reply) => {
    const estimate = findNumber(reply, 'Collection/Estimate');
    return {
      status: findNumber(reply, 'Status') ?? 0,
      collectionId: findText(reply, 'Collection/CollectionId') ?? '',
      ...(estimate === undefined ? {} : { estimate }),
    };
  });
}
