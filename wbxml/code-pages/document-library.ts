// Code page 19: DocumentLibrary (MS-ASWBXML section 2.1.2.1.20, Code Page 19: DocumentLibrary).
import { codePage } from '../tag.ts';

export const DocumentLibraryPage = codePage(19, 'DocumentLibrary', 'documentlibrary', {
  LinkId: 0x05,
  DisplayName: 0x06,
  IsFolder: 0x07,
  CreationDate: 0x08,
  LastModifiedDate: 0x09,
  IsHidden: 0x0a,
  ContentLength: 0x0b,
  ContentType: 0x0c,
});
export const DocumentLibrary = DocumentLibraryPage.tags;
