// What a device tells of itself, in Settings and in Provision (MS-ASCMD section 2.2.3.45, DeviceInformation).
import { Settings as Page } from '../../wbxml/index.ts';
import { type Infer, one, optional, struct } from '../protocol/schema.ts';
import { flag, text } from '../protocol/values.ts';
import type { DeviceInformation, DeviceStore, Partnership } from '../store/device-store.ts';

/** The longest text of one element (MS-ASCMD section 6.40, Settings Request Schema), in characters. */
const maximumLength = 1024;

const anyText = text();

/** What a device may set. Longer texts are read, so that this part alone is refused, and not the whole request. */
export const deviceInformationSet = struct(
  {
    model: optional(Page.Model, anyText),
    imei: optional(Page.IMEI, anyText),
    friendlyName: optional(Page.FriendlyName, anyText),
    os: optional(Page.OS, anyText),
    osLanguage: optional(Page.OSLanguage, anyText),
    phoneNumber: optional(Page.PhoneNumber, anyText),
    userAgent: optional(Page.UserAgent, anyText),
    enableOutboundSms: optional(Page.EnableOutboundSMS, flag, { since: 14 }),
    mobileOperator: optional(Page.MobileOperator, anyText, { since: 14 }),
  },
  { unknown: 'skip' },
);

/** The DeviceInformation element of a request. */
export const deviceInformation = struct({ set: one(Page.Set, deviceInformationSet) });

/** What to keep; undefined when nothing is set or a text is too long. */
function acceptedInformation(sent: Infer<typeof deviceInformationSet>): DeviceInformation | undefined {
  const set = Object.entries(sent).filter(([, value]) => value !== undefined);
  const tooLong = set.some(([, value]) => typeof value === 'string' && value.length > maximumLength);
  return set.length === 0 || tooLong ? undefined : (Object.fromEntries(set) as DeviceInformation);
}

/**
 * Keeps what a device told of itself; what it left out stays. Gives the Status of this part: 1, or 5 (Invalid arguments) when nothing is set or
 * a text is too long. Nothing is written when all of it is known already.
 */
export async function keepDeviceInformation(
  devices: DeviceStore,
  device: Partnership,
  sent: Infer<typeof deviceInformationSet>,
): Promise<1 | 5> {
  const information = acceptedInformation(sent);
  if (information === undefined) return 5;
  const before = device.information;
  const known = Object.entries(information).every(([name, value]) => before[name as keyof DeviceInformation] === value);
  if (!known && device.id !== 0) await devices.update(device.id, { information: { ...before, ...information } });
  return 1;
}
