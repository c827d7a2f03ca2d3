// Charsets: octets to text and to code pages. The octets come from Python's codecs, an implementation independent of ours.
import assert from 'node:assert/strict';
import { codePageOf, decodeText, guessCharset } from '../../src/mime/charset.ts';
import { decodeHeaderText } from '../../src/mime/header-text.ts';

const CHARSETS: [label: string, octets: string, text: string][] = [
  ['euc-kr', 'bec8b3e720c7d1b1db', '안녕 한글'],
  ['ks_c_5601-1987', '8c63b9e6b0a2c7cf', '똠방각하'],
  ['iso-2022-jp', '1b2442467c4b5c386c1b284220616263201b2442252b254a1b2842', '日本語 abc カナ'],
  ['Shift_JIS', '955c8ea68740c3bdc4', '表示①ﾃｽﾄ'],
  ['euc-jp', 'b4c1bbfaa4aba4ca', '漢字かな'],
  ['gb2312', 'd6d0cec4bcf2cce5', '中文简体'],
  ['GB18030', '8139ee39d6d0cec49439fc36', '㐀中文😀'],
  ['hz-gb-2312', '7e7b56504e447e7d207e7e20616263', '中文 ~ abc'],
  ['big5', 'c163c5e9a4a4a4e5', '繁體中文'],
  ['koi8-r', 'f0d2c9d7c5d42c20cdc9d2', 'Привет, мир'],
  ['koi8-u', 'b7d6c1cb', 'Їжак'],
  ['windows-1250', '8e6c759d6f75e86bfd206bf9f2', 'Žluťoučký kůň'],
  ['windows-1251', 'cff0e8e2e5f2', 'Привет'],
  ['windows-1252', '80209371756f746564942096209c', '€ “quoted” – œ'],
  ['windows-1253', 'c3e5e9dc', 'Γειά'],
  ['windows-1254', '49fefd6b20f0', 'Işık ğ'],
  ['windows-1255', 'f9ece5ed', 'שלום'],
  ['windows-1256', 'd3e1c7e3', 'سلام'],
  ['windows-1257', 'e0e8e6eb', 'ąčęė'],
  ['windows-1258', 'd0756f6e67', 'Đuong'],
  ['iso-8859-2', 'a3f364bc', 'Łódź'],
  ['iso-8859-5', 'bcd8e0', 'Мир'],
  ['iso-8859-15', 'a420a6', '€ Š'],
  ['utf-7', '47722b4150774133772d65202b5a65566e4c41202b2d', 'Grüße 日本 +'],
  ['iso-2022-kr', '1b2429430e4751315b0f20616263', '한글 abc'],
  ['utf-16', 'fffe6100f1006200', 'añb'],
  ['utf-16le', '6100f1006200', 'añb'],
  ['macintosh', '47729fa765', 'Grüße'],
  ['cp850', '477281e165', 'Grüße'],
  ['tis-620', 'c0d2c9d2e4b7c2', 'ภาษาไทย'],
  ['iso-8859-1', '936e61ef7665942080', '“naïve” €'],
  ['us-ascii', '706c61696e', 'plain'],
  ['unknown-thing', '4772c3bcc39f65', 'Grüße'],
  ['x-nothing', '4772fcdf652080', 'Grüße €'],
  ['utf-8', '4772c3bcc39f6520f09f9880', 'Grüße 😀'],
];

describe('charsets', () => {
  for (const [label, octets, text] of CHARSETS) {
    it(`decodes ${label}`, () => {
      assert.equal(decodeText(Buffer.from(octets, 'hex'), label), text);
    });
  }

  it('takes quotes, blanks and a language out of a label', () => {
    assert.equal(decodeText(Buffer.from('f0d2', 'hex'), ` "KOI8-R*ru" `), 'Пр');
  });

  it('guesses UTF-8 before windows-1252', () => {
    assert.equal(guessCharset(Buffer.from('abc')), 'us-ascii');
    assert.equal(guessCharset(Buffer.from('é')), 'utf-8');
    assert.equal(guessCharset(Buffer.from([0xe9])), 'windows-1252');
  });

  for (const [label, page] of [
    ['utf-8', '65001'],
    ['US-ASCII', '20127'],
    ['', '20127'],
    ['iso-8859-1', '28591'],
    ['ISO_8859-15', '28605'],
    ['windows-1252', '1252'],
    ['gb2312', '936'],
    ['gb18030', '54936'],
    ['big5', '950'],
    ['ks_c_5601-1987', '949'],
    ['euc-kr', '51949'],
    ['iso-2022-jp', '50220'],
    ['shift_jis', '932'],
    ['koi8-r', '20866'],
    ['cp866', '866'],
    ['x-unheard-of', '65001'],
  ] as const) {
    it(`gives ${label || 'no charset'} the code page ${page} (MS-ASEMAIL R496)`, () => {
      assert.equal(codePageOf(label), page);
    });
  }
});

describe('header text', () => {
  const values: [what: string, raw: string, text: string, charset?: string][] = [
    ['folding', 'one\r\n two\r\n\tthree', 'one two three'],
    ['an encoded word', '=?utf-8?Q?Caf=C3=A9_au_lait?=', 'Café au lait'],
    ['words that share a character', '=?utf-8?B?w6k=?= =?utf-8?Q?=C3?= \r\n =?UTF-8?Q?=A9?=', 'éé'],
    ['words of two charsets', '=?koi8-r?Q?=F0?= =?utf-8?Q?=C3=A9?=', 'Пé'],
    ['text beside words', 'a =?utf-8?Q?b?= c =?utf-8?Q?d?=', 'a b c d'],
    ['a question mark in a word', '=?utf-8?Q?What??=', 'What?'],
    ['a blank in a word', '=?utf-8?Q?two words?=', 'two words'],
    ['base64 in pieces', '=?utf-8?B?YQ==Yg==?=', 'ab'],
    ['a language', '=?utf-8*de?Q?Stra=C3=9Fe?=', 'Straße'],
    ['an unfinished word', '=?utf-8?Q?never', '=?utf-8?Q?never'],
    ['an unknown encoding', '=?utf-8?X?abc?=', '=?utf-8?X?abc?='],
    ['raw UTF-8', Buffer.from('Grüße').toString('latin1'), 'Grüße'],
    ['raw octets in the charset of the body', '\xf0\xd2\xc9', 'При', 'koi8-r'],
    ['raw octets in no charset', 'Gr\xfc\xdfe \x80', 'Grüße €'],
    ['control characters', 'a\x00b\x07c\rd', 'a b c d'],
    ['a line end inside a word', '=?utf-8?Q?a=0D=0ABcc:_x?=', 'a Bcc: x'],
  ];
  for (const [what, raw, text, charset] of values) {
    it(`reads ${what}`, () => {
      assert.equal(decodeHeaderText(raw, charset), text);
    });
  }
});
