// Code page 8: MeetingResponse (MS-ASWBXML section 2.1.2.1.9, Code Page 8: MeetingResponse).
import { codePage } from '../tag.ts';

export const MeetingResponsePage = codePage(8, 'MeetingResponse', 'meetingresponse', {
  CalendarId: 0x05,
  CollectionId: 0x06,
  MeetingResponse: 0x07,
  RequestId: 0x08,
  Request: 0x09,
  Result: 0x0a,
  Status: 0x0b,
  UserResponse: 0x0c,
  InstanceId: 0x0e,
  ProposedStartTime: 0x10,
  ProposedEndTime: 0x11,
  SendResponse: 0x12,
});
export const MeetingResponse = MeetingResponsePage.tags;
