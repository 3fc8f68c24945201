// `npm run deploy`: finds or creates the database and the namespace, demands the secrets, migrates, deploys. `npm run
// deploy -- --token-stdin` reads SCIM_TOKEN from standard input; at a terminal it is asked for if there is none yet.
// `npm run deploy -- --dry-run` only bundles and checks, without network or account. With any other argument nothing
// is deployed.

import { build } from './build.mjs';
import { writeDeployConfig } from './deploy/config.mjs';
import { ensureDatabase, ensureNamespace } from './deploy/resources.mjs';
import { givenToken, withSecrets } from './deploy/secret.mjs';
import { upload } from './deploy/upload.mjs';
import { main, UserError } from './lib/process.mjs';
import { wrangler } from './lib/wrangler.mjs';
import { ensureSetup } from './setup.mjs';

const options = ['--dry-run', '--token-stdin'];

/** Returns the given options. npm keeps what stands before `--` to itself, and passes it in the environment. */
function readOptions() {
  const unknown = process.argv.slice(2).find((argument) => !options.includes(argument));
  if (unknown) throw new UserError(`nothing is deployed: \`npm run deploy\` takes -- ${options.join(' or ')} alone, not \`${unknown}\``);
  const ofNpm = (option) => process.env[`npm_config_${option.slice(2).replaceAll('-', '_')}`] === 'true';
  const given = (option) => process.argv.includes(option) || ofNpm(option);
  return { dryRun: given('--dry-run'), tokenStdin: given('--token-stdin') };
}

async function deploy(token) {
  const config = writeDeployConfig({
    databaseId: await ensureDatabase('scim-edge'),
    namespaceId: await ensureNamespace('scim-edge-directory-copy'),
  });
  await withSecrets(config, token, async (secretArguments) => {
    await wrangler('d1', 'migrations', 'apply', 'DB', '--remote', '--config', config);
    const address = await upload('--config', config, ...secretArguments);
    console.log(`\n  Tenant URL:   ${address ?? 'https://<your domain>'}/scim/v2`);
    console.log('  Secret Token: the secret SCIM_TOKEN of the Worker');
    console.log('  More tenants: npm run tenant -- create <name> --remote --url <address>, once the secret ADMIN_TOKEN is set:');
    console.log('                npm run admin-token\n');
  });
}

await main(async () => {
  const { dryRun, tokenStdin } = readOptions();
  // Before anything that takes minutes.
  const token = dryRun ? undefined : await givenToken(tokenStdin);
  await ensureSetup();
  await build();
  if (dryRun) await wrangler('deploy', '--dry-run', '--outdir', '.wrangler/dry-run');
  else await deploy(token);
});
