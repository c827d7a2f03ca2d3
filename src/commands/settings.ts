// Settings: what the device tells of itself and asks about its user (MS-ASCMD section 2.2.1.18, Settings).
import { Element, Settings as Page, RightsManagement } from '../../wbxml/index.ts';
import { documentOf, type Infer, many, one, optional, raw, sequence, struct } from '../protocol/schema.ts';
import { integer, present, text } from '../protocol/values.ts';
import { deviceInformation, keepDeviceInformation } from '../provisioning/device-information.ts';
import type { User } from '../store/directory-store.ts';
import { type CommandContext, CommandError, documentCommand } from './command.ts';

/** MS-ASCMD section 2.2.3.177.15, Status (Settings). */
const Status = { Success: 1, ProtocolError: 2, InvalidArguments: 5, DeniedByPolicy: 7 } as const;

/** The longest recovery password, in characters (MS-ASCMD section 2.2.3.127.2, Password (Settings)). */
const maximumPasswordLength = 255;

const get = struct({ get: one(Page.Get, present) });

const request = documentOf(
  Page.Settings,
  sequence({
    oof: one(Page.Oof, raw),
    devicePassword: one(
      Page.DevicePassword,
      struct({ set: one(Page.Set, struct({ password: one(Page.Password, text({ max: 4096 })) })) }),
    ),
    deviceInformation: one(Page.DeviceInformation, deviceInformation),
    userInformation: one(Page.UserInformation, get),
    rightsManagementInformation: one(Page.RightsManagementInformation, get, { since: 14.1 }),
  }),
);

const status = one(Page.Status, integer());
const statusOnly = struct({ status });
const emailAddresses = struct({
  addresses: many(Page.SMTPAddress, text()),
  primaryAddress: optional(Page.PrimarySmtpAddress, text(), { since: 14.1 }),
});
const account = struct({ emailAddresses: one(Page.EmailAddresses, emailAddresses) });
const userInformation = struct({
  status,
  get: optional(
    Page.Get,
    struct({
      emailAddresses: optional(Page.EmailAddresses, emailAddresses, { until: 14 }),
      accounts: optional(Page.Accounts, struct({ accounts: many(Page.Account, account) }), { since: 14.1 }),
    }),
  ),
});
const rightsManagementInformation = struct({
  status,
  get: one(Page.Get, struct({ templates: one(RightsManagement.RightsManagementTemplates, struct({})) })),
});

/** A sequence, because answers stand in the order of the questions (MS-ASCMD R480). */
const response = documentOf(
  Page.Settings,
  sequence({
    status,
    oof: one(Page.Oof, statusOnly),
    devicePassword: one(Page.DevicePassword, statusOnly),
    deviceInformation: one(Page.DeviceInformation, statusOnly),
    userInformation: one(Page.UserInformation, userInformation),
    rightsManagementInformation: one(Page.RightsManagementInformation, rightsManagementInformation),
  }),
);

type Part = Infer<(typeof request)['type']>[number];
type Answer = Infer<(typeof response)['type']>[number];

function userInformationOf(user: User): Infer<typeof userInformation> {
  const addresses = { addresses: user.addresses, primaryAddress: user.addresses[0] };
  return {
    status: Status.Success,
    get: { emailAddresses: addresses, accounts: { accounts: [{ emailAddresses: addresses }] } },
  };
}

async function answer(context: CommandContext, part: Part): Promise<Answer> {
  switch (part.kind) {
    case 'deviceInformation': {
      const { devices } = context.services.store;
      const outcome = await keepDeviceInformation(devices, context.device, part.value.set);
      return { kind: 'deviceInformation', value: { status: outcome } };
    }
    case 'userInformation':
      return { kind: 'userInformation', value: userInformationOf(context.user) };
    case 'devicePassword': {
      // The policy has PasswordRecoveryEnabled off: the server keeps no recovery passwords.
      const tooLong = part.value.set.password.length > maximumPasswordLength;
      const refused = tooLong ? Status.InvalidArguments : Status.DeniedByPolicy;
      return { kind: 'devicePassword', value: { status: refused } };
    }
    case 'rightsManagementInformation':
      // The feature is off, which is to have no templates.
      return { kind: 'rightsManagementInformation', value: { status: Status.Success, get: { templates: {} } } };
    case 'oof':
      return { kind: 'oof', value: { status: Status.InvalidArguments } };
  }
}

export const settings = documentCommand({
  name: 'Settings',
  request,
  response,
  invalid: () => Status.ProtocolError,
  statusDocument: (value) => new Element(Page.Settings, [new Element(Page.Status, String(value))]),
  async handle(context, parts) {
    if (parts === undefined || new Set(parts.map(({ kind }) => kind)).size < parts.length || parts.length === 0) {
      throw new CommandError(Status.ProtocolError, 'no property, or one of them twice');
    }
    const answers: Answer[] = [{ kind: 'status', value: Status.Success }];
    for (const part of parts) answers.push(await answer(context, part));
    return { kind: 'document', value: answers };
  },
});
