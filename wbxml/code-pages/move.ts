// Code page 5: Move (MS-ASWBXML section 2.1.2.1.6, Code Page 5: Move).
import { codePage } from '../tag.ts';

export const MovePage = codePage(5, 'Move', 'move', {
  MoveItems: 0x05,
  Move: 0x06,
  SrcMsgId: 0x07,
  SrcFldId: 0x08,
  DstFldId: 0x09,
  Response: 0x0a,
  Status: 0x0b,
  DstMsgId: 0x0c,
});
export const Move = MovePage.tags;
