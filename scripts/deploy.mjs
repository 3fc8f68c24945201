// `npm run deploy`: finds or creates the database and the namespace, demands the secrets, migrates, deploys.
// `npm run deploy -- --dry-run` only bundles and checks, without network or account. Any other argument deploys nothing.

import { build } from './build.mjs';
import { writeDeployConfig } from './deploy/config.mjs';
import { ensureDatabase, ensureNamespace } from './deploy/resources.mjs';
import { withSecrets } from './deploy/secret.mjs';
import { upload } from './deploy/upload.mjs';
import { main, Stop } from './lib/process.mjs';
import { wrangler } from './lib/wrangler.mjs';
import { ensureSetup } from './setup.mjs';

/** Whether to deploy nothing. npm keeps what stands before `--` to itself, and says so in the environment. */
function isDryRun() {
  const unknown = process.argv.slice(2).find((argument) => argument !== '--dry-run');
  if (unknown) throw new Stop(`nothing is deployed: \`npm run deploy\` takes -- --dry-run alone, not \`${unknown}\``);
  return process.argv.length > 2 || process.env.npm_config_dry_run === 'true';
}

async function deploy() {
  const config = writeDeployConfig({
    databaseId: await ensureDatabase('scim-edge'),
    namespaceId: await ensureNamespace('scim-edge-directory-copy'),
  });
  await withSecrets(config, async (secretArguments) => {
    await wrangler('d1', 'migrations', 'apply', 'DB', '--remote', '--config', config);
    const address = await upload('--config', config, ...secretArguments);
    console.log(`\n  Tenant URL:   ${address ?? 'https://<your domain>'}/scim/v2`);
    console.log('  Secret Token: the secret SCIM_TOKEN of the Worker');
    console.log('  More tenants: npm run tenant -- create <name> --remote --url <address>, once the secret ADMIN_TOKEN is set:');
    console.log(`                npm run wrangler -- secret put ADMIN_TOKEN --config ${config}\n`);
  });
}

await main(async () => {
  const dryRun = isDryRun();
  await ensureSetup();
  await build();
  if (dryRun) await wrangler('deploy', '--dry-run', '--outdir', '.wrangler/dry-run');
  else await deploy();
});
