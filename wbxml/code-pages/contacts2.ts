// Code page 12: Contacts2 (MS-ASWBXML section 2.1.2.1.13, Code Page 12: Contacts2).
import { codePage } from '../tag.ts';

export const Contacts2Page = codePage(12, 'Contacts2', 'contacts2', {
  CustomerId: 0x05,
  GovernmentId: 0x06,
  IMAddress: 0x07,
  IMAddress2: 0x08,
  IMAddress3: 0x09,
  ManagerName: 0x0a,
  CompanyMainPhone: 0x0b,
  AccountName: 0x0c,
  NickName: 0x0d,
  MMS: 0x0e,
});
export const Contacts2 = Contacts2Page.tags;
