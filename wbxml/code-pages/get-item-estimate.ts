// Code page 6: GetItemEstimate (MS-ASWBXML section 2.1.2.1.7, Code Page 6: GetItemEstimate).
import { codePage } from '../tag.ts';

export const GetItemEstimatePage = codePage(6, 'GetItemEstimate', 'getitemestimate', {
  GetItemEstimate: 0x05,
  Collections: 0x07,
  Collection: 0x08,
  Class: 0x09,
  CollectionId: 0x0a,
  Estimate: 0x0c,
  Response: 0x0d,
  Status: 0x0e,
});
export const GetItemEstimate = GetItemEstimatePage.tags;
