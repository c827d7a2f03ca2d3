// `easel serve` takes a renewed certificate on SIGHUP, as docs/operations.md says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect } from 'node:tls';
import { easelServe, endLeftOvers, inTemporaryDirectory } from './easel-process.ts';

/** Makes a key and a certificate of its own for `name`. */
function makeCertificate(name: string, certificate: string, key: string): void {
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const args = ['req', '-x509', ...made, '-subj', `/CN=${name}`, '-keyout', key, '-out', certificate];
  execFileSync('openssl', args, { stdio: 'ignore' });
}

function nameShown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

describe('easel serve with TLS', function () {
  this.timeout(60_000);
  afterEach(endLeftOvers);
  before(function () {
    try {
      execFileSync('openssl', ['version'], { stdio: 'ignore' });
    } catch {
      console.warn('notice: no openssl; the renewal of certificates is not tested');
      this.skip();
    }
  });

  it('shows a renewed certificate after SIGHUP, not before', () =>
    inTemporaryDirectory(async (directory) => {
      const [certificate, key] = [join(directory, 'chain.pem'), join(directory, 'key.pem')];
      makeCertificate('first.example.test', certificate, key);
      const variables = { EASEL_TLS_CERTIFICATE: certificate, EASEL_TLS_KEY: key };
      const { ready, child, finished } = await easelServe(['--ephemeral'], { variables });
      const port = Number(new URL(ready.url).port);
      assert.equal(await nameShown(port), 'first.example.test');
      makeCertificate('second.example.test', certificate, key);
      assert.equal(await nameShown(port), 'first.example.test');
      child.kill('SIGHUP');
      while ((await nameShown(port)) !== 'second.example.test') await nextTurn();
      child.kill('SIGTERM');
      const { code, stderr } = await finished;
      assert.equal(code, 0);
      assert.match(stderr, /The certificate was read again\./);
    }));
});
