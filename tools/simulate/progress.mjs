// Shows the progress: a bar on a terminal, a plain line at the end of each part (and every ten seconds) elsewhere.

const every = 10_000;

export class Progress {
  #said = 0;

  /**
   * `write` receives a line; without it nothing is shown. `bar` tells whether the terminal can return to the start of
   * a line.
   */
  constructor({ write, bar = false, requests = () => 0 } = {}) {
    Object.assign(this, { write, bar, requests });
  }

  begin(name, total) {
    Object.assign(this, { name, total, done: 0, begun: performance.now() });
    this.#said = this.begun;
    this.before = this.requests();
  }

  advance() {
    this.done += 1;
    const now = performance.now();
    if (now - this.#said < (this.bar ? 100 : every)) return;
    this.#said = now;
    this.#show(now);
  }

  end() {
    this.#show(performance.now());
    if (this.bar) this.write?.('\n');
  }

  #show(now) {
    const share = this.total ? this.done / this.total : 1;
    const rate = (this.requests() - this.before) / Math.max((now - this.begun) / 1000, 0.001);
    const figures = `${this.done}/${this.total}, ${rate.toFixed(0)} requests/s`;
    const drawn = '#'.repeat(Math.round(share * 30)).padEnd(30, '.');
    this.write?.(this.bar ? `\r${this.name.padEnd(28)} [${drawn}] ${figures}\x1b[K` : `${this.name}: ${figures}\n`);
  }
}
