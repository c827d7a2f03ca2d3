// Brings a bounce to the sender of what failed: into the mailbox when the sender is ours, to the relay otherwise, never to the null sender.
// RFC 5321 section 6.1 (Reliable Delivery and Replies by Email).
import { derive } from '../mime/derive.ts';
import type { Store } from '../store/store.ts';
import type { BounceContent } from './bounce.ts';
import { bounceMessage } from './bounce.ts';
import { inboxDelivery } from './delivery.ts';
import { normalAddress, resolveRecipient } from './recipients.ts';

/** What became of a bounce; `dropped` when the sender is nobody that could be told. */
export type BounceOutcome = 'delivered' | 'queued' | 'dropped';

/** Stores the bounce. `mark` keeps it from being delivered twice when a queue entry is gone through again after a crash. */
export async function deliverBounce(store: Store, content: BounceContent, mark: string): Promise<BounceOutcome> {
  if (content.to === '') return 'dropped';
  const sender = await resolveRecipient(store.directory, content.to);
  if (sender.kind !== 'found') return 'dropped';
  const octets = bounceMessage(content);
  const { message: derived, bodies } = derive(octets);
  const message = { octets, derived, bodies };
  // A group as envelope sender is nobody's mail; only a user, or an address outside as such, is told.
  const [user] = sender.groups.length === 0 ? sender.users : [];
  if (user !== undefined) {
    const delivery = await inboxDelivery(store, user, message, { received: content.now, mark });
    await store.delivery.submit({ message, deliveries: [delivery] });
    return 'delivered';
  }
  if (sender.groups.length > 0) return 'dropped';
  const recipients = [normalAddress(content.to)];
  await store.delivery.submit({ message, deliveries: [], outbound: { sender: '', recipients }, onceMark: mark });
  return 'queued';
}
