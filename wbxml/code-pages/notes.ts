// Code page 23: Notes (MS-ASWBXML section 2.1.2.1.24, Code Page 23: Notes).
import { codePage } from '../tag.ts';

export const NotesPage = codePage(23, 'Notes', 'notes', {
  Subject: 0x05,
  MessageClass: 0x06,
  LastModifiedDate: 0x07,
  Categories: 0x08,
  Category: 0x09,
});
export const Notes = NotesPage.tags;
