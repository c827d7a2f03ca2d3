// Provision as a device sees it, in two phases (MS-ASPROV section 3.1.5.1, Provision Command).
import { type Element, Provision, Settings } from '../../wbxml/index.ts';
import { MalformedAnswerError } from './errors.ts';
import { find, findNumber, findText, leaf, maybe, node } from './tree.ts';

/** What a device tells of itself (MS-ASCMD section 2.2.3.45, DeviceInformation). */
export interface DeviceDescription {
  readonly model?: string;
  readonly imei?: string;
  readonly friendlyName?: string;
  readonly os?: string;
  readonly osLanguage?: string;
  readonly phoneNumber?: string;
  readonly mobileOperator?: string;
  readonly userAgent?: string;
}

export interface ProvisionAnswer {
  readonly status: number;
  readonly policyStatus?: number;
  /** 0 when the answer holds none. */
  readonly policyKey: number;
  /** The policy document, in the first phase. */
  readonly policy?: Element;
  readonly remoteWipe: boolean;
}

export const policyType = 'MS-EAS-Provisioning-WBXML';

export function deviceInformation(device: DeviceDescription): Element {
  return node(
    Settings.DeviceInformation,
    node(
      Settings.Set,
      maybe(Settings.Model, device.model),
      maybe(Settings.IMEI, device.imei),
      maybe(Settings.FriendlyName, device.friendlyName),
      maybe(Settings.OS, device.os),
      maybe(Settings.OSLanguage, device.osLanguage),
      maybe(Settings.PhoneNumber, device.phoneNumber),
      maybe(Settings.UserAgent, device.userAgent),
      maybe(Settings.MobileOperator, device.mobileOperator),
    ),
  );
}

/** The first phase. From 14.1 on it may carry DeviceInformation. */
export function provisionRequest(device: DeviceDescription | undefined): Element {
  return node(
    Provision.Provision,
    device && deviceInformation(device),
    node(Provision.Policies, node(Provision.Policy, leaf(Provision.PolicyType, policyType))),
  );
}

/** The second phase: 1 the policy is in force, 2 in part, 3 ignored, 4 managed by somebody else. */
export function acknowledgePolicy(policyKey: number, status: 1 | 2 | 3 | 4): Element {
  return node(
    Provision.Provision,
    node(
      Provision.Policies,
      node(
        Provision.Policy,
        leaf(Provision.PolicyType, policyType),
        leaf(Provision.PolicyKey, policyKey),
        leaf(Provision.Status, status),
      ),
    ),
  );
}

export function readProvision(root: Element): ProvisionAnswer {
  const status = findNumber(root, 'Provision:Status');
  if (status === undefined) throw new MalformedAnswerError('Provision without a Status');
  const policyStatus = findNumber(root, 'Policies/Policy/Provision:Status');
  const policy = find(root, 'Policies/Policy/Provision:Data/EASProvisionDoc');
  return {
    status,
    ...(policyStatus === undefined ? {} : { policyStatus }),
    policyKey: Number(findText(root, 'Policies/Policy/PolicyKey') ?? 0),
    ...(policy === undefined ? {} : { policy }),
    remoteWipe: find(root, 'RemoteWipe') !== undefined,
  };
}
