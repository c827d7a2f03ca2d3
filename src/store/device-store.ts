// Device partnerships: what the server knows of a user's device.
import type { PartnershipId, UserId } from '../protocol/ids.ts';

/** What a device told of itself (MS-ASCMD section 2.2.3.45, DeviceInformation); each at most 1024 characters. */
export interface DeviceInformation {
  readonly model?: string;
  readonly imei?: string;
  readonly friendlyName?: string;
  readonly os?: string;
  readonly osLanguage?: string;
  readonly phoneNumber?: string;
  readonly userAgent?: string;
  readonly enableOutboundSms?: boolean;
  readonly mobileOperator?: string;
}

export interface Partnership {
  readonly id: PartnershipId;
  readonly userId: UserId;
  /** As sent by the device, compared without case. */
  readonly deviceId: string;
  readonly deviceType: string;
  readonly userAgent: string;
  /** The protocol version of the last request, for example 14.1; 0 before the first. */
  readonly protocolVersion: number;
  /** Milliseconds since 1970. */
  readonly firstSeen: number;
  /** Milliseconds since 1970; kept to the minute only, so that an unchanged request writes nothing. */
  readonly lastSeen: number;
  readonly information: DeviceInformation;
  /** The policy key that the device has acknowledged; 0 when it never provisioned. */
  readonly policyKey: number;
  /** The key given in the first phase of Provision, to be acknowledged; 0 when there is none. */
  readonly pendingPolicyKey: number;
  /** Digest of the policy document that the acknowledged key stands for; a changed policy demands a new Provision. */
  readonly policyDigest: string;
  /** Parameters of the last Ping, as JSON text of the ping command's own; empty when none. */
  readonly pingParameters: string;
  /** Collections and options of the last Sync, as JSON text of the sync command's own; empty when none. */
  readonly syncParameters: string;
}

/** What may change of a partnership. */
export type PartnershipChange = Partial<Omit<Partnership, 'id' | 'userId' | 'deviceId' | 'firstSeen'>>;

export interface DeviceStore {
  find(user: UserId, deviceId: string): Promise<Partnership | undefined>;
  /** Finds or makes it. At most `limit` partnerships a user: undefined when a new one would exceed it. */
  findOrCreate(
    user: UserId,
    device: { readonly deviceId: string; readonly deviceType: string; readonly userAgent: string },
    limit: number,
  ): Promise<Partnership | undefined>;
  update(id: PartnershipId, change: PartnershipChange): Promise<void>;
  list(user: UserId): Promise<readonly Partnership[]>;
  /** Removes the partnership and every sync state of it. */
  remove(id: PartnershipId): Promise<void>;
}
