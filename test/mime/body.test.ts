// Bodies cut, previewed and turned into HTML (MS-ASAIRS sections 2.2.2.35, Preview, and 2.2.2.40, TruncationSize).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  MIME_TRUNCATION_CHARACTERS,
  plainToHtml,
  previewOf,
  truncateHtml,
  truncateMime,
  truncateText,
} from '../../src/mime/body.ts';
import { joinFlowed } from '../../src/mime/plain-text.ts';

describe('bodies', () => {
  it('are cut by octets and never within a code point (MS-ASAIRS R288)', () => {
    assert.deepEqual(truncateText('aé€😀b', 100), { text: 'aé€😀b', truncated: false });
    assert.deepEqual(truncateText('aé€😀b', 11), { text: 'aé€😀b', truncated: false });
    assert.equal(truncateText('aé€😀b', 10).text, 'aé€😀');
    assert.equal(truncateText('aé€😀b', 9).text, 'aé€');
    assert.equal(truncateText('aé€😀b', 2).text, 'a');
    assert.deepEqual(truncateText('abc', 0), { text: '', truncated: true });
    assert.deepEqual(truncateText('abc', Number.POSITIVE_INFINITY), { text: 'abc', truncated: false });
  });

  it('are the longest beginning that fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(120), (text, size) => {
        const cut = truncateText(text, size);
        assert.ok(text.startsWith(cut.text) && Buffer.byteLength(cut.text) <= size);
        const next = String.fromCodePoint(text.codePointAt(cut.text.length) ?? 0);
        if (cut.truncated) assert.ok(Buffer.byteLength(cut.text + next) > size);
      }),
    );
  });

  for (const [html, size, expected] of [
    ['<p>one</p><p>two</p>', 12, '<p>one</p>'],
    ['<p>one</p><p>two</p>', 13, '<p>one</p><p>'],
    ['<a href="x>y">z</a>', 13, ''],
    ['<a href="x>y">z</a>', 14, '<a href="x>y">'],
    ['a &amp; b', 4, 'a '],
    ['a &amp; b', 7, 'a &amp;'],
    ['a &#x1F600; b', 9, 'a '],
    ['fish & chips', 8, 'fish & c'],
    ['5 < 6 is true', 9, '5 < 6 is '],
    ['x<!-- a > b --> y', 12, 'x'],
    ['<b>héllo', 5, '<b>h'],
  ] as const) {
    it(`cuts ${JSON.stringify(html)} at ${size} octets outside of markup`, () => {
      assert.equal(truncateHtml(html, size).text, expected);
    });
  }

  it('of HTML full of open tags are cut in time', () => {
    const html = '<a title="'.repeat(200_000);
    const start = performance.now();
    truncateHtml(html, html.length - 5);
    assert.ok(performance.now() - start < 1000);
  });

  it('of MIME are not cut inside CRLF or UTF-8', () => {
    assert.equal(truncateMime(Buffer.from('ab\r\ncd'), 3).octets.toString(), 'ab');
    assert.equal(truncateMime(Buffer.from('ab\r\ncd'), 4).octets.toString(), 'ab\r\n');
    assert.equal(truncateMime(Buffer.from('a€b'), 3).octets.toString(), 'a');
    assert.deepEqual(truncateMime(Buffer.from('abc'), 3), { octets: Buffer.from('abc'), truncated: false });
  });

  it('know the sizes of MIMETruncation (MS-ASCMD R3418 to R3426)', () => {
    assert.deepEqual(MIME_TRUNCATION_CHARACTERS, [0, 4096, 5120, 7168, 10240, 20480, 51200, 102400, Infinity]);
  });

  it('have previews of joined white space within the number of characters (MS-ASAIRS R250)', () => {
    assert.equal(previewOf('  a\r\n\tb \u00a0\u3000 c ', 255), 'a b c');
    assert.equal(previewOf('abc def', 4), 'abc');
    assert.equal(previewOf('ab😀', 3), 'ab');
    assert.equal(previewOf('', 255), '');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.nat(255), (text, n) => previewOf(text, n).length <= n));
  });

  it('are turned into HTML that shows the same and runs nothing', () => {
    const html = plainToHtml('a < b & "c"\n<script>x</script>\n  two');
    assert.ok(html.includes('a &lt; b &amp; &quot;c&quot;<br>\r\n&lt;script&gt;x&lt;/script&gt;<br>\r\n&nbsp; two'));
  });

  for (const [what, flowed, delsp, expected] of [
    ['joins soft-broken lines', 'one \ntwo\nthree', false, 'one two\nthree'],
    ['deletes the space with DelSp', '日本 \n語', true, '日本語'],
    ['takes the stuffing off', ' From here\n > no quote', false, 'From here\n> no quote'],
    ['joins quotes of one depth', '> one \n> two\n>> three \n> four', false, '> one two\n>> three \n> four'],
    ['keeps the signature separator', 'bye\n-- \nMe', false, 'bye\n-- \nMe'],
    ['keeps empty lines', 'a\n\n\nb\n', false, 'a\n\n\nb\n'],
  ] as const) {
    it(`of format=flowed: ${what} (RFC 3676)`, () => {
      assert.equal(joinFlowed(flowed.replace(/\n/g, '\r\n'), delsp), expected);
    });
  }
});
