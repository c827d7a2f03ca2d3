// Provision: the device asks for the policy, then says that it obeys it (MS-ASPROV section 3.2.5.1, Provision Command).
import { Element, Provision as Page, Settings } from '../../wbxml/index.ts';
import { CommonStatus } from '../protocol/common-status.ts';
import { documentOf, type Infer, one, optional, struct } from '../protocol/schema.ts';
import { integer, present, text } from '../protocol/values.ts';
import { deviceInformation, keepDeviceInformation } from '../provisioning/device-information.ts';
import { acknowledgedPolicyKey, newPolicyKey, policyFor } from '../provisioning/device-policy.ts';
import { policyDocument } from '../provisioning/policy-settings.ts';
import type { PartnershipChange } from '../store/device-store.ts';
import { type CommandContext, CommandError, documentCommand } from './command.ts';

/** MS-ASPROV section 2.2.2.54.2, Status (Provision). */
const Status = { Success: 1, ProtocolError: 2 } as const;
/** MS-ASPROV section 2.2.2.54.1, Status (Policy), in answers. */
const PolicyStatus = { Success: 1, UnknownPolicyType: 3, WrongPolicyKey: 5 } as const;
/** The same in a request: how far the device obeys. */
const Compliance = { Full: 1, Partial: 2, None: 3, ManagedByOthers: 4 } as const;

const wbxmlPolicies = 'MS-EAS-Provisioning-WBXML';

const wipe = struct({ status: one(Page.Status, integer({ max: 255 })) });
const policyType = one(Page.PolicyType, text({ min: 1, max: 256 }));
const requestPolicy = struct({
  policyType,
  policyKey: optional(Page.PolicyKey, text({ max: 64 })),
  status: optional(Page.Status, integer({ min: 1, max: 4 })),
});

const request = documentOf(
  Page.Provision,
  struct({
    deviceInformation: optional(Settings.DeviceInformation, deviceInformation, { since: 14.1 }),
    policies: optional(Page.Policies, struct({ policy: one(Page.Policy, requestPolicy) })),
    remoteWipe: optional(Page.RemoteWipe, wipe),
    accountOnlyRemoteWipe: optional(Page.AccountOnlyRemoteWipe, wipe, { since: 16.1 }),
  }),
);

const responsePolicy = struct({
  policyType,
  status: one(Page.Status, integer()),
  policyKey: optional(Page.PolicyKey, text()),
  data: optional(Page.Data, struct({ document: one(Page.EASProvisionDoc, policyDocument) })),
});

const response = documentOf(
  Page.Provision,
  struct({
    deviceInformation: optional(Settings.DeviceInformation, struct({ status: one(Settings.Status, integer()) }), {
      since: 14.1,
    }),
    status: one(Page.Status, integer()),
    policies: optional(Page.Policies, struct({ policy: one(Page.Policy, responsePolicy) })),
    remoteWipe: optional(Page.RemoteWipe, present),
    accountOnlyRemoteWipe: optional(Page.AccountOnlyRemoteWipe, present, { since: 16.1 }),
  }),
);

type PolicyAnswer = Infer<typeof responsePolicy>;

/** Keeps it, unless the device is one of which nothing is kept. */
async function keep(context: CommandContext, change: PartnershipChange) {
  if (context.device.id !== 0) await context.services.store.devices.update(context.device.id, change);
}

/** The first phase: the policy, under a key that is good for nothing but to acknowledge it. */
async function offerPolicy(context: CommandContext): Promise<PolicyAnswer> {
  const pendingPolicyKey = newPolicyKey();
  await keep(context, { pendingPolicyKey });
  return {
    policyType: wbxmlPolicies,
    status: PolicyStatus.Success,
    policyKey: String(pendingPolicyKey),
    data: { document: policyFor(context.device).policy },
  };
}

/** Throws when the policy lets nobody work who does not obey it in full, and this device does not. */
function checkCompliance(context: CommandContext, compliance: number) {
  if (context.services.settings.allowNonProvisionable || compliance === Compliance.Full) return;
  if (compliance === Compliance.ManagedByOthers) {
    throw new CommandError(CommonStatus.ExternallyManagedDevicesNotAllowed, 'somebody else manages the device');
  }
  throw new CommandError(CommonStatus.DeviceNotFullyProvisionable, 'the device does not obey the policy in full');
}

/** The second phase: the key that counts from now on. It follows from that of the first phase, so that a repeated request gets it again. */
async function acknowledgePolicy(context: CommandContext, sent: string, compliance: number): Promise<PolicyAnswer> {
  const { device } = context;
  const offered = device.id === 0 ? sent : String(device.pendingPolicyKey);
  if (sent !== offered || !/^[1-9][0-9]{0,9}$/.test(sent)) {
    return { policyType: wbxmlPolicies, status: PolicyStatus.WrongPolicyKey };
  }
  checkCompliance(context, compliance);
  const policyKey = acknowledgedPolicyKey(Number(sent), device.deviceId);
  const { digest } = policyFor(device);
  if (policyKey !== device.policyKey || digest !== device.policyDigest) {
    await keep(context, { policyKey, policyDigest: digest });
  }
  return { policyType: wbxmlPolicies, status: PolicyStatus.Success, policyKey: String(policyKey) };
}

async function policyAnswer(context: CommandContext, sent: Infer<typeof requestPolicy>): Promise<PolicyAnswer> {
  if (sent.policyType !== wbxmlPolicies) {
    return { policyType: sent.policyType, status: PolicyStatus.UnknownPolicyType };
  }
  if (sent.policyKey === undefined) return offerPolicy(context);
  return acknowledgePolicy(context, sent.policyKey, sent.status ?? Compliance.Full);
}

export const provision = documentCommand({
  name: 'Provision',
  beforeProvisioning: true,
  request,
  response,
  invalid: () => Status.ProtocolError,
  statusDocument: (status) => new Element(Page.Provision, [new Element(Page.Status, String(status))]),
  async handle(context, value) {
    const sent = value?.policies?.policy;
    const information = value?.deviceInformation;
    if (context.version >= 14.1 && sent !== undefined && sent.policyKey === undefined && information === undefined) {
      throw new CommandError(CommonStatus.DeviceInformationRequired, 'the first phase lacks DeviceInformation');
    }
    const status =
      information && (await keepDeviceInformation(context.services.store.devices, context.device, information.set));
    const policy = sent && (await policyAnswer(context, sent));
    return {
      kind: 'document',
      value: {
        deviceInformation: status && { status },
        status: Status.Success,
        policies: policy && { policy },
      },
    };
  },
});
