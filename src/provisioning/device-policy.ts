// Whether a device obeys the policy: policy keys and what a request with the wrong one is told (MS-ASPROV section 3.2.5.1, Provision Command).
import { createHash, randomInt } from 'node:crypto';
import { CommonStatus } from '../protocol/common-status.ts';
import type { Partnership } from '../store/device-store.ts';
import { defaultPolicy, type Policy } from './policy-settings.ts';

/** What a policy says, in short. The same at every protocol version, so that a device is not told of settings that its version lacks. */
export function policyDigest(policy: Policy): string {
  return createHash('sha256').update(JSON.stringify(policy)).digest('base64url');
}

const defaultDigest = policyDigest(defaultPolicy);

/** The policy of a device, and its digest. */
export function policyFor(_device: Partnership): { readonly policy: Policy; readonly digest: string } {
  return { policy: defaultPolicy, digest: defaultDigest };
}

/** A new policy key. Never 0, which phones take for none; 31 bits, because some read it as a signed number. */
export function newPolicyKey(): number {
  return randomInt(1, 2 ** 31);
}

/** The key after an acknowledgment: new, and the same again when the acknowledgment is repeated because its answer was lost. */
export function acknowledgedPolicyKey(offered: number, deviceId: string): number {
  const digest = createHash('sha256').update(`${offered} ${deviceId}`).digest();
  const key = digest.readUInt32BE(0) >>> 1 || 1;
  return key === offered ? (key === 1 ? 2 : key - 1) : key;
}

/** What the gate looks at; a command's context is one. */
export interface ProvisioningRequest {
  readonly device: Partnership;
  /** X-MS-PolicyKey; undefined when the request carries none. */
  readonly policyKey?: number | undefined;
  readonly services: { readonly settings: { readonly allowNonProvisionable: boolean } };
}

/**
 * The common status for a device that must provision before anything else; undefined when it may go on. Not for commands that go before
 * provisioning. A policy that lets devices work that never provision does so for requests with no key or 0.
 */
export function requiredProvisioning({ device, policyKey, services }: ProvisioningRequest): number | undefined {
  const lenient = services.settings.allowNonProvisionable;
  if (policyKey === undefined) return lenient ? undefined : CommonStatus.LegacyDeviceOnStrictPolicy;
  if (policyKey === 0) return lenient ? undefined : CommonStatus.DeviceNotProvisioned;
  if (policyKey !== device.policyKey) return CommonStatus.InvalidPolicyKey;
  return device.policyDigest === policyFor(device).digest ? undefined : CommonStatus.PolicyRefresh;
}
