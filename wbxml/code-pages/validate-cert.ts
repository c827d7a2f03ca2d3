// Code page 11: ValidateCert (MS-ASWBXML section 2.1.2.1.12, Code Page 11: ValidateCert).
import { codePage } from '../tag.ts';

export const ValidateCertPage = codePage(11, 'ValidateCert', 'validatecert', {
  ValidateCert: 0x05,
  Certificates: 0x06,
  Certificate: 0x07,
  CertificateChain: 0x08,
  CheckCRL: 0x09,
  Status: 0x0a,
});
export const ValidateCert = ValidateCertPage.tags;
