// The topic of a conversation from its subject (MS-ASEMAIL section 2.2.2.77, ThreadTopic).

// Reply and forward marks of mail programs in many languages, with the counters that some add.
const MARKS =
  're|r|aw|antw|antwort|sv|vs|odp|ref|res|rv|rif|bls|ynt|отв|回复|答复|返信|回覆|fw|fwd|wg|tr|enc|pd|vl|i|doorst|转发|轉寄|轉發|전달|회신|답장';
const MARK = new RegExp(`^\\s*(?:${MARKS})\\s*(?:\\[\\d{1,3}\\]|\\(\\d{1,3}\\)|\\^\\d{1,3})?\\s*[:：]\\s*`, 'iu');
const MOST_MARKS = 50;

/** The subject without reply and forward marks at its beginning; the subject itself when nothing else is left. */
export function threadTopicOf(subject: string): string {
  let topic = subject;
  for (let count = 0; count < MOST_MARKS; count++) {
    const match = MARK.exec(topic);
    if (match === null) break;
    topic = topic.slice(match[0].length);
  }
  return topic.trim();
}
