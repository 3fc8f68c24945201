// Randomness that a seed repeats. A `Random` is drawn from in order, by code that runs alone; `dice` depends only on
// its words, so that tasks running side by side decide alike in every run.

const scale = 2 ** 32;

function mixed(state) {
  let value = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
  return (value ^ (value >>> 15)) >>> 0;
}

/** Returns a number from 0 up to 1 that depends only on the words. */
export function dice(...words) {
  let hash = 0x811c9dc5;
  for (const character of words.join('\u0000')) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  return mixed(hash) / scale;
}

export class Random {
  #state;

  constructor(...seed) {
    this.#state = Math.floor(dice(...seed) * scale);
  }

  /** Returns a number from 0 up to 1. */
  next() {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    return mixed(this.#state) / scale;
  }

  /** Returns a whole number from 0 up to `below`. */
  whole(below) {
    return Math.floor(this.next() * below);
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[this.whole(list.length)];
  }

  /** Returns up to `count` different elements. */
  some(list, count) {
    const rest = [...list];
    const taken = Math.min(count, rest.length);
    for (let place = 0; place < taken; place += 1) {
      const other = place + this.whole(rest.length - place);
      [rest[place], rest[other]] = [rest[other], rest[place]];
    }
    return rest.slice(0, taken);
  }

  uuid() {
    const hex = Array.from({ length: 4 }, () => this.whole(scale).toString(16).padStart(8, '0')).join('');
    const variant = '89ab'[this.whole(4)];
    return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20), hex.slice(20)].join('-');
  }
}
