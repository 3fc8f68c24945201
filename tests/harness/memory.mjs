// How much memory the Worker's wasm has: modules around the built one, for tests that bound it. The module never
// gives memory back, so each measurement begins with a new instance of the module.

/** Answers `/memory` with the bytes of the module's memory, and a DELETE of it after a new instance was made. */
const main = `
import './instances.js';
import Worker from './index.js';

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname !== '/memory') return new Worker(context, env).fetch(request);
    if (request.method === 'DELETE') {
      // As after a trap: worker-build's glue makes a new instance before the next request.
      globalThis.__worker_init_state.criticalError = true;
      await new Worker(context, env).fetch(new Request('https://memory.invalid/nowhere'));
    }
    return Response.json(globalThis.memory.buffer.byteLength);
  },
};
`;

/** Keeps the memory of the newest instance. It is evaluated before the Worker's module makes one. */
const instances = `
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...given) {
    super(...given);
    globalThis.memory = this.exports.memory;
  }
};
`;

/** The modules around the built ones. */
export const measured = {
  mainModule: 'memory.js',
  modules: { 'memory.js': { type: 'esm', contents: main }, 'instances.js': { type: 'esm', contents: instances } },
};

/** Returns memory() -> bytes, and memory.renew(), which begins with a new instance. */
export function memoryClient(url) {
  const ask = async (method) => (await fetch(`${url}/memory`, { method })).json();
  return Object.assign(() => ask('GET'), { renew: () => ask('DELETE') });
}
