// Demo mail: letters in charsets other than UTF-8 (RFC 2978) and names in RFC 2231 form.
import iconv from 'iconv-lite';
import { base64Lines, type Letter, multipart, plain } from './assemble.ts';
import { type Correspondent, liu, mina, orlova, park, tailor, tanaka, team } from './people.ts';

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

// ISO-2022-JP as a Japanese mail program writes it. iconv-lite does not encode it, so it stands here encoded:
// "田中です。… 先日は和紙の見本をありがとうございました。… 凧工房 田中春香".
const JIS_TEXT = [
  'GyRCRURDZiRHJDkhIxsoQg0KDQobJEJAaEZ8JE9PQjtmJE44K0tcJHIkIiRqJCwkSCQmJDQkNiQkJF4kNyQ/ISMbKEINChskQk1oN24k',
  'TkJ8TUgkMkJnMnEkTjdvISIkXiQ/GyhCIBskQiQ0TyJNbSQkJD8kNyReJDkhIxsoQg0KDQobJEJCfDkpSzwbKEIgGyRCRURDZj1VOWEb',
  'KEINCg==',
].join('');
// "和紙の見本について" and "田中 春香".
const JIS_SUBJECT = '=?ISO-2022-JP?B?GyRCT0I7ZiROOCtLXCRLJEQkJCRGGyhC?=';
const JIS_FROM = `=?ISO-2022-JP?B?GyRCRURDZhsoQiAbJEI9VTlhGyhC?= <${tanaka.address}>`;

function wordsIn(charset: string, text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  const pieces = text.match(/.{1,12}/gsu) ?? [];
  return pieces.map((piece) => `=?${charset}?B?${iconv.encode(piece, charset).toString('base64')}?=`).join('\n ');
}

function inCharset({ id, from, charset, subject, text, daysAgo }: Foreign): Letter {
  const body = base64Lines(iconv.encode(text.replace(/\n/g, '\r\n'), charset));
  return {
    id,
    from,
    to: [charset === 'Big5' || charset === 'Shift_JIS' ? mina : team],
    subject,
    daysAgo,
    written: { from: `${wordsIn(charset, from.name)} <${from.address}>`, subject: wordsIn(charset, subject) },
    entity: `Content-Type: text/plain; charset=${charset}\nContent-Transfer-Encoding: base64\n\n${body}\n`,
  };
}

// No charset anywhere and octets above 0x7f in header and body: UTF-8 or windows-1252, the reader has to guess.
function unlabelled(
  id: string,
  charset: 'utf-8' | 'windows-1252',
  subject: string,
  text: string,
  daysAgo: number,
): Letter {
  return {
    id,
    from: tailor,
    to: [team],
    subject,
    daysAgo,
    written: { subject: iconv.encode(subject, charset).toString('latin1') },
    entity: Buffer.concat([Buffer.from('\r\n'), iconv.encode(`${text}\r\n`, charset)]),
  };
}

// RFC 2231 sections 3 and 4: names in pieces, in charsets, and as encoded words where they do not belong.
function namedFiles(): Letter {
  const file = (disposition: string, text: string): string =>
    `Content-Type: text/plain; charset=utf-8\nContent-Disposition: attachment;\n ${disposition}\nContent-Transfer-Encoding: 8bit\n\n${text}\n`;
  const korean = iconv.encode('연 도면.txt', 'EUC-KR').toString('base64');
  return {
    id: 'names',
    from: orlova,
    to: [team],
    subject: 'Four files with difficult names',
    daysAgo: 4.8,
    entity: multipart('mixed', '=_names', [
      plain('One file for each way of writing a name.'),
      file("filename*=UTF-8''%D1%87%D0%B5%D1%80%D1%82%D1%91%D0%B6.txt", 'чертёж.txt'),
      file(
        'filename*0*=windows-1252\'\'B%FCgelfalten%20f%FCr;\n filename*1*=%20Anf%E4nger%20und;\n filename*2=" Fortgeschrittene.txt"',
        'Bügelfalten für Anfänger und Fortgeschrittene.txt',
      ),
      file(`filename="=?EUC-KR?B?${korean}?="`, '연 도면.txt'),
      file('filename="..\\..\\kites/..\\autoexec.bat"', 'A name that wants to leave its folder.'),
    ]),
  };
}

/** Letters of correspondents whose mail programs do not write UTF-8, or do not say what they write. */
export function charsetLetters(): Letter[] {
  return [
    ...FOREIGN.map(inCharset),
    {
      id: 'japanese',
      from: tanaka,
      to: [team],
      subject: '和紙の見本について',
      daysAgo: 12.7,
      written: { from: JIS_FROM, subject: JIS_SUBJECT },
      entity: Buffer.concat([
        Buffer.from('Content-Type: text/plain; charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit\r\n\r\n'),
        Buffer.from(JIS_TEXT, 'base64'),
      ]),
    },
    unlabelled('raw-utf8', 'utf-8', 'Être sûr de la couleur', 'Élise a relavé le rouge : il tient.', 3.6),
    unlabelled('raw-1252', 'windows-1252', 'Goûter à l’atelier', 'Gâteau à 16 h – 3 € par personne.', 3.5),
    namedFiles(),
  ];
}
