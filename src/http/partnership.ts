// The partnership that a request belongs to (MS-ASHTTP section 2.2.1.1.1.2.3, Device ID; 2.2.1.1.1.2.4, Device type).
import type { PartnershipId } from '../protocol/ids.ts';
import type { ProtocolVersion } from '../protocol/version.ts';
import type { DeviceStore, Partnership, PartnershipChange } from '../store/device-store.ts';
import type { User } from '../store/directory-store.ts';

/** What a request says of its device. */
export interface DeviceClaim {
  readonly deviceId: string;
  readonly deviceType: string;
  readonly userAgent: string;
  readonly version: ProtocolVersion;
}

const minute = 60_000;

/** "MUST NOT contain commas or special characters" (R102). */
export function isDeviceId(text: string): boolean {
  return /^[A-Za-z0-9._-]{1,64}$/.test(text);
}

/** "Any string" (R107), of a length that fits a table and without control characters. */
export function isDeviceType(text: string): boolean {
  return /^[^\0-\x1f\x7f]{1,64}$/.test(text);
}

/** Finds or makes the partnership; undefined when the user has too many. An account that is only being checked gets none that is kept. */
export async function partnershipOf(
  devices: DeviceStore,
  user: User,
  claim: DeviceClaim,
  limit: number,
  now: number,
): Promise<Partnership | undefined> {
  if (claim.deviceId.toLowerCase() !== 'validate') return devices.findOrCreate(user.id, claim, limit);
  return {
    id: 0 as PartnershipId,
    userId: user.id,
    deviceId: claim.deviceId,
    deviceType: claim.deviceType,
    userAgent: claim.userAgent,
    protocolVersion: claim.version,
    firstSeen: now,
    lastSeen: now,
    information: {},
    policyKey: 0,
    pendingPolicyKey: 0,
    policyDigest: '',
    pingParameters: '',
    syncParameters: '',
  };
}

/**
 * What this request changes of the partnership; undefined when nothing. Within a minute only another protocol version is
 * worth a write: Samsung's phones have one User-Agent for Sync and another for Ping.
 */
export function seenChange(device: Partnership, claim: DeviceClaim, now: number): PartnershipChange | undefined {
  if (device.id === 0) return undefined;
  const sameMinute = Math.floor(device.lastSeen / minute) === Math.floor(now / minute);
  if (sameMinute && device.protocolVersion === claim.version) return undefined;
  return {
    lastSeen: now,
    protocolVersion: claim.version,
    userAgent: claim.userAgent,
    deviceType: claim.deviceType,
  };
}
