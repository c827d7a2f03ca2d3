// The table of common statuses against the requirement rows (MS-ASCMD section 2.2.2, Common Status Codes).
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import {
  CommonStatus,
  commonStatusName,
  commonStatusValues,
  httpStatusOf,
  statusKnownAt,
} from '../../src/protocol/common-status.ts';

const rows = new URL('../../../shared/spec/requirements/MS-ASCMD.tsv', import.meta.url);

describe('protocol: common statuses', () => {
  it('have their values by name and their names by value', () => {
    assert.equal(CommonStatus.InvalidContent, 101);
    assert.equal(CommonStatus.MaximumDevicesReached, 177);
    assert.equal(commonStatusName(144), 'InvalidPolicyKey');
    assert.equal(commonStatusName(100), undefined);
    assert.equal(new Set(commonStatusValues).size, commonStatusValues.length);
  });

  it('are known from 14.0, some from 14.1 or 16.0; statuses of commands at every version', () => {
    for (const [value, version, known] of [
      [101, 12.1, false],
      [101, 14, true],
      [165, 14, false],
      [165, 14.1, true],
      [178, 14.1, false],
      [178, 16, true],
      [177, 14, true],
      [8, 12.1, true],
    ] as const) {
      assert.equal(statusKnownAt(value, version), known, `${value} at ${version}`);
    }
  });

  it('are HTTP errors up to 12.1, some by command (MS-ASCMD R7546 to R7567)', () => {
    for (const value of commonStatusValues) assert.ok(httpStatusOf(value, 'Sync') >= 400, String(value));
    assert.equal(httpStatusOf(106, 'Sync'), 400);
    assert.equal(httpStatusOf(106, 'SendMail'), 500);
    assert.equal(httpStatusOf(132, 'Sync'), 403);
    assert.equal(httpStatusOf(132, 'Provision'), 500);
    assert.equal(httpStatusOf(999, 'Sync'), 500);
  });

  it('are those of the specification, name by name and HTTP status by HTTP status', function () {
    if (!existsSync(rows)) {
      console.log('    left out: the rows of MS-ASCMD, because ../shared/spec is not there');
      this.skip();
    }
    const texts = readFileSync(rows, 'utf8')
      .split('\n')
      .map((row) => row.split('\t'))
      .filter(([, section]) => section === '2.2.2')
      .map((columns) => columns[5] ?? '');
    // Two rows lost a letter or gained a blank.
    const written: Record<string, string> = {
      'Message PreviouslySent': 'MessagePreviouslySent',
      oveCommandDisallowedForNonPersistentMoveAction: 'MoveCommandDisallowedForNonPersistentMoveAction',
    };
    let names = 0;
    let statuses = 0;
    for (const text of texts) {
      const named = /The value of the element (.+) is (\d+)\./.exec(text);
      if (named !== null) {
        names++;
        assert.equal(commonStatusName(Number(named[2])), written[named[1]!] ?? named[1], text);
      }
      const http = /12\.1 is used, an HTTP (\d+) response is returned instead of this status value \[(\d+)\]/.exec(
        text,
      );
      if (http !== null) {
        statuses++;
        assert.equal(httpStatusOf(Number(http[2]), 'Sync'), Number(http[1]), text);
      }
    }
    assert.ok(names >= 75 && statuses >= 14, `${names} names, ${statuses} statuses`);
    assert.equal(names, commonStatusValues.length);
  });
});
