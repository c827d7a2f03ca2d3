// Settings as a device sees it (MS-ASCMD section 2.2.1.18, Settings).
import { type Element, Settings } from '../../wbxml/index.ts';
import { MalformedAnswerError } from './errors.ts';
import { type DeviceDescription, deviceInformation } from './provisioning.ts';
import { findAll, findNumber, node, textOf } from './tree.ts';

export interface SettingsRequest {
  readonly deviceInformation?: DeviceDescription;
  /** Ask for UserInformation. */
  readonly userInformation?: boolean;
}

export interface SettingsAnswer {
  readonly status: number;
  readonly deviceInformationStatus?: number;
  readonly userInformationStatus?: number;
  /** Addresses of the user, the primary one first where the version tells. */
  readonly addresses: readonly string[];
  readonly root: Element;
}

export function settingsRequest(request: SettingsRequest): Element {
  return node(
    Settings.Settings,
    request.deviceInformation && deviceInformation(request.deviceInformation),
    request.userInformation ? node(Settings.UserInformation, node(Settings.Get)) : undefined,
  );
}

export function readSettings(root: Element): SettingsAnswer {
  const status = findNumber(root, 'Settings:Status');
  if (status === undefined) throw new MalformedAnswerError('Settings without a Status');
  const deviceInformationStatus = findNumber(root, 'DeviceInformation/Settings:Status');
  const userInformationStatus = findNumber(root, 'UserInformation/Settings:Status');
  const get = 'UserInformation/Get';
  const addresses = ['PrimarySmtpAddress', 'SMTPAddress'].flatMap((name) =>
    [`${get}/EmailAddresses/${name}`, `${get}/Accounts/Account/EmailAddresses/${name}`].flatMap((path) =>
      findAll(root, path).map((element) => textOf(element.content) ?? ''),
    ),
  );
  return {
    status,
    ...(deviceInformationStatus === undefined ? {} : { deviceInformationStatus }),
    ...(userInformationStatus === undefined ? {} : { userInformationStatus }),
    addresses: [...new Set(addresses)],
    root,
  };
}
