// Which parts of a mail changed since a device heard of it (MS-ASEMAIL section 3.2.5.4.1, Sending E-Mail Changes to the Client).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  changedProperties,
  conversationIdOf,
  type EmailProperties,
  newEmailProperties,
  partsChangedAfter,
} from '../../src/content/email-properties.ts';
import { derive } from '../../src/mime/derive.ts';

const fresh: EmailProperties = { read: false, conversationId: 'c' };

/** What a step makes of the properties. */
const step = fc.record(
  {
    read: fc.boolean(),
    flag: fc.constantFrom(undefined, { status: 1 }, { status: 2 }),
    categories: fc.constantFrom([], ['a'], ['a', 'b']),
    lastVerb: fc.constantFrom(1, 2),
  },
  { requiredKeys: [], noNullPrototype: true },
);

type Step = Partial<Pick<EmailProperties, 'read' | 'categories' | 'lastVerb'>> & {
  flag?: EmailProperties['flag'] | undefined;
};

function after(before: EmailProperties, change: Step): EmailProperties {
  const { flag: _, ...others } = { ...before, ...change };
  const flag = 'flag' in change ? change.flag : before.flag;
  return { ...others, ...(flag === undefined ? {} : { flag }) } as EmailProperties;
}

describe('parts of a mail that changed', () => {
  it('are those that differ from what a device saw, and no fewer, whatever happened (R75, R76, R96 to R106)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.nat(), (steps, choice) => {
        let item = { properties: fresh, changed: 10 };
        const history = [item];
        for (const [index, change] of steps.entries()) {
          const properties = changedProperties(item, after(item.properties, change));
          // Counters of a mailbox rise by more than one: other items change as well.
          if (properties !== undefined) item = { properties, changed: 11 + index * 3 };
          history.push(item);
        }
        const seen = history[choice % history.length]!;
        const parts = partsChangedAfter(item, seen.changed);
        const changed = (part: 'read' | 'flag') =>
          JSON.stringify(seen.properties[part]) !== JSON.stringify(item.properties[part]);
        const list = (of: EmailProperties) => JSON.stringify(of.categories ?? []);
        const whole = parts === undefined;
        if (changed('read')) assert.ok(whole || parts.has('read'));
        if (changed('flag')) assert.ok(whole || parts.has('flag'));
        if (list(seen.properties) !== list(item.properties)) assert.ok(whole || parts.has('categories'));
        if (seen.properties.lastVerb !== item.properties.lastVerb)
          assert.ok(whole, 'anything else is told with the whole mail');
      }),
    );
  });

  it('are only those that changed', () => {
    const first = {
      properties: changedProperties({ properties: fresh, changed: 5 }, { ...fresh, read: true })!,
      changed: 8,
    };
    assert.deepEqual(partsChangedAfter(first, 5), new Set(['read']));
    assert.deepEqual(partsChangedAfter(first, 7), new Set(['read']));
    const flagged = { ...first.properties, flag: { status: 2 } };
    const second = { properties: changedProperties(first, flagged)!, changed: 12 };
    assert.deepEqual(partsChangedAfter(second, 8), new Set(['flag']));
    assert.deepEqual(partsChangedAfter(second, 7), new Set(['read', 'flag']));
    assert.equal(partsChangedAfter(second, 12), undefined, 'a change that no note tells of: all of it');
  });

  it('are none when nothing changed', () => {
    assert.equal(changedProperties({ properties: fresh, changed: 5 }, { ...fresh }), undefined);
    assert.equal(
      changedProperties({ properties: fresh, changed: 5 }, { ...fresh, categories: [] }),
      undefined,
      'no categories are none',
    );
  });

  it('are not known of a mail that was changed without a note', () => {
    assert.equal(partsChangedAfter({ properties: { ...fresh, read: true }, changed: 9 }, 5), undefined);
  });
});

describe('conversations', () => {
  const message = (headers: string) => derive(Buffer.from(`${headers}\r\n\r\nx`)).message;

  it('hold a message and all that answers it', () => {
    const root = conversationIdOf(message('Subject: a\r\nMessage-ID: <1@x>'));
    assert.equal(Buffer.from(root, 'base64').length, 16);
    assert.equal(conversationIdOf(message('Subject: RE: a\r\nMessage-ID: <2@x>\r\nIn-Reply-To: <1@x>')), root);
    assert.equal(
      conversationIdOf(message('Subject: RE: a\r\nMessage-ID: <3@x>\r\nReferences: <1@x> <2@x>\r\nIn-Reply-To: <2@x>')),
      root,
    );
    assert.notEqual(conversationIdOf(message('Subject: a\r\nMessage-ID: <4@x>')), root);
  });

  it('are written into the properties of new mail', () => {
    const derived = message('Subject: a\r\nMessage-ID: <1@x>');
    assert.deepEqual(newEmailProperties(derived, { read: true }), {
      read: true,
      conversationId: conversationIdOf(derived),
    });
    assert.equal(newEmailProperties(derived, { read: false, flagged: true }).flag?.status, 2);
    assert.equal(newEmailProperties(derived, { read: false, isDraft: true }).isDraft, true);
  });
});
