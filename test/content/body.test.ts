// Which body is chosen and what is read for it (MS-ASAIRS section 2.2.2.9, Body; MS-ASCMD section 2.2.3.110.3, MIMESupport (Sync)).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chooseBody, chooseBodyPart, makeBody, makeBodyPart } from '../../src/content/body.ts';
import { type BodyOptions, type BodyPreference, repeatsType } from '../../src/content/body-options.ts';

const message = { plainSize: 40, htmlSize: 100, nativeBodyType: 2, smime: 'none', size: 1000 } as const;
const octets = Buffer.from('x'.repeat(1000));

function options(bodyPreferences: readonly BodyPreference[], more: Partial<BodyOptions> = {}): BodyOptions {
  return { bodyPreferences, bodyPartPreferences: [], ...more };
}

const preference = fc.record(
  {
    type: fc.constantFrom(1, 2, 3, 4),
    truncationSize: fc.constantFrom(0, 1, 39, 40, 99, 100, 999, 1000, 5000),
    allOrNone: fc.boolean(),
    preview: fc.constantFrom(0, 1, 255),
  },
  { requiredKeys: ['type'], noNullPrototype: true },
);
const anyOptions = fc.record(
  {
    bodyPreferences: fc.uniqueArray(preference, { maxLength: 4, selector: ({ type }) => type }),
    bodyPartPreferences: fc.constant([]),
    mimeSupport: fc.constantFrom(0, 1, 2),
    mimeTruncation: fc.nat(8),
  },
  { requiredKeys: ['bodyPreferences', 'bodyPartPreferences'], noNullPrototype: true },
);
const anyMessage = fc.record({
  plainSize: fc.constantFrom(0, 40),
  htmlSize: fc.constantFrom(0, 100),
  nativeBodyType: fc.constantFrom(1, 2) as fc.Arbitrary<1 | 2>,
  smime: fc.constantFrom('none', 'clear', 'opaque') as fc.Arbitrary<never>,
  size: fc.constant(1000),
});

describe('the body that is chosen', () => {
  it('is read only when something of it is sent', () => {
    assert.equal(chooseBody(options([{ type: 1, truncationSize: 0 }]), message).source, undefined);
    assert.equal(chooseBody(options([{ type: 2, truncationSize: 99, allOrNone: true }]), message).source, undefined);
    assert.equal(chooseBody(options([{ type: 2, truncationSize: 99 }]), message).source, 'html');
    assert.equal(chooseBody(options([{ type: 4 }], { mimeSupport: 2 }), message).source, 'octets');
    assert.equal(chooseBody(options([{ type: 2 }]), { ...message, htmlSize: 0, nativeBodyType: 1 }).source, 'plain');
  });

  it('keeps the promises of its options, whatever they are', () => {
    fc.assert(
      fc.property(anyOptions, anyMessage, (asked, of) => {
        const { bodyPreferences, mimeSupport } = asked as BodyOptions;
        const choice = chooseBody(asked as BodyOptions, of);
        const allowed = mimeSupport === 2 || (mimeSupport === 1 && (of.smime as string) !== 'none');
        if (choice.type === 4) {
          assert.ok(allowed || (mimeSupport === undefined && bodyPreferences.every(({ type }) => type === 4)));
          const { data, truncated } = makeBody(
            choice,
            choice.source && octets.subarray(0, Math.min(1000, choice.limit + 1)),
            '',
          );
          const length = data?.length ?? 0;
          assert.ok(length <= choice.limit);
          assert.equal(truncated === true, length < 1000, 'Truncated says whether there is more');
          if ((of.smime as string) !== 'none') assert.ok(length === 0 || length === 1000, 'S/MIME is never cut');
        } else if (allowed) {
          const asksForMime = bodyPreferences.find(({ type }) => type === 4);
          assert.ok(asksForMime === undefined || asksForMime.allOrNone === true, 'MIME wins when it may be given');
        }
        assert.notEqual(choice.type as number, 3);
      }),
    );
  });

  it('of a message part is HTML (MS-ASAIRS R324)', () => {
    const of = (...bodyPartPreferences: BodyPreference[]) =>
      chooseBodyPart({ bodyPreferences: [], bodyPartPreferences }, message);
    assert.equal(of(), undefined);
    assert.equal(of({ type: 1 }), undefined);
    assert.equal(of({ type: 1 }, { type: 2 })?.type, 2);
  });

  it('has no Truncated, Data or Preview where there is nothing to say', () => {
    const empty = chooseBody(options([{ type: 1, preview: 20 }]), {
      ...message,
      plainSize: 0,
      htmlSize: 0,
      nativeBodyType: 1,
    });
    assert.deepEqual(makeBody(empty, '', ''), { type: 1, estimatedDataSize: 0 });
    assert.deepEqual(makeBodyPart(empty, '', ''), { status: 1, type: 1, estimatedDataSize: 0 });
  });

  it('does not part characters and says the size of the whole', () => {
    const choice = chooseBody(options([{ type: 1, truncationSize: 6 }]), { ...message, plainSize: 8, htmlSize: 0 });
    assert.deepEqual(makeBody(choice, '😀😀', ''), { type: 1, estimatedDataSize: 8, truncated: true, data: '😀' });
  });
});

describe('preferences', () => {
  it('repeat a type or not (MS-ASAIRS R10016)', () => {
    assert.equal(repeatsType(options([{ type: 1 }, { type: 2 }])), false);
    assert.equal(repeatsType(options([{ type: 1 }, { type: 1, truncationSize: 5 }])), true);
    assert.equal(repeatsType({ bodyPreferences: [{ type: 2 }], bodyPartPreferences: [{ type: 2 }] }), false);
    assert.equal(repeatsType({ bodyPreferences: [], bodyPartPreferences: [{ type: 2 }, { type: 2 }] }), true);
  });
});
