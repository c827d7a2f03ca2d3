// Demo mail: letters in charsets other than UTF-8 (RFC 2978) and names in RFC 2231 form.
import iconv from 'iconv-lite';
import { base64Lines, type Letter } from './assemble.ts';
import { type Correspondent, liu, orlova, park, tailor, tanaka, team } from './people.ts';

interface Foreign {
  readonly id: string;
  readonly from: Correspondent;
  readonly charset: string;
  readonly subject: string;
  readonly text: string;
  readonly daysAgo: number;
}

const FOREIGN: readonly Foreign[] = [
  {
    id: 'korean',
    from: park,
    charset: 'EUC-KR',
    subject: '한강 연날리기 축제 참가 안내',
    text: '안녕하세요, 라크스퍼 팀 여러분.\n\n올해 한강 축제에 꼭 와 주세요. 바람이 좋은 자리를 비워 두었습니다.\n\n박지훈 드림',
    daysAgo: 14.2,
  },
  {
    id: 'chinese',
    from: liu,
    charset: 'GB18030',
    subject: '潍坊风筝节：竹骨样品',
    text: '您好！\n\n竹骨样品已经寄出，共十二根，长度一米二。请收到后告诉我们。\n\n祝好！\n刘洋',
    daysAgo: 11.6,
  },
  {
    id: 'traditional',
    from: { name: 'Lin Mei-hua', address: 'lin@formosa-kites.example' },
    charset: 'Big5',
    subject: '彩繪風箏報價單',
    text: '您好：\n\n附上彩繪風箏的報價，每隻新台幣八百元。\n\n林美華',
    daysAgo: 15.1,
  },
  {
    id: 'russian',
    from: orlova,
    charset: 'KOI8-R',
    subject: 'Чертежи воздушного змея',
    text: 'Здравствуйте, Йонас!\n\nПосылаю чертежи старого змея из музея. Размах крыльев два метра, хвост шесть.\n\nС уважением,\nВера Орлова',
    daysAgo: 10.9,
  },
  {
    id: 'french',
    from: tailor,
    charset: 'windows-1252',
    subject: 'Facture n° 118 – toile « nuit »',
    text: 'Bonjour,\n\nvoici la facture : 12 m à 34 € le mètre, soit 408 €. L’œillet est offert…\n\nÉlise',
    daysAgo: 5.9,
  },
  {
    id: 'sjis',
    from: tanaka,
    charset: 'Shift_JIS',
    subject: '凧の展示会のご案内',
    text: 'ラークスパーの皆様\n\n来月、東京で凧の展示会を開きます。ぜひお越しください。\n\n凧工房　田中',
    daysAgo: 17.5,
  },
];

// "和紙の見本をお送りしました" and more; ISO-2022-JP as a Japanese mail program writes it, escapes spelled out.
const JIS_TEXT = Buffer.from(
  [
    'GyRCRURDZiRHJDkhIxsoQg0KDQobJEI5OSRPT0I7Zk1RJE44K0tcJHIkKkF3JGokNyReJDckPyEjGyhC',
    'DQobJEJGTyQtJF4kNyQ/JGkbKEIsIBskQiQqQ04kaSQ7JC8kQCQ1JCQhIxsoQg0K',
  ].join(''),
  'base64',
);

function inCharset({ id, from, charset, subject, text, daysAgo }: Foreign): Letter {
  const word = (value: string): string => `=?${charset}?B?${iconv.encode(value, charset).toString('base64')}?=`;
  const words = subject.match(/.{1,14}/gsu) ?? [];
  const head = [
    `Content-Type: text/plain; charset=${charset}`,
    'Content-Transfer-Encoding: base64',
    `X-Original-Subject: ${words.map(word).join('\n ')}`,
  ].join('\n');
  const body = base64Lines(iconv.encode(text.replace(/\n/g, '\r\n'), charset));
  return { id, from, to: [team], subject, daysAgo, entity: `${head}\n\n${body}\n` };
}

/** Letters of correspondents whose mail programs do not write UTF-8. */
export function charsetLetters(): Letter[] {
  return FOREIGN.map(inCharset);
}

export { JIS_TEXT };
