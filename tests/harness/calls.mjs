// Modules around the built Worker that count how often its wasm calls JavaScript. Each call costs time, whatever it does.

/** Answers `/calls` with how often each function was called since the last time: { name: count }. */
const main = `
import './counted.js';
import Worker from './index.js';

export default {
  fetch(request, env, context) {
    if (new URL(request.url).pathname !== '/calls') return new Worker(context, env).fetch(request);
    const { calls } = globalThis;
    globalThis.calls = {};
    return Response.json(calls);
  },
};
`;

/** Counts the calls of each import. It is evaluated before the Worker's module makes an instance. */
const counted = `
globalThis.calls = {};
const { Instance } = WebAssembly;
const count = (name, call) => function (...given) {
  globalThis.calls[name] = (globalThis.calls[name] ?? 0) + 1;
  return call.apply(this, given);
};
WebAssembly.Instance = class extends Instance {
  constructor(module, imports) {
    for (const functions of Object.values(imports)) {
      for (const [name, call] of Object.entries(functions)) if (typeof call === 'function') functions[name] = count(name, call);
    }
    super(module, imports);
  }
};
`;

/** The modules around the built ones. */
export const counting = {
  mainModule: 'calls.js',
  modules: { 'calls.js': { type: 'esm', contents: main }, 'counted.js': { type: 'esm', contents: counted } },
};

/** Returns how often each function was called since the last time, by its name without what the glue adds to it. */
export async function takeCalls(url) {
  const calls = Object.create(null);
  for (const [name, count] of Object.entries(await (await fetch(`${url}/calls`)).json())) {
    const short = name.replace(/^__wbg_/, '').replace(/_[0-9a-f]{16}$/, '');
    calls[short] = (calls[short] ?? 0) + count;
  }
  return calls;
}
