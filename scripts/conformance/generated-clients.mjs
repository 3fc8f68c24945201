// Clients that code generators make of the OpenAPI document that the Worker serves:
// https://pypi.org/project/openapi-python-client/ and https://www.npmjs.com/package/@hey-api/openapi-ts. The
// generators must not warn; then each client runs the steps of tests/conformance/generated-clients. The result counts
// generations and the steps of the clients.

import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { root, tools } from '../lib/paths.mjs';
import { capture, run } from '../lib/process.mjs';
import { pythonProgram } from './python.mjs';

const programs = join(root, 'tests', 'conformance', 'generated-clients');
const npmTools = join(tools, 'openapi-ts');
const npmPackages = { '@hey-api/openapi-ts': '0.99.0', typescript: '5.9.3' };
const inPackage = (name, ...path) => join(npmTools, 'node_modules', ...name.split('/'), ...path);
/** The number of steps of a client; a step that is not printed has not been done. */
const steps = 16;

const isThere = ([name, version]) =>
  existsSync(inPackage(name, 'package.json')) && JSON.parse(readFileSync(inPackage(name, 'package.json'), 'utf8')).version === version;

async function ensureNpmPackages() {
  const packages = Object.entries(npmPackages);
  if (packages.every(isThere)) return;
  mkdirSync(npmTools, { recursive: true });
  const names = packages.map(([name, version]) => `${name}@${version}`);
  await run('npm', ['install', '--prefix', npmTools, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error', ...names]);
}

/** Runs a program, keeps what it prints as a file of that name, and returns it with the exit code. */
async function kept(folder, name, program, args, options = {}) {
  const { code, stdout, stderr } = await capture(program, args, { cwd: folder, env: { NO_COLOR: '1', ...options.env } });
  writeFileSync(join(folder, `${name}.txt`), stdout + stderr);
  return { code, printed: stdout + stderr };
}

const languages = [
  {
    name: 'openapi-python-client',
    async generate(folder) {
      const args = ['generate', '--path', 'openapi.json', '--meta', 'none', '--output-path', 'scim_client', '--overwrite', '--fail-on-warning'];
      // It formats its output with a program of the same environment, and warns if that is not on the PATH.
      const path = [dirname(pythonProgram('python')), process.env.PATH].join(delimiter);
      return kept(folder, 'python-generator', pythonProgram('openapi-python-client'), args, { env: { PATH: path } });
    },
    use: (folder, args) => kept(folder, 'python-client', pythonProgram('python'), [join(programs, 'client.py'), ...args]),
  },
  {
    name: '@hey-api/openapi-ts',
    async generate(folder) {
      copyFileSync(join(programs, 'client.ts'), join(folder, 'client.ts'));
      const args = [inPackage('@hey-api/openapi-ts', 'bin', 'run.js'), '--input', 'openapi.json', '--output', 'scim-client'];
      return kept(folder, 'typescript-generator', process.execPath, args);
    },
    async use(folder, args) {
      const strictness = { strict: true, noUncheckedIndexedAccess: true };
      const runtime = { target: 'es2022', module: 'commonjs', moduleResolution: 'node10', lib: ['es2022', 'dom', 'dom.iterable'], types: [] };
      const compilerOptions = { ...strictness, ...runtime, outDir: 'compiled' };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['client.ts'] }));
      const compiled = await kept(folder, 'typescript-compiler', process.execPath, [inPackage('typescript', 'bin', 'tsc')]);
      if (compiled.code !== 0) return compiled;
      writeFileSync(join(folder, 'compiled', 'package.json'), '{"type": "commonjs"}');
      return kept(folder, 'typescript-client', process.execPath, [join('compiled', 'client.js'), ...args]);
    },
  },
];

async function judge({ name, generate, use }, folder, args) {
  const generated = await generate(folder);
  const isQuiet = generated.code === 0 && !/warn|error|skip|deprecat/i.test(generated.printed);
  if (!isQuiet) return { passed: 0, failures: [`${name} does not generate without a warning:\n${generated.printed}`] };
  const used = await use(folder, args);
  const passed = used.printed.split('\n').filter((line) => line.startsWith('ok  ')).length;
  return { passed: 1 + passed, failures: used.code === 0 && passed === steps ? [] : [`${name}:\n${used.printed}`] };
}

export default {
  name: 'generated-clients',
  about: 'about 10 s; the first time half a minute more',
  async run({ scim, scimFetch, token, folder }) {
    await ensureNpmPackages();
    writeFileSync(join(folder, 'openapi.json'), (await scimFetch('GET', '/openapi.json')).text);
    const results = [];
    for (const language of languages) results.push(await judge(language, folder, [scim, token]));
    const failures = results.flatMap((result) => result.failures);
    const passed = results.reduce((sum, result) => sum + result.passed, 0);
    const total = languages.length * (1 + steps);
    return { passed, total, failures, reached: failures.length === 0 && passed === total, note: 'generations and steps' };
  },
};
