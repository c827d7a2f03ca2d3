// HTTPS with a certificate from files (MS-ASHTTP section 2.1, Transport).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type PeerCertificate } from 'node:tls';
import { command, startTestServer } from './test-server.ts';

describe('http: TLS', () => {
  let folder: string;
  before(async function () {
    try {
      execFileSync('openssl', ['version'], { stdio: 'ignore' });
    } catch {
      console.log('    left out: TLS, because there is no openssl to make certificates with');
      this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 'easel-tls-'));
  });
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const make = (name: string) => {
    const [certificateFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const arguments_ = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    execFileSync('openssl', [...arguments_, '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', certificateFile], {
      stdio: 'ignore',
    });
    return { certificateFile, keyFile };
  };
  const handshake = (port: number, options: { maxVersion?: 'TLSv1.1' } = {}) =>
    new Promise<{ name: PeerCertificate['subject']['CN']; protocol: string | null }>((resolve, reject) => {
      const legacy =
        options.maxVersion === undefined ? {} : { minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' };
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...legacy, ...options }, () => {
        resolve({ name: socket.getPeerCertificate().subject.CN, protocol: socket.getProtocol() });
        socket.destroy();
      });
      socket.on('error', reject);
    });

  it('speaks TLS 1.2 and later, and takes a new certificate without a restart', async () => {
    const tls = make('first.example.com');
    const server = await startTestServer({ commands: [command('Ping')], settings: { tls } });
    assert.deepEqual(await handshake(server.port), { name: 'first.example.com', protocol: 'TLSv1.3' });
    await assert.rejects(handshake(server.port, { maxVersion: 'TLSv1.1' }));
    make('second.example.com');
    assert.equal((await handshake(server.port)).name, 'first.example.com');
    await server.http.reloadCertificate();
    assert.equal((await handshake(server.port)).name, 'second.example.com');
    await writeFile(tls.certificateFile, 'no certificate');
    await assert.rejects(server.http.reloadCertificate());
    assert.equal((await handshake(server.port)).name, 'second.example.com');
    await server.stop();
  });

  it('does not start without its certificate', async () => {
    const tls = { certificateFile: join(folder, 'absent.pem'), keyFile: join(folder, 'absent.pem') };
    await assert.rejects(startTestServer({ commands: [], settings: { tls } }), { code: 'ENOENT' });
  });
});
