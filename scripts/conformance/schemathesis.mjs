// schemathesis with the OpenAPI document that the Worker serves: https://schemathesis.io
// Counts operations: one passes if none of its requests was answered with a 5xx or with anything undeclared.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pythonProgram } from './python.mjs';
import { runProgram } from './suite.mjs';

// Not among them, as docs/CONFORMANCE.md explains: negative_data_rejection and positive_data_acceptance.
const checks = [
  ...['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_headers_conformance'],
  ...['response_schema_conformance', 'unsupported_method', 'allow_header_conformance', 'ignored_auth'],
  ...['use_after_free', 'ensure_resource_availability', 'missing_required_header'],
];

const options = [
  ...['--checks', checks.join(','), '--phases', 'examples,coverage,fuzzing,stateful'],
  // The same requests in every run, and a bounded number of them.
  ...['--seed', '7', '--max-examples', '25', '--workers', '1', '--generation-database', 'none'],
  ...['--continue-on-failure', '--request-timeout', '30', '--report', 'json', '--report-json-path', 'report.json'],
];

async function saveDocument(scimFetch, folder) {
  const { status, text } = await scimFetch('GET', '/openapi.json');
  if (status !== 200) throw new Error(`/openapi.json: ${status} ${text}`);
  writeFileSync(join(folder, 'openapi.json'), text);
}

export default {
  name: 'schemathesis',
  about: '1 to 2 min',
  async run({ scim, scimFetch, token, folder }) {
    await saveDocument(scimFetch, folder);
    const args = ['run', 'openapi.json', '--url', scim, '--header', `Authorization: Bearer ${token}`, ...options];
    const { code, stdout, stderr } = await runProgram(folder, pythonProgram('schemathesis'), args);
    let report;
    try {
      report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
    } catch {
      return { passed: 0, total: 0, failures: [`no report\n${stdout}${stderr}`], reached: false };
    }
    const failed = new Set(report.failures.flatMap(({ operations }) => operations));
    const failures = report.failures.map(({ title, operations }) => `${title}: ${operations.join(', ')}`);
    failures.push(...report.errors.map((error) => JSON.stringify(error)));
    const { tested, total } = report.operations;
    const reached = code === 0 && report.complete && tested === total && failures.length === 0;
    return { passed: tested - failed.size, total, failures, reached, note: `operations, by ${report.test_cases.generated} requests` };
  },
};
