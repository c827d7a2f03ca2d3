// The XML view: what it looks like, that nothing is lost on the way, and what it refuses.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AirSync, AirSyncBase, ComposeMail, decode, Element, Email, encode } from '../../wbxml/index.ts';
import { fromXml, toXml, XmlViewError } from '../../wbxml/xml.ts';
import { elementTree } from './arbitrary-tree.ts';
import { isPresent, readVectors, sharedWbxml } from './shared-vectors.ts';

describe('wbxml XML view', () => {
  it('is indented, with the customary prefixes, and base64 for opaque values', () => {
    const tree = new Element(AirSync.Sync, [
      new Element(AirSync.GetChanges),
      new Element(AirSync.ApplicationData, [new Element(Email.Subject, 'a <b> & "c"\r\n')]),
      new Element(AirSyncBase.Data, Buffer.from('\0\x01\x02')),
      new Element(AirSync.Status, 'a\x01b'),
      new Element(AirSync.Status, ' \n'),
    ]);
    const xml = `<?xml version="1.0" encoding="utf-8"?>
<Sync xmlns="AirSync" xmlns:email="Email" xmlns:airsyncbase="AirSyncBase">
  <GetChanges/>
  <ApplicationData>
    <email:Subject>a &lt;b&gt; &amp; "c"&#13;
</email:Subject>
  </ApplicationData>
  <airsyncbase:Data encoding="base64">AAEC</airsyncbase:Data>
  <Status encoding="base64-text">YQFi</Status>
  <Status>&#32;
</Status>
</Sync>
`;
    assert.equal(toXml(tree), xml);
    assert.deepStrictEqual(fromXml(xml), tree);
  });

  it('reads what a person writes: any prefix, inner declarations, comments, CDATA, empty lines', () => {
    const xml = `\ufeff<!-- a request -->
      <c:SendMail xmlns:c="ComposeMail:">
        <c:ClientId> 1 </c:ClientId>   <!-- kept as it is -->
        <c:SaveInSentItems>
        </c:SaveInSentItems>
        <c:Mime><![CDATA[a<b>&amp;]]>&amp;&#x41;</c:Mime>
        <Status xmlns="AirSync"><![CDATA[ ]]></Status>
        <c:Source encoding="base64">
          YQ
          ==
        </c:Source>
      </c:SendMail>`;
    const tree = new Element(ComposeMail.SendMail, [
      new Element(ComposeMail.ClientId, ' 1 '),
      new Element(ComposeMail.SaveInSentItems),
      new Element(ComposeMail.Mime, 'a<b>&amp;&A'),
      new Element(AirSync.Status, ' '),
      new Element(ComposeMail.Source, Buffer.from('a')),
    ]);
    assert.deepStrictEqual(fromXml(xml), tree);
  });

  it('gives back every tree', () => {
    fc.assert(
      fc.property(elementTree, (tree) => assert.deepStrictEqual(fromXml(toXml(tree)), tree)),
      { numRuns: 100 },
    );
  });

  it('gives back trees as deep as the codec allows', () => {
    let tree = new Element(AirSync.Status, 'x');
    for (let level = 1; level < 100; level++) tree = new Element(AirSync.Add, [tree]);
    assert.deepStrictEqual(fromXml(toXml(decode(encode(tree)))), tree);
  });

  if (isPresent(sharedWbxml, 'XML view of the wbxml vectors')) {
    for (const { name, bytes, canonical } of [...readVectors('vectors/'), ...readVectors('bench/')]) {
      if (canonical === false) continue;
      it(`gives back the bytes of ${name}`, () => {
        assert.ok(encode(fromXml(toXml(decode(bytes)))).equals(bytes));
      });
    }
  }

  const refused: [what: string, xml: string, message: RegExp][] = [
    ['nothing', '', /./],
    ['text', 'text', /./],
    ['an open element', '<Sync xmlns="AirSync">', /Unclosed/],
    ['crossed elements', '<Sync xmlns="AirSync"><Add></Sync></Add>', /closing tag/],
    ['two roots', '<Sync xmlns="AirSync"/><Sync xmlns="AirSync"/>', /2 root elements/],
    ['a document type', '<!DOCTYPE x [<!ENTITY e "v">]><Sync xmlns="AirSync">&e;</Sync>', /document type/],
    ['an unknown entity', '<Sync xmlns="AirSync">&nbsp;</Sync>', /\/Sync: unknown reference &nbsp;/],
    ['a name of Object.prototype as entity', '<Sync xmlns="AirSync">&toString;</Sync>', /unknown reference/],
    ['a reference without its semicolon', '<Sync xmlns="AirSync">&amp</Sync>', /./],
    ['a reference to NUL', '<Sync xmlns="AirSync">&#0;</Sync>', /unknown reference/],
    ['a reference beyond Unicode', '<Sync xmlns="AirSync">&#x110000;</Sync>', /unknown reference/],
    ['no namespace', '<Sync/>', /\/Sync: its namespace is not declared/],
    ['an undeclared prefix', '<Sync xmlns="AirSync"><email:To/></Sync>', /\/Sync\/email:To: its namespace/],
    ['an unknown namespace', '<Sync xmlns="Air"/>', /no code page has the namespace Air/],
    ['an unknown tag', '<Sync xmlns="AirSync"><Nope/></Sync>', /\/Sync\/Nope: no such tag on code page 0/],
    ['a tag of Object.prototype', '<valueOf xmlns="AirSync"/>', /no such tag/],
    ['another attribute', '<Sync xmlns="AirSync" id="1"/>', /unknown attribute id/],
    ['text beside elements', '<Sync xmlns="AirSync">a<Add/></Sync>', /\/Sync: text beside elements/],
    ['an unknown encoding', '<Sync xmlns="AirSync" encoding="hex">00</Sync>', /unknown encoding hex/],
    ['an encoding on elements', '<Sync xmlns="AirSync" encoding="base64"><Add/></Sync>', /holds elements/],
    ['wrong base64', '<Sync xmlns="AirSync" encoding="base64">A?==</Sync>', /not base64/],
    ['cut base64', '<Sync xmlns="AirSync" encoding="base64">AAA</Sync>', /not base64/],
    ['10,000 levels', `<Sync xmlns="AirSync">${'<Add>'.repeat(9999)}${'</Add>'.repeat(9999)}</Sync>`, /./],
    ['10,000 open levels', '<Add xmlns="AirSync">'.repeat(10_000), /^.{1,200}$/s],
  ];
  for (const [what, xml, message] of refused) {
    it(`refuses ${what}`, () =>
      assert.throws(
        () => fromXml(xml),
        (error) => error instanceof XmlViewError && message.test(error.message),
      ));
  }

  it('reads or refuses whatever is done to a document', () => {
    const original = toXml(
      new Element(AirSync.Sync, [new Element(AirSync.Status, 'a&b'), new Element(Email.To, Buffer.from('a'))]),
    );
    const piece = fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom('<', '>', '&', '/', '"', '<![CDATA[', ']]>', '<!--', '<?', '\0'),
    );
    fc.assert(
      fc.property(fc.nat(original.length), fc.nat(6), piece, (at, removed, inserted) => {
        try {
          encode(fromXml(original.slice(0, at) + inserted + original.slice(at + removed)));
        } catch (error) {
          if (!(error instanceof XmlViewError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
