// A Worker's size is paid at every cold start. 850 KiB is far below what Cloudflare takes: 64 MiB, not compressed.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { wranglerOutput } from '../../scripts/lib/wrangler.mjs';

const limit = 850;

test(`a dry run deploys, and the bundle is at most ${limit} KiB`, async (t) => {
  const outdir = mkdtempSync(join(tmpdir(), 'scim-edge-test-'));
  try {
    const { code, stdout, stderr } = await wranglerOutput('deploy', '--dry-run', '--outdir', outdir);
    assert.equal(code, 0, stdout + stderr);
    const size = stdout.match(/gzip: ([\d.]+) KiB/)?.[1];
    assert.ok(size, `wrangler names no size:\n${stdout}`);
    t.diagnostic(`bundle: ${size} KiB (gzip)`);
    assert.ok(Number(size) <= limit, `${size} KiB (gzip)`);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
});
